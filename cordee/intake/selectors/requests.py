"""Reads of the intake room. First argument the actor; each says what it costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.utils import timezone

from cordee.access.actor import Actor
from cordee.access.fetched import Fetch, FetchAbout
from cordee.access.models import Account
from cordee.access.policy import get_visible
from cordee.access.sight import by_the_house
from cordee.directory import selectors as directory
from cordee.directory.kinds import CareKind, OrganizationKind
from cordee.directory.models import Membership, Organization
from cordee.intake import rules
from cordee.intake.call import CallerSaid
from cordee.intake.models import (
    Caller,
    CancelReason,
    CareRequest,
    DacCriterion,
    Document,
    Draft,
    HandOnReason,
    Hold,
    Proposal,
    RefusalReason,
    Risk,
    VisitTime,
    Wish,
)
from cordee.intake.models.requests import LIVE_CODES, is_owed
from cordee.intake.policy import DESK
from cordee.kernel.base import any_of
from cordee.messaging.models import Message

COUNTED = 51
MOST_OF_A_PERSON = 10
SHOWN = ("person", "commune", "owner", "caller", "practitioner", "organization", "keeper")


def get_request(actor: Actor, pk: UUID | str) -> CareRequest:
    """Give one request the actor may see; raises Http404. Two queries."""
    request: CareRequest = get_visible(actor, _requests, pk)
    return request


_requests = Fetch(lambda: CareRequest.objects.select_related(*SHOWN))


def records(actor: Actor) -> QuerySet[CareRequest]:
    """List the requests that the actor may see, in no order. One query."""
    rows = CareRequest.objects.visible_to(actor)
    return rows.select_related("organization", "practitioner", "commune")


def callers_of(actor: Actor, requests: Iterable[CareRequest]) -> dict[UUID, Caller]:
    """Give who asked, of these requests, to who may know it, by key. One query."""
    keys = {one.caller_id for one in requests if one.caller_id}
    known = Caller.objects.visible_to(actor).filter(pk__in=keys)
    return {one.pk: one for one in known.order_by("pk")}


def requests_among(actor: Actor, keys: Iterable[UUID | str]) -> list[CareRequest]:
    """Give, of these requests, those that the actor may see. One query."""
    seen = CareRequest.objects.visible_to(actor).filter(pk__in=any_of([*keys], "uuid"))
    return list(seen.select_related(*SHOWN).order_by("pk"))


def get_draft(actor: Actor, pk: UUID | str) -> Draft:
    """Give one draft of the actor's desk; raises Http404. Two queries."""
    shown = ("organization", "request__caller", "account")
    return get_visible(actor, Draft.objects.select_related(*shown), pk)


def draft_or_none(actor: Actor, pk: UUID) -> Draft | None:
    """Give a draft that the actor sees; nothing where there is none yet. Two queries."""
    rows = Draft.objects.visible_to(actor).select_related("request", "account")
    found: Draft | None = rows.filter(pk=pk).first()
    return found


def unfinished_drafts(actor: Actor, now: datetime) -> QuerySet[Draft]:
    """List the calls left open: the actor's, and those of the desk cut short. One query."""
    mine = Q(account=actor.account_id) | Q(**cut_short(now))
    left = Draft.objects.visible_to(actor).filter(mine, ended_at=None)
    return left.select_related("account").order_by("-opened_at", "-pk")


def cut_short(now: datetime) -> dict[str, Any]:
    """Say which calls nobody goes on with: begun, not ended, and nothing typed for a while."""
    return {"ended_at": None, "request": None, "updated_at__lte": now - rules.CUT_SHORT}


def callers_by_number(actor: Actor, phone: str) -> list[Caller]:
    """List who has called from a number, latest first. One query."""
    if not phone:
        return []
    known = Caller.objects.visible_to(actor).filter(phone=phone)
    return list(known.order_by("-last_called_at", "-pk")[:4])


