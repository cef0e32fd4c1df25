"""What is typed or chosen on the worklist."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from cordee.access.models import Account
from cordee.kernel.errors import DomainError
from cordee.kernel.templating import url
from cordee.pathways import rules
from cordee.pathways.models import Task
from cordee.pathways.selectors import Wanted

PAGES = {
    "intake/request": "intake:request",
    "intake/refusal": "intake:stopped",
    "broker/solicitation": "broker:search",
    "people/person": "web:person",
    "people/emergency": "people:emergency_review",
    "people/merge": "people:merged",
    "people/pairs": "people:pairs",
    "plans/plan": "plans:plan",
    "plans/action": "plans:action",
    "assessments/response": "assessments:result",
    "protocols/rupture": "protocols:rupture",
    "meetings/meeting": "meetings:meeting",
    "meetings/decision": "meetings:decision",
    "meetings/note": "meetings:dilemma",
    "messaging/inbound": "messaging:inbound",
    "messaging/message": "messaging:message",
}
# Who comes is looked at on the search, which is read longer than the request that it served.
ABOUT_THE_SEARCH = dict.fromkeys(("place_gone", "tell_winner"), "pathways:search_of")


WHOSE = ("mine", "team", "put_off")
LONGEST = 200  # characters of where a page ended


@dataclass(frozen=True)
class WorklistFilter:
    """The filters of the worklist; what is not understood is as if it were not asked."""

    BOXES: ClassVar = Task.Box.choices

    boite: str
    qui: str
    urgence: str

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "WorklistFilter":
        """Keep what is understood of an address."""
        return cls(
            _among(Task.Box.values, given.get("boite")),
            _among(WHOSE, given.get("qui")),
            _among(Task.Urgency.values, given.get("urgence")),
        )

    def wanted(self, after: str) -> Wanted:
        """The filters as the selector wants them, from where a page ended."""
        return Wanted(
            box=self.boite,
            whose=self.qui or "mine",
            urgency=int(self.urgence) if self.urgence else None,
            after=after if len(after) <= LONGEST else "",
        )

    def query(self, **changed: str) -> str:
        """The filters as an address carries them, with some changed."""
        kept = {"boite": self.boite, "qui": self.qui, "urgence": self.urgence} | changed
        return urlencode({name: value for name, value in kept.items() if value})

    def address(self, **changed: str) -> str:
        """The address of the worklist with some filters changed."""
        return f"{url('pathways:worklist')}?{self.query(**changed)}"


def _among(choices: Iterable[object], chosen: str | None) -> str:
    return next((str(one) for one in choices if str(one) == chosen), "")


def page_of(origin: str, kind: str = "") -> str | None:
    """The page of the thing a task is about, if a room shows it."""
    room_and_kind, _, identifier = origin.rpartition("/")
    name = ABOUT_THE_SEARCH.get(kind) or PAGES.get(room_and_kind)
    try:
        return reverse(name, args=[identifier] if identifier else []) if name else None
    except NoReverseMatch:
        return None


def snoozed_until(data: Mapping[str, str], now: datetime) -> datetime:
    """The moment chosen. Raises DomainError for one that is not offered."""
    try:
        return rules.snooze_until(str(data.get("until", "30min")), now)
    except KeyError:
        raise DomainError(
            "pathways.snooze_unknown",
            "Ce délai n’existe pas. La tâche n’a pas bougé : choisissez un délai de la liste.",
        ) from None


def colleague(data: Mapping[str, str], people: Iterable[Account]) -> Account | None:
    """The colleague chosen; None leaves to the team. Raises DomainError for a stranger."""
    chosen = str(data.get("to", ""))
    if chosen in ("", "equipe"):
        return None
    for one in people:
        if str(one.pk) == chosen:
            return one
    raise DomainError(
        "pathways.not_a_colleague",
        "Cette personne n’est pas, ou n’est plus, de votre équipe. La tâche reste où elle était.",
    )
