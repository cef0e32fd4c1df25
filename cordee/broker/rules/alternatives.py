"""Ce que les refus apprennent : des propositions concrètes quand personne n’a dit oui."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cordee.broker.rules.filters import Barrier

NO_TEXTS = "no_texts"  # why a search ends: texts about this person may not leave
QUIET = "quiet"  # why a search ends: nobody may be written to before its deadline


class Refusal(StrEnum):
    """Why a professional says no: a code they choose, never a free clinical word."""

    TOO_FAR = "too_far"
    FULL = "full"
    HOURS = "hours"
    KIND = "kind"
    ABSENT = "absent"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _REFUSALS[self]


_REFUSALS = {
    Refusal.TOO_FAR: "trop loin de ma tournée",
    Refusal.FULL: "tournée complète",
    Refusal.HOURS: "horaire impossible",
    Refusal.KIND: "soin que je ne pratique pas",
    Refusal.ABSENT: "absent ou en congés",
    Refusal.OTHER: "autre raison",
}


@dataclass(frozen=True)
class Asked:
    """What a question was about, as far as a refusal may be: `begins` knows its zone."""

    kinds: frozenset[str]
    commune: str
    moments: frozenset[str]
    begins: datetime
    at_once: bool  # from the moment of the question, not from a day that was said

    @property
    def day(self) -> date | None:
        """The day that was said."""
        return None if self.at_once else self.begins.date()


def still_refused(refusal: str, then: Asked | None, now: Asked) -> bool:
    """Say whether a refusal holds for what is asked now: what its reason is about is the same.

    `then` is None where what was asked is known no more: it was another need."""
    if then is None or refusal in ("", Refusal.OTHER):
        return refusal in ("", Refusal.OTHER)
    match refusal:
        case Refusal.TOO_FAR:
            return then.commune == now.commune
        case Refusal.KIND:
            return then.kinds == now.kinds
        case Refusal.HOURS:
            return (then.moments, then.day) == (now.moments, now.day)
    return then.begins.isocalendar()[:2] == now.begins.isocalendar()[:2]  # full, absent


def is_same_need(then: Asked, now: Asked) -> bool:
    """Say whether one is asked now what was asked then; a day that has come is at once."""
    begins = then.begins <= now.begins if now.at_once else then.day == now.day
    same = (then.kinds, then.commune, then.moments) == (now.kinds, now.commune, now.moments)
    return begins and same


class Proposal(StrEnum):
    """A next gesture for the team, in the order of the code below."""

    LATER_OFFERS = "later_offers"
    SHIFT_HOURS = "shift_hours"
    WIDEN_ZONE = "widen_zone"
    OTHER_PROFESSION = "other_profession"
    LIFT_CAP = "lift_cap"
    PHONE_LIST = "phone_list"

    @property
    def label(self) -> str:
        return _PROPOSALS[self]


_PROPOSALS = {
    Proposal.LATER_OFFERS: "Rappeler ceux qui ont dit oui sans confirmer, ou pour plus tard",
    Proposal.SHIFT_HOURS: "Proposer un autre horaire de visite",
    Proposal.WIDEN_ZONE: "Élargir aux communes voisines",
    Proposal.OTHER_PROFESSION: "Demander à une structure ou à une autre profession",
    Proposal.LIFT_CAP: "Appeler ceux qui ont atteint leur nombre de la semaine",
    Proposal.PHONE_LIST: "Appeler un par un, avec la liste des numéros",
}


@dataclass(frozen=True)
class Found:
    """A proposal and how many facts speak for it."""

    proposal: Proposal
    weight: int


def proposals(
    refusals: Iterable[Refusal],
    barriers: Iterable[Barrier] = (),
    later_offers: int = 0,
    reason: str = "",
) -> tuple[Found, ...]:
    """Turn refusals and barriers met into proposals, best supported first; never none.

    Where texts may not leave, or not in time, nobody was asked: the telephone comes first, not a
    wider silence.
    """
    if reason in (NO_TEXTS, QUIET):
        offers = (Found(Proposal.LATER_OFFERS, later_offers),) if later_offers else ()
        return (*offers, Found(Proposal.PHONE_LIST, 0))
    said, met = Counter(refusals), Counter(barriers)
    weights = {
        Proposal.LATER_OFFERS: 100 * later_offers,
        Proposal.SHIFT_HOURS: said[Refusal.HOURS] + met[Barrier.OUT_OF_HOURS],
        Proposal.WIDEN_ZONE: said[Refusal.TOO_FAR] + said[Refusal.FULL] + met[Barrier.OUT_OF_ZONE],
        Proposal.OTHER_PROFESSION: said[Refusal.KIND] + met[Barrier.OTHER_KIND],
        Proposal.LIFT_CAP: met[Barrier.CAP],
    }
    order = list(Proposal)
    supported = [Found(one, weight) for one, weight in weights.items() if weight]
    supported.sort(key=lambda found: (-found.weight, order.index(found.proposal)))
    silent = sum(said.values()) + sum(met.values()) == 0
    if silent and Proposal.WIDEN_ZONE not in {found.proposal for found in supported}:
        supported.append(Found(Proposal.WIDEN_ZONE, 0))
    return (*supported, Found(Proposal.PHONE_LIST, 0))