def requester_said(request: CareRequest | None) -> CallerSaid:
    """Say whom a request knows as its requester, as the desk would have written them. One query."""
    known = request.caller if request else None
    names = ("kind", "name", "structure", "phone", "email")
    return CallerSaid(**{name: getattr(known, name) for name in names} if known else {})


def live_requests_of(actor: Actor, person_ids: Iterable[UUID]) -> QuerySet[CareRequest]:
    """List what is under way for some persons. One query."""
    live = CareRequest.objects.visible_to(actor).live().filter(person__in=list(person_ids))
    return live.select_related("organization", "owner").order_by("received_at", "pk")


def unvisited_requests_of(
    actor: Actor, person_ids: Iterable[UUID], today: date
) -> QuerySet[CareRequest]:
    """List what is under way for some persons, and what was closed before its first visit: whoever
    was found comes. One query."""
    awaited = Q(state=rules.State.CLOSED.value, first_visit_on__gte=today)
    wanted = Q(state__in=LIVE_CODES) | awaited
    found = CareRequest.objects.visible_to(actor).filter(wanted, person__in=list(person_ids))
    return found.select_related("organization", "owner").order_by("received_at", "pk")


def followed_in(
    actor: Actor, organization_id: UUID, account_id: UUID, today: date
) -> QuerySet[CareRequest]:
    """List what somebody follows in a service, and is not over. One query."""
    mine = _not_over(actor, today).filter(organization=organization_id, owner=account_id)
    return mine.order_by("pk")


def followed_by_who_left(actor: Actor, now: datetime, limit: int) -> QuerySet[CareRequest]:
    """List what is not over and is followed by who works there no more. One query."""
    held = Membership.objects.filter(
        directory.current_memberships(now),
        account=OuterRef("owner"),
        organization=OuterRef("organization"),
        account__is_active=True,
    )
    named = _not_over(actor, timezone.localdate(now)).exclude(owner=None)
    return named.filter(~Exists(held)).order_by("pk")[:limit]


def _not_over(actor: Actor, today: date) -> QuerySet[CareRequest]:
    awaited = Q(state=rules.State.CLOSED.value, first_visit_on__gte=today)
    return CareRequest.objects.visible_to(actor).filter(is_owed() | awaited)


def owed_requests_of(actor: Actor, person_ids: Iterable[UUID]) -> QuerySet[CareRequest]:
    """List what is still owed for some persons: under way, or ended and the requester not told."""
    owed = CareRequest.objects.visible_to(actor).owed().filter(person__in=list(person_ids))
    return owed.order_by("pk")


def requests_of_person(actor: Actor, person_id: UUID) -> tuple[list[CareRequest], bool]:
    """List what was asked for a person, under way first, then the latest; and whether there is
    more. Two queries, planned once."""
    found = _of_person(actor, person_id)
    return found[:MOST_OF_A_PERSON], len(found) > MOST_OF_A_PERSON


_of_person = FetchAbout(
    lambda: CareRequest.objects.select_related("owner").order_by(
        Case(When(state__in=LIVE_CODES, then=0), default=1), "-received_at", "-pk"
    ),
    limit=MOST_OF_A_PERSON + 1,
)


def live_requests(actor: Actor) -> QuerySet[CareRequest]:
    """List what is under way for somebody, whoever it is. One query."""
    return CareRequest.objects.visible_to(actor).live().exclude(person=None).order_by("pk")


# -- the queue -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filter:
    """What the queue shows: whose, in which state, on which page."""

    whose: str = "team"
    state: str = ""

    @classmethod
    def read(cls, query: Any) -> "Filter":
        """Read a query string; what is unknown is the default."""
        whose = query.get("qui", "")
        state = query.get("etat", "")
        return cls(whose if whose in WHOSE else "team", state if state in STATES_SHOWN else "")


WHOSE = ("mine", "team", "all")
STATES_SHOWN = ("", "to_tell", "held", *(state.value for state in rules.State))


def queue(actor: Actor, shown: Filter, now: datetime) -> QuerySet[CareRequest]:
    """List requests, the most pressing first. One query."""
    found = _in_state(_of(actor, shown.whose, now), shown.state)
    return found.select_related(*SHOWN).order_by(
        F("due_at").asc(nulls_last=True), "received_at", "pk"
    )


