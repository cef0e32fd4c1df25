"""What a fact asks for of a request and of its search, once: by the kind of the fact. The rest
follows from how things stand (`agreement`)."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from cordee.access.actor import SYSTEM, Role
from cordee.broker import selectors as broker_selectors
from cordee.broker import services as broker
from cordee.broker.models import Solicitation
from cordee.broker.rules import SearchOrder
from cordee.intake import services as intake
from cordee.intake.models import CancelReason, CareRequest
from cordee.intake.rules import State
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import StoredFact
from cordee.kernel.queue import later
from cordee.pathways import orders, services
from cordee.pathways.agreement import agree, ask, carried_until, drop, give, origin_of
from cordee.pathways.selectors import open_about

SEARCHED = (State.QUALIFIED, State.SEARCHING)
Asked = Callable[[CareRequest, StoredFact, datetime], None]
LIFE_CHANGED = {CancelReason.PERSON_DIED, CancelReason.ADMITTED, CancelReason.MOVED}


def _launch(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """The request is ready, or the desk asks again: look for somebody."""
    order = orders.order_for(request, now) if is_wanted(request, fact) else None
    if order is None or broker_selectors.has_ended_since(order.origin, fact.happened_at):
        return  # heard before: that search was launched, and has given the need back since
    try:
        broker.launch(actor=SYSTEM, order=order, now=now)
    except DomainError as refused:
        intake.mark_not_launched(actor=SYSTEM, request=request, why=refused.code, now=now)


def is_wanted(request: CareRequest, fact: StoredFact) -> bool:
    """Whether a request still wants the search that a fact asked for."""
    if not fact.data.get("search", True) or request.held_at or request.state not in SEARCHED:
        return False
    return not (request.person and request.person.deceased_on)  # heard before intake heard it


def _follow_the_delay(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """The delay was set again during the search: the search and its task follow it."""
    running = broker_selectors.standing_for_origin(origin_of(request))
    if not running or not request.delay:
        return
    broker.set_urgency(
        actor=SYSTEM,
        solicitation=running,
        urgency=orders.URGENCY[request.delay],
        deadline_at=request.due_at,
        now=now,
    )
    drop(SYSTEM, request, now, "await_answer")


def _stop(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """The search is stopped while the request goes on; whoever was found meanwhile is kept."""
    running = broker_selectors.standing_for_origin(origin_of(request))
    if running and running.is_open and request.state != State.SEARCHING:
        reason = fact.data["reason"]
        broker.cancel(actor=SYSTEM, solicitation=running, reason=reason, now=now)
    _review(request, fact, now)


def _review(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """What a death, an admission or a move stops has an owner, who sees what it leaves."""
    if fact.kind == "intake.request_refused" and fact.actor.get("role") == Role.SYSTEM:
        # Coordination was refused: the team learns that a search stopped, not whose.
        ask_desk("review_stopped", f"intake/refusal/{request.pk}", request.organization_id, now)
    elif fact.data.get("reason") in LIFE_CHANGED:
        ask(SYSTEM, request, "review_stopped", now)


def _owe(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """What had ended is followed no more, and the requester does not know: the desk, not whose."""
    if request.told_at is None:
        ask_desk("review_stopped", f"intake/refusal/{request.pk}", request.organization_id, now)


def _follow_the_need(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """Who comes reads the need as it is now; a search for something else starts again."""
    made = broker_selectors.latest_for_origin(SYSTEM, origin_of(request))
    if made is None:
        return
    arrival, visit = orders.arrival_notes(request), orders.visit_notes(request)
    broker.set_notes(actor=SYSTEM, solicitation=made, arrival=arrival, visit=visit, now=now)
    order = orders.order_for(request, now)
    is_other = fact.data["search"] and made.launched_at < fact.happened_at
    is_same_job = order is not None and order.profession == made.profession
    if is_other and made.state in Solicitation.STANDING:
        if made.state not in Solicitation.TAKEN or not is_same_job:
            _start_again(request, made, fact, now)
            return
        _warn_who_comes(made, order, fact, now)
    if order:
        broker.follow_wishes(actor=SYSTEM, solicitation=made, order=order, now=now)


def _start_again(request: CareRequest, made: Solicitation, fact: StoredFact, now: datetime) -> None:
    was_found = made.state in Solicitation.TAKEN
    broker.cancel(actor=SYSTEM, solicitation=made, reason="changed", now=now)
    if was_found:  # the request forgets who comes no more, and is searched again
        agree(SYSTEM, request, now)
        request.refresh_from_db()
    _launch(request, fact, now)


def _warn_who_comes(
    search: Solicitation, order: SearchOrder | None, fact: StoredFact, now: datetime
) -> None:
    """Whoever said yes did to something else: they are told, and confirm again."""
    broker.change_need(
        actor=SYSTEM, solicitation=search, order=order, changed_at=fact.happened_at, now=now
    )


def _look_at_the_place(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """The person lives elsewhere now: somebody looks at where the care is to be given."""
    found = broker_selectors.standing_for_origin(origin_of(request))
    if found and found.state in Solicitation.TAKEN:
        _warn_who_comes(found, None, fact, now)
    ask(SYSTEM, request, "review_stopped", now)


def _asking(kind: str) -> Asked:
    """What a human does next, and no more."""
    return lambda request, fact, now: ask(SYSTEM, request, kind, now)


def _know(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """The requester knows: what stopped was seen with them."""
    if fact.data.get("result") == "reached":
        drop(SYSTEM, request, now, "review_stopped")
        for task in open_about(f"intake/refusal/{request.pk}"):
            services.drop(actor=SYSTEM, task=task, now=now)


def _hand_over(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """Tasks follow who has the request: at night its keeper, then its owner; heard late, too."""
    give(SYSTEM, request, {UUID(one) for one in fact.data.get("former", [])} or {None}, now)
    if request.kept_until:
        later("cordee.pathways.jobs.end_keeping", at=request.kept_until, request_id=str(request.pk))


def _carry_until_the_visit(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """Whoever comes may still telephone that they do not; then the search is let go of."""
    found = broker_selectors.standing_for_origin(origin_of(request))
    if until := carried_until(request, found):
        later("cordee.pathways.jobs.let_go", at=until, request_id=str(request.pk))


ASKED: dict[str, Asked] = {
    "intake.request_qualified": _launch,
    "intake.search_asked": _launch,
    "intake.request_triaged": _follow_the_delay,
    "intake.search_stopped": _stop,
    "intake.need_changed": _follow_the_need,
    "intake.place_changed": _look_at_the_place,
    "intake.asked_elsewhere": _asking("meet_service"),
    "intake.request_cancelled": _review,
    "intake.request_refused": _review,
    "intake.request_closed": _carry_until_the_visit,
    "intake.requester_told": _know,
    "intake.word_owed": _owe,
    "intake.request_taken": _hand_over,
    "intake.request_kept": _hand_over,
    "broker.later_offered": _asking("decide_later_offer"),
    "broker.winner_untold": _asking("tell_winner"),
    "broker.visit_untold": _asking("tell_visit"),
    "broker.care_confirmed": _carry_until_the_visit,
}

LAUNCHING = tuple(kind for kind, asked in ASKED.items() if asked is _launch)


def ask_desk(kind: str, origin: str, desk: UUID, now: datetime) -> None:
    """Put on the worklist of a structure what is about nobody it may name."""
    ask = services.Ask(kind=kind, origin=origin, organization_id=desk)
    services.open_task(actor=SYSTEM, ask=ask, now=now)
