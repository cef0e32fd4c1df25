"""What the conductor tells the request of its search. Each is idempotent; a late one is ignored."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.intake import facts, rules
from cordee.intake.models import CareRequest, Proposal
from cordee.intake.rules import State
from cordee.intake.services.moves import put, to_be_told, write
from cordee.intake.services.single import asked_already, lock_person
from cordee.kernel.facts import Fact, publish


@action("intake.mark_searching", on="request")
def mark_searching(*, actor: Actor, request: CareRequest, now: datetime) -> CareRequest:
    """Say that a search is under way."""
    return _marked(request, "search", now, facts.SearchMarked, proposals=[])


@action("intake.mark_found", on="request")
def mark_found(
    *, actor: Actor, request: CareRequest, practitioner_id: UUID, now: datetime
) -> CareRequest:
    """Say who has said yes: the requester is to be called back. The same yes twice is once."""
    same = request.practitioner_id is not None and str(request.practitioner_id) == str(
        practitioner_id
    )
    if same and request.state in (State.FOUND, State.CONFIRMED):
        return request
    state = rules.conducted("find", request.facts)
    if state is None:
        return request
    put(request, state, now, practitioner_id=practitioner_id, proposals=[], **to_be_told(now))
    publish(facts.RequestFound(**_ids(request), practitioner_id=UUID(str(practitioner_id))))
    return request


@action("intake.mark_unfilled", on="request")
def mark_unfilled(
    *, actor: Actor, request: CareRequest, proposals: Sequence[str], now: datetime
) -> CareRequest:
    """Say that nobody is left to ask, with what can be tried instead."""
    state = rules.conducted("unfill", request.facts)
    if state is None:
        return request
    codes = list(dict.fromkeys(str(code)[:20] for code in proposals))
    put(request, state, now, proposals=codes, **to_be_told(now))
    publish(facts.RequestUnfilled(**_ids(request), proposals=tuple(codes)))
    return request


@action("intake.mark_not_launched", on="request")
def mark_not_launched(
    *, actor: Actor, request: CareRequest, why: str, now: datetime
) -> CareRequest:
    """Say that the search which was asked could not leave, and what is to be done."""
    if request.state != State.QUALIFIED:
        return request
    said = Proposal.SENDER if why == "messaging.unsafe" else Proposal.NOT_LAUNCHED
    write(request, proposals=[said.value])
    publish(facts.SearchNotLaunched(**_ids(request)))
    return request


@action("intake.mark_confirmed", on="request")
def mark_confirmed(
    *, actor: Actor, request: CareRequest, first_visit_on: date, now: datetime
) -> CareRequest:
    """Say when the first visit is. Another day replaces the first, and is to be told."""
    if request.state == State.CLOSED and _is_past(request):
        return request
    if request.state in (State.CONFIRMED, State.CLOSED):
        if request.first_visit_on != first_visit_on:
            changes = {"first_visit_on": first_visit_on, "ended_at": None, **to_be_told(now)}
            put(request, State.CONFIRMED, now, **changes)
            publish(facts.RequestConfirmed(**_ids(request)))
        return request
    return _marked(request, "confirm", now, facts.RequestConfirmed, first_visit_on=first_visit_on)


@action("intake.mark_unconfirmed", on="request")
def mark_unconfirmed(*, actor: Actor, request: CareRequest, now: datetime) -> CareRequest:
    """Say that whoever comes is to confirm again: the requester hears what comes of it.

    A closed request comes back, unless the person died or another one follows the same need."""
    state = rules.unconfirmed(request.facts)
    if state is None or (request.state == State.CLOSED and _is_past(request)):
        return request
    forgotten = dict.fromkeys(("first_visit_on", "confirmed_at", "ended_at"))
    write(request, state=state.value, **forgotten, **to_be_told(now))
    publish(facts.RequestUnconfirmed(**_ids(request)))
    return request


@action("intake.reopen", on="request")
def reopen(*, actor: Actor, request: CareRequest, now: datetime) -> CareRequest:
    """Search again after a withdrawal: the one who had said yes is forgotten at once.

    A request held for the 15 loses them too, and waits to be released. A closed one comes back,
    unless the person died or the same need is followed by another request."""
    state = rules.given_back(request.facts)
    if state is None or (request.state == State.CLOSED and _is_past(request)):
        return request
    put(
        request,
        state,
        now,
        practitioner=None,
        first_visit_on=None,
        found_at=None,
        confirmed_at=None,
        ended_at=None,
        **to_be_told(now),
    )
    publish(facts.RequestReopened(**_ids(request)))
    return request


def _is_past(request: CareRequest) -> bool:
    if request.person is None:
        return False
    lock_person(request.person.pk)
    dead = request.person.deceased_on is not None
    return dead or bool(asked_already(request.person.pk, request.kinds, request.pk))


def _marked(
    request: CareRequest, verb: str, now: datetime, fact: type[Fact], **changes: Any
) -> CareRequest:
    state = rules.conducted(verb, request.facts)
    if state is None:
        return request
    put(request, state, now, **changes)
    publish(fact(**_ids(request)))
    return request


def _ids(request: CareRequest) -> dict[str, Any]:
    return {"person_id": request.person_id, "request_id": request.pk}