def queue_counts(actor: Actor, now: datetime) -> dict[str, str]:
    """Count what is owed, as far as a screen tells (« 50+ »): mine, my service's, all my services'.

    Three queries.
    """
    counts = {whose: _of(actor, whose, now).owed()[:COUNTED].count() for whose in WHOSE}
    return {
        whose: f"{COUNTED - 1}+" if count == COUNTED else str(count)
        for whose, count in counts.items()
    }


def _of(actor: Actor, whose: str, now: datetime) -> Any:
    seen = CareRequest.objects.visible_to(actor)
    if whose == "mine" and actor.account_id is not None:
        accounts = {actor.account_id, *directory.accounts_covered_by(actor.account_id, now)}
        kept = Q(keeper__in=accounts, kept_until__gt=now)
        return seen.filter(Q(owner__in=accounts) | kept)
    if whose == "team" and actor.organization_id is not None:
        return seen.filter(organization=actor.organization_id)
    return seen


def _in_state(found: Any, state: str) -> Any:
    if state == "to_tell":
        return (
            found.owed()
            .filter(told_at=None, outcome_at__isnull=False)
            .exclude(state__in=[rules.State.RECEIVED.value, rules.State.SEARCHING.value])
        )
    if state == "held":
        return found.live().filter(held_at__isnull=False)
    return found.filter(state=state) if state else found.owed()


# -- one request ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One line of the history of a request."""

    at: datetime
    text: str
    who: str = ""
    words: str = ""
    icon: str = "done"


_MILESTONES = {
    "qualified_at": "Demande qualifiée",
    "searching_at": "Recherche lancée",
    "found_at": "Professionnel trouvé",
    "confirmed_at": "Premier passage confirmé",
}


@by_the_house
def is_unreachable(request: CareRequest) -> bool:
    """Whether the requester was tried three times and never reached. One query, or none.

    By the house: the status page says so to whoever holds its link, and only whether.
    """
    if request.told_at is None:
        return False
    return rules.unreachable([one.judged for one in request.tellings.all()], request.outcome_at)


def history(actor: Actor, request: CareRequest) -> list[Line]:
    """Tell what happened to a request, oldest first. Five queries."""
    lines = [Line(request.received_at, "Demande reçue")]
    lines += [
        Line(moment, text)
        for name, text in _MILESTONES.items()
        if (moment := getattr(request, name))
    ]
    if request.ended_at:
        lines.append(
            Line(
                request.ended_at, f"Demande {request.get_state_display()}", words=request.end_words
            )
        )
    for hold in request.holds.select_related("held_by", "released_by").order_by("pk"):
        lines.append(Line(hold.held_at, "Transférée au 15, recherche retenue", hold.held_by.name))
        if hold.released_at and hold.released_by:
            said = (hold.released_by.name, hold.release_reason)
            lines.append(Line(hold.released_at, "Retenue levée", *said))
    tellings = list(request.tellings.select_related("by_account").order_by("pk"))
    if request.told_at and rules.unreachable([one.judged for one in tellings], request.outcome_at):
        lines.append(Line(request.told_at, "Demandeur injoignable\u00a0: trois essais"))
    for told in tellings:
        text = f"Demandeur {told.get_how_display()}\u00a0: {told.get_result_display()}"
        lines.append(
            Line(told.at, text, told.by_account.name if told.by_account else "", told.words)
        )
    lines += _fates(actor, request)
    return sorted(lines, key=lambda line: line.at)


def _fates(actor: Actor, request: CareRequest) -> list[Line]:
    """What carriers say of what was written to the requester: arrived is not read."""
    said = {
        Message.State.DELIVERED: "SMS remis à son téléphone",
        Message.State.FAILED: "Message non remis au demandeur",
    }
    about = Message.objects.visible_to(actor).filter(origin=f"intake/request/{request.pk}")
    settled = about.filter(state__in=list(said)).order_by("pk")
    return [Line(one.settled_at, said[one.state], words=one.why) for one in settled]


