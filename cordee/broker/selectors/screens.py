"""What screens of the broker show, narrowed to who looks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404

from cordee.access.actor import Actor
from cordee.access.fetched import FetchAbout
from cordee.access.policy import get_visible, is_allowed, sees_row
from cordee.access.sight import by_the_house
from cordee.broker import rules
from cordee.broker.models import Call, Invitation, Solicitation
from cordee.broker.selectors import pools
from cordee.broker.selectors.links import link_sent
from cordee.broker.selectors.origins import origin_of
from cordee.broker.selectors.searches import (
    expected_no_more,
    is_held_by_away,
    is_held_outside,
    refusals_of,
    taken_up_by,
    winner_of,
)
from cordee.broker.selectors.shares import solicitable
from cordee.directory import selectors as directory
from cordee.directory.models import Practice, Practitioner
from cordee.directory.selectors.practitioners import DECLARED
from cordee.kernel.latches import latched
from cordee.kernel.typography import said_span
from cordee.messaging import selectors as messaging
from cordee.messaging.models import Message

INVITATIONS = Invitation.objects.select_related("practitioner").order_by("wave", "tier", "pk")
BOARD_LENGTH = 200


def open_solicitations(actor: Actor) -> list[Solicitation]:
    """The board: one row per need that is not settled: what is searched, then what found nobody.

    Most urgent first. Two queries, always.
    """
    exhausted = Q(state=Solicitation.State.EXHAUSTED)
    shown = Q(state__in=(*Solicitation.OPEN, Solicitation.State.FILLED)) | exhausted & ~latched()
    return list(
        Solicitation.objects.visible_to(actor)
        .filter(shown, followed_by=None)
        .select_related("person", "commune", "organization")
        .prefetch_related(Prefetch("invitations", queryset=INVITATIONS))
        .annotate(
            is_over=exhausted,
            asked=Count("invitations"),
            waiting=Count(
                "invitations",
                filter=Q(invitations__answer="waiting", invitations__taken_back_at=None),
            ),
        )
        .order_by("is_over", "deadline_at", "pk")[:BOARD_LENGTH]
    )


def get_solicitation(actor: Actor, pk: UUID | str) -> Solicitation:
    """Give a search with what its page names; raises Http404. Two queries."""
    found = Solicitation.objects.select_related(
        "person", "commune", "organization", "usual_practitioner"
    )
    return get_visible(actor, found, pk)


def get_invitation(actor: Actor, pk: UUID | str) -> Invitation:
    """Give an invitation with its search; raises Http404. Three queries."""
    return _with_the_search(Invitation.objects.filter(pk=get_visible(actor, Invitation, pk).pk))[0]


@by_the_house
def _with_the_search(seen: QuerySet[Invitation]) -> list[Invitation]:
    """Join to questions that one sees the search they are about. One query.

    By the house: whether a yes still means something depends on the person, whom the professional
    who is asked does not know; what is shown of her is the rule of `broker.read_contact`.
    """
    joined = seen.select_related(
        "solicitation__person",
        "solicitation__commune",
        "solicitation__organization",
        "practitioner",
    )
    return list(joined.order_by("-asked_at", "-pk"))


@by_the_house
def called_off(actor: Actor, pk: UUID) -> Invitation:
    """Give whom a desk calls so that they do not come, by the search that ended; raises Http404.
    Four queries.

    By the house: the desk may follow the person no more, and still owes that call.
    """
    search = Solicitation.objects.filter(pk=pk).first()
    if search is None or not is_allowed(actor, "broker.call_off", search):
        raise Http404
    found = expected_no_more(search)
    if found is None:
        raise Http404  # nobody was to come, or they come again
    return found


@dataclass(frozen=True)
class Detail:
    """Everything the page of a search shows."""

    solicitation: Solicitation
    invitations: list[Invitation]
    calls: list[Call]
    following: list[tuple[Practitioner, rules.Ranked]]
    barred: list[tuple[Practitioner, tuple[rules.Barrier, ...]]]
    proposals: tuple
    settings: rules.SearchSettings
    link: Message | None
    numbers: dict[UUID, list[str]]
    declined: list[Practitioner]
    unsent: set[UUID]
    is_outside: bool  # who comes is of the circle no more
    is_away: bool  # who comes has declared to be away then
    later: Solicitation | None  # the search that took up this one, which ended

    @property
    def winner(self) -> Invitation | None:
        """The one who said yes, identity known."""
        won = (one for one in self.invitations if one.answer == Invitation.Answer.ACCEPTED)
        return next(won, None)

    @property
    def may_ask(self) -> bool:
        """Whether asking at once could write to anybody: the next in order or, where the search
        found nobody, also those asked who neither refused nor gave up."""
        final = (Invitation.Answer.DECLINED, *Invitation.SETTLED)
        is_over = self.solicitation.state == Solicitation.State.EXHAUSTED
        again = is_over and any(one.answer not in final for one in self.invitations)
        return bool(self.following) or again

    @property
    def callable(self) -> list[Practitioner]:
        """Those whom one may try by phone: asked without a yes, next in order, whose no of an
        earlier search may have become a yes, and whom no text reaches but a call does."""
        asked = [one.practitioner for one in self.invitations]
        following = [practitioner for practitioner, _ in self.following]
        beyond = [one for one, why in self.barred if not rules.NEVER_CALLED.intersection(why)]
        return list(dict.fromkeys([*asked, *following, *self.declined, *beyond]))


def detail(actor: Actor, solicitation: Solicitation, now: datetime) -> Detail:
    """Explain a search: attempts, who comes next and why, who cannot and why. About 17 queries."""
    found = pools.pool(solicitation, now)
    ids = {one.candidate.practitioner_id for one in found.ranked} | {pk for pk, _ in found.barred}
    people = Practitioner.objects.visible_to(actor).in_bulk(ids | {*solicitation.declined})
    winner = winner_of(solicitation)
    refusals, offers = refusals_of(solicitation)
    barred = [(people[pk], why) for pk, why in found.barred if _is_near_miss(why)]
    invitations = list(INVITATIONS.visible_to(actor).filter(solicitation=solicitation))
    called = {*ids, *solicitation.declined, *(one.practitioner_id for one in invitations)}
    return Detail(
        solicitation=solicitation,
        invitations=invitations,
        calls=list(
            Call.objects.visible_to(actor)
            .filter(solicitation=solicitation)
            .select_related("practitioner", "caller")
            .order_by("called_at", "pk")
        ),
        numbers=directory.numbers_to_call(called),
        following=[(people[one.candidate.practitioner_id], one) for one in found.ranked],
        barred=sorted(barred, key=lambda pair: (len(pair[1]), str(pair[0]), str(pair[0].pk))),
        proposals=rules.proposals(refusals, found.barriers_met(), offers, solicitation.end_reason),
        settings=pools.settings_of(solicitation.urgency),
        link=link_sent(actor, winner) if winner else None,
        declined=[people[one] for one in solicitation.declined if one in people],
        unsent=_unsent(invitations),
        is_outside=is_held_outside(solicitation),
        is_away=is_held_by_away(solicitation, now),
        later=_later(actor, solicitation),
    )


def _later(actor: Actor, solicitation: Solicitation) -> Solicitation | None:
    """The search that took up one that ended, if the actor may see it. Three queries at most."""
    later = taken_up_by(solicitation)
    return later if later and sees_row(actor, Solicitation, later.pk) else None


def _unsent(invitations: list[Invitation]) -> set[UUID]:
    """Those whose question still waits in the outbox: nobody has read it. One query."""
    asked = {origin_of(one): one.pk for one in invitations if one.is_waiting_by_text}
    return {asked[one] for one in messaging.still_here(list(asked), "broker.ask")}


def _is_near_miss(reasons: tuple[rules.Barrier, ...]) -> bool:
    return rules.Barrier.ASKED not in reasons and rules.Barrier.PROFESSION not in reasons


def searches_of_person(actor: Actor, person_id: UUID) -> list[Solicitation]:
    """List the searches for a person, latest first. Two queries, planned once."""
    return _searches(actor, person_id)


_searches = FetchAbout(lambda: Solicitation.objects.order_by("-launched_at", "-pk"), limit=20)


# -- what a professional sees of herself ---------------------------------------------------------


def my_invitations(actor: Actor, limit: int = 50) -> list[Invitation]:
    """List the questions put to a professional, latest first. Two queries."""
    found = Invitation.objects.visible_to(actor).filter(practitioner=actor.practitioner_id)
    latest = list(found.order_by("-asked_at", "-pk").values_list("pk", flat=True)[:limit])
    return _with_the_search(Invitation.objects.filter(pk__in=latest))


def own_practice(actor: Actor) -> Practice:
    """Give what a professional declared of herself; raises Http404. Three queries."""
    practice = _practice_of(actor)
    if practice is None:
        raise Http404
    return practice


def _practice_of(actor: Actor) -> Practice | None:
    return directory.practice_of(actor, actor.practitioner_id) if actor.practitioner_id else None


@dataclass(frozen=True)
class OwnRanking:
    """How a professional is ranked, and how fairly they and their colleagues are asked."""

    mine: rules.Ranked
    practice: Practice
    expected: float
    share: float | None
    tolerance: float
    colleagues: int


def my_ranking(actor: Actor, now: datetime, tolerance: float) -> OwnRanking | None:
    """Explain her own ranking to a professional. About eight queries."""
    practice = _practice_of(actor)
    if practice is None:
        return None
    rows = _measured(_sharing_zone(practice.communes, practice.practitioner.profession), now)
    ranked = {
        one.candidate.practitioner_id: one
        for one in rules.ranked([row.candidate for row in rows], seed="")
    }
    mine = ranked.get(practice.practitioner_id)
    if mine is None:
        mine = rules.ranked([_measured([practice], now)[0].candidate], seed="")[0]
    sent, hours = _counts(rows)
    expected = rules.expected_solicitations(sent, hours).get(practice.practitioner_id, 0.0)
    share = rules.fairness_share(sent, hours, tolerance)
    return OwnRanking(mine, practice, expected, share, tolerance, len(rows))


@dataclass(frozen=True)
class Measured:
    """A professional with what fairness compares."""

    practice: Practice
    candidate: rules.Candidate


def _sharing_zone(communes: list[str], profession: str) -> list[Practice]:
    near = Practice.objects.filter(communes__overlap=communes, practitioner__profession=profession)
    joined = solicitable(near).select_related("practitioner").prefetch_related(*DECLARED)
    return list(joined.order_by("pk"))


def _measured(practices: Iterable[Practice], now: datetime) -> list[Measured]:
    listed = list(practices)
    pasts = pools.past_of([one.practitioner_id for one in listed], now)
    return [
        Measured(one, pools.candidate(one, pasts[one.practitioner_id], set(), set(), now))
        for one in listed
    ]


def _counts(rows: list[Measured]) -> tuple[dict[UUID, int], dict[UUID, float]]:
    sent = {row.practice.practitioner_id: row.candidate.solicited for row in rows}
    hours = {row.practice.practitioner_id: row.candidate.available_hours for row in rows}
    return sent, hours


# -- settings ------------------------------------------------------------------------------------


def explained_settings() -> list[tuple[rules.Urgency, list[tuple[rules.Explained, str]]]]:
    """Give every setting of every urgency with its words and its value said. Four queries."""
    listed = []
    for urgency in rules.Urgency:
        kept = pools.settings_of(urgency.value)
        values = [(words, _said(getattr(kept, name))) for name, words in rules.EXPLAINED.items()]
        listed.append((urgency, values))
    return listed


def _said(value: bool | int | float | time) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, float):
        return f"{value:.0%}".replace("%", "\u00a0%")
    return said_span(timedelta(minutes=value))