@dataclass(frozen=True)
class Words:
    """The coded columns of a request, in words."""

    kinds: str
    moments: str
    risks: str
    begins: str
    reason: str
    proposals: list[tuple[str, str]]


def words_of(request: CareRequest) -> Words:
    """Say the coded columns of a request. No query."""
    reasons = {**dict(RefusalReason.choices), **dict(CancelReason.choices)}
    reasons |= dict(HandOnReason.choices)
    days = [day.strftime("%d/%m/%Y") for day in (request.begins_on, request.ends_on) if day]
    ended = [reasons.get(request.end_reason, ""), request.end_words]
    ended += [DacCriterion(code).label for code in request.criteria]
    return Words(
        kinds=", ".join(CareKind(code).label for code in request.other_kinds),
        moments=", ".join(VisitTime(code).label for code in request.visit_times),
        risks=", ".join(Risk(code).label for code in request.risks),
        begins=" au ".join(days),
        reason=", ".join(filter(None, ended)),
        proposals=[
            (code, dict(Proposal.choices).get(code, code))
            for code in request.proposals
            if code != Proposal.MOVED
        ],
    )


def documents_of(actor: Actor, request: CareRequest) -> QuerySet[Document]:
    """List the prescriptions of a request, without their content. One query."""
    mine = Q(request=request) | Q(draft__request=request)
    return Document.objects.visible_to(actor).filter(mine).defer("content").order_by("pk")


def documents_of_origin(actor: Actor, origin: str) -> QuerySet[Document]:
    """List the prescriptions of the request that an origin names ("intake/request/…")."""
    pk = origin.removeprefix("intake/request/")
    return documents_of(actor, get_request(actor, pk))


def get_document(actor: Actor, pk: UUID | str) -> Document:
    """Give one prescription; raises Http404. Two queries."""
    return get_visible(actor, Document.objects.select_related("request", "draft__request"), pk)


def draft_documents(actor: Actor, draft_id: UUID) -> QuerySet[Document]:
    """List the prescriptions given during a call, without their content. One query."""
    given = Document.objects.visible_to(actor).filter(draft=draft_id)
    return given.defer("content").order_by("pk")


def clock_of(request: CareRequest, now: datetime) -> rules.Clock:
    """Return the three clocks of a request. No query."""
    moments = rules.Moments(
        request.received_at,
        request.contacted_at,
        request.found_at,
        request.confirmed_at,
        request.ended_at,
        request.due_at,
    )
    return rules.clock_of(moments, now)


def colleagues(organization_id: UUID, now: datetime) -> QuerySet[Account]:
    """List who works at a desk today. One query."""
    held = directory.at_work(now).filter(organization=organization_id, role__in=DESK)
    return Account.objects.filter(pk__in=held.values("account")).order_by("name", "pk")


def destinations(actor: Actor, request: CareRequest) -> list[Organization]:
    """List where a request may go: other single numbers, and DACs. One query."""
    kinds = [OrganizationKind.SIO, OrganizationKind.DAC]
    found = Organization.objects.visible_to(actor).filter(kind__in=kinds, closed_on=None)
    return list(found.exclude(pk=request.organization_id).order_by("kind", "name", "pk")[:50])


def holds_of_draft(actor: Actor, draft: Draft) -> QuerySet[Hold]:
    """List the transfers to the 15 that last, of a call or of what was made of it. One query."""
    about = Q(draft=draft.pk)
    if draft.request_id:
        about |= Q(request=draft.request_id)
    lasting = Hold.objects.visible_to(actor).filter(about, released_at=None)
    return lasting.order_by("held_at", "pk")


def wishes_said(actor: Actor, request: CareRequest) -> QuerySet[Wish]:
    """List whom the person knows, prefers or does not want. One query."""
    said = Wish.objects.visible_to(actor).filter(request=request)
    return said.select_related("practitioner").order_by("choice", "pk")
