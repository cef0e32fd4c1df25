"""The conductor hears the facts and makes the rooms agree. Every fact may come twice, or late: what
it asks for is done once, then the request, its search and its tasks are looked at as they are."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404
from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.broker import selectors as broker_selectors
from cordee.broker import services as broker
from cordee.broker.models import Solicitation
from cordee.broker.rules import SearchOrder
from cordee.directory import selectors as directory
from cordee.intake import selectors as intake_selectors
from cordee.intake import services as intake
from cordee.intake.models import CancelReason, CareRequest
from cordee.intake.rules import State
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import StoredFact, listens, unheard
from cordee.kernel.queue import job, later
from cordee.messaging import selectors as messaging_selectors
from cordee.messaging.rules import WITHDRAWN
from cordee.pathways import alerts, doubles, orders, planned, replies, rules, services
from cordee.pathways.agreement import (
    REQUEST,
    agree,
    ask,
    carried_until,
    drop,
    give,
    keys_asking,
    origin_of,
)
from cordee.pathways.jobs import listeners  # noqa: F401 — they hear
from cordee.pathways.measures import keep_verified
from cordee.pathways.selectors import asked_since, get_task, open_about, open_of

LATELY = timedelta(days=7)
MANY, AT_ONCE = 50, 2_000
SEARCHED = (State.QUALIFIED, State.SEARCHING)
Asked = Callable[[CareRequest, StoredFact, datetime], None]
LIFE_CHANGED = {CancelReason.PERSON_DIED, CancelReason.ADMITTED, CancelReason.MOVED}


def _request(fact: StoredFact) -> CareRequest | None:
    """The request that a fact of intake, or of a search made for it, is about."""
    pk = fact.data.get("request_id")
    origin = fact.data.get("origin", "")
    if pk is None and origin.startswith(f"{REQUEST}/"):
        pk = origin.removeprefix(f"{REQUEST}/")
    try:
        return intake_selectors.get_request(SYSTEM, pk) if pk else None
    except Http404:
        return None


# --- a request and its search --------------------------------------------------------------------


@listens(
    "intake.request_received",
    "intake.request_triaged",
    "intake.request_held",
    "intake.request_released",
    "intake.request_qualified",
    "intake.search_asked",
    "intake.search_stopped",
    "intake.need_changed",
    "intake.caller_corrected",
    "intake.place_changed",
    "intake.asked_elsewhere",
    "intake.request_confirmed",
    "intake.requester_told",
    "intake.request_taken",
    "intake.request_kept",
    "intake.request_closed",
    "intake.request_refused",
    "intake.request_cancelled",
    "intake.request_handed_on",
    "intake.word_owed",
    "broker.search_launched",
    "broker.place_held",
    "broker.hold_lapsed",
    "broker.later_offered",
    "broker.solicitation_filled",
    "broker.winner_untold",
    "broker.visit_untold",
    "broker.exhausted",
    "broker.cancelled",
    "broker.withdrawn",
    "broker.care_confirmed",
    "broker.confirmation_late",
    "broker.need_changed",
)
def on_the_rope(*, fact: StoredFact) -> None:
    """Do what a fact asks for, then make the request, its search and its tasks agree.

    What is asked for is done once; the rest follows from how things stand, not from the fact.
    """
    request, now = _request(fact), timezone.now()
    if request is None:
        return
    if asked := ASKED.get(fact.kind):
        asked(request, fact, now)
        request.refresh_from_db()
    agree(SYSTEM, request, now)


def _launch(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """The request is ready, or the desk asks again: look for somebody."""
    order = orders.order_for(request, now) if _is_wanted(request, fact) else None
    if order is None or broker_selectors.has_ended_since(order.origin, fact.happened_at):
        return  # heard before: that search was launched, and has given the need back since
    try:
        broker.launch(actor=SYSTEM, order=order, now=now)
    except DomainError as refused:
        intake.mark_not_launched(actor=SYSTEM, request=request, why=refused.code, now=now)


def _is_wanted(request: CareRequest, fact: StoredFact) -> bool:
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
        _ask_desk("review_stopped", f"intake/refusal/{request.pk}", request.organization_id)
    elif fact.data.get("reason") in LIFE_CHANGED:
        ask(SYSTEM, request, "review_stopped", now)


def _owe(request: CareRequest, fact: StoredFact, now: datetime) -> None:
    """What had ended is followed no more, and the requester does not know: the desk, not whose."""
    if request.told_at is None:
        _ask_desk("review_stopped", f"intake/refusal/{request.pk}", request.organization_id)


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


@job(queue="facts", attempts=3, every="* * * * *", priority=10)
def launch_waiting() -> None:
    """After an outage, or when everybody calls at once: launch together the searches whose turn has
    not come, the most urgent first. Each request agrees with its search as its turn comes."""
    rope = f"{on_the_rope.__module__}.{on_the_rope.__name__}"
    waiting = {f"{REQUEST}/{one.data['request_id']}": one for one in unheard(rope, LAUNCHING)}
    if len(waiting) < MANY:
        return
    now = timezone.now()
    latest = broker_selectors.latest_among(list(waiting))
    keys = [one.data["request_id"] for one in waiting.values()]
    requests = [
        one
        for one in intake_selectors.requests_among(SYSTEM, keys)
        if _is_wanted(one, waiting[origin_of(one)])
        and not _is_answered(latest.get(origin_of(one)), waiting[origin_of(one)])
    ]
    requests.sort(key=lambda one: (_haste(one), waiting[origin_of(one)].id))
    for first in range(0, len(requests), AT_ONCE):
        wanted = list(orders.orders_for(requests[first : first + AT_ONCE], now))
        broker.launch_many(actor=SYSTEM, orders=wanted, now=now)


def _is_answered(latest: Solicitation | None, fact: StoredFact) -> bool:
    return latest is not None and latest.launched_at >= fact.happened_at


def _haste(request: CareRequest) -> int:
    return rules.URGENCY_OF_DELAY.get(request.delay, rules.PLANNED)


@job(queue="facts", attempts=8)
def end_keeping(*, request_id: str) -> None:
    """The night is over: what its keeper still has goes back to whoever follows the request."""
    request, now = intake_selectors.get_request(SYSTEM, request_id), timezone.now()
    if request.keeper_id and request.kept_until and request.kept_until <= now:
        give(SYSTEM, request, {request.keeper_id}, now)


@job(queue="facts", attempts=8)
def let_go(*, request_id: str) -> None:
    """A first visit is past: the search of a request that was closed before it is read as care."""
    _agree_on([request_id])


def _agree_on(keys: list[str]) -> None:
    for request in intake_selectors.requests_among(SYSTEM, keys):
        agree(SYSTEM, request, timezone.now())


@job(queue="facts", attempts=3, every="* * * * *")
def look_at_who_is_to_be_called() -> None:
    """No fact says that a text left, or that a page was read: look at the few calls still asked."""
    _agree_on(keys_asking("tell_winner", "tell_visit"))


@job(queue="facts", attempts=8)
def wake(*, task_id: str) -> None:
    """The hour that a task was put off to has come: lists that are open show it again."""
    task, now = get_task(SYSTEM, task_id), timezone.now()
    if task.state == task.State.OPEN and task.snoozed_until and task.snoozed_until <= now:
        services.snooze(actor=SYSTEM, task=task, until=None, now=now)


# --- the person --------------------------------------------------------------------------------


@listens("people.emergency_opened")
def on_emergency(*, fact: StoredFact) -> None:
    """Somebody opened a record in an emergency: the person is told, and it is examined in time."""
    now, origin = timezone.now(), f"people/emergency/{fact.data['grant_id']}"
    due = datetime.fromisoformat(fact.data["review_due_at"])
    reviewers = list(orders.who_reviews(fact, now))
    if not any(who or orders.is_held(where, role, now) for where, role, who in reviewers):
        reviewers += alerts.ask_for_reviewers(SYSTEM, fact, origin, now)
    coordinated = any(role != Role.DPO for _, role, _ in reviewers)
    for organization_id, role, assignee in reviewers:
        for kind, deadline in (("review_emergency", due), ("tell_emergency", None)):
            if kind == "review_emergency" or role != Role.DPO or not coordinated:
                ask = services.Ask(
                    kind=kind,
                    origin=origin,
                    organization_id=organization_id,
                    assignee_id=assignee,
                    deadline_at=deadline,
                    role=role,
                )
                services.open_task(actor=SYSTEM, ask=ask, now=now)


@listens("people.emergency_reviewed")
def on_emergency_reviewed(*, fact: StoredFact) -> None:
    """Examined. The person is still to be told, if nobody did."""
    _drop_about_emergency(fact, "review_emergency")


@listens("people.emergency_told")
def on_emergency_told(*, fact: StoredFact) -> None:
    """The person, or who represents them, knows."""
    _drop_about_emergency(fact, "tell_emergency")


def _drop_about_emergency(fact: StoredFact, kind: str) -> None:
    for task in open_about(f"people/emergency/{fact.data['grant_id']}", kind):
        services.drop(actor=SYSTEM, task=task, now=timezone.now())


@listens(
    "people.measure_declared",
    "people.identity_changed",
    "people.processing_changed",
    "people.merged",
    "people.merged_unattended",
)
def on_measure(*, fact: StoredFact) -> None:
    """Somebody agreed for her by a measure that nobody noted: it is verified, until it is noted,
    or her agreement rests on it no more."""
    keep_verified(SYSTEM, fact, timezone.now())


# --- two records of one person -------------------------------------------------------------------


@listens("people.candidates_found")
def on_candidates(*, fact: StoredFact) -> None:
    """Pairs were looked for everywhere: each desk that can see one has its line."""
    doubles.keep_comparisons(SYSTEM, timezone.now())


@listens(
    *("people.found_different", "people.to_judge_again"),
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
    "people.sharing_changed",
    "people.left_circle",
)
def on_a_pair(*, fact: StoredFact) -> None:
    """A pair was judged, or one of its records is hidden from a desk now: the lines follow."""
    doubles.follow(SYSTEM, fact, timezone.now())


# --- the plan of a person ------------------------------------------------------------------------


@listens(
    "plans.plan_activated",
    "plans.plan_reviewed",
    "plans.plan_refused",
    "plans.plan_closed",
    "plans.action_planned",
    "plans.action_done",
    "plans.action_stopped",
    "plans.action_answered",
)
def on_plan(*, fact: StoredFact) -> None:
    """A plan begins, moves or stops: what it asks for stands on the worklist, and no more."""
    planned.follow(SYSTEM, fact, timezone.now())


# --- the team -----------------------------------------------------------------------------------


@listens("directory.membership_ended")
def on_membership_ended(*, fact: StoredFact) -> None:
    """Somebody left: what they had in hand goes back to the team."""
    now = timezone.now()
    account, desk = UUID(fact.data["account_id"]), UUID(fact.data["organization_id"])
    if directory.is_member(account, desk, now):  # another role, or not before its last day
        return
    for task in open_of(account, desk):
        services.give_back(actor=SYSTEM, task=task, now=now)


@listens("directory.extraction_applied")
def on_extraction(*, fact: StoredFact) -> None:
    """Some are in the national directory no more: whoever waits for one of them is told."""
    if fact.data["gone"]:
        later("cordee.pathways.jobs.look_at_places", since=fact.happened_at.isoformat(), after="")


@job(queue="facts", attempts=8)
def look_at_places(*, since: str, after: str) -> None:
    """Ask the desks to look at places held by whoever was closed, some at a time."""
    closed_at, now = datetime.fromisoformat(since), timezone.now()
    places = broker_selectors.held_by_closed(closed_at, now, after)
    asked = asked_since(closed_at, "place_gone", [one.origin for one in places])
    needs = [one.origin.removeprefix(f"{REQUEST}/") for one in places if one.origin not in asked]
    for request in intake_selectors.requests_among(SYSTEM, needs):
        ask(SYSTEM, request, "place_gone", now)
    if places:
        later("cordee.pathways.jobs.look_at_places", since=since, after=str(places[-1].pk))


# --- messages ----------------------------------------------------------------------------------


@listens("messaging.delivery_failed")
def on_delivery_failed(*, fact: StoredFact) -> None:
    """A message to a requester did not arrive: somebody calls. (A search looks after its own.)

    What was kept from leaving is missed by nobody."""
    request = _request(fact)
    if request is not None and fact.data["reason"] != WITHDRAWN:
        ask(SYSTEM, request, "delivery_failed", timezone.now())


@listens("messaging.text_received")
def on_text(*, fact: StoredFact) -> None:
    """A text that no search can take by itself is read by the desk that wrote to that phone."""
    desk = fact.data.get("organization_id")
    if desk is None or fact.data["stop"] or replies.is_taken(fact):
        return
    _ask_desk("read_text", f"messaging/inbound/{fact.data['text_id']}", UUID(desk))


@listens("messaging.carrier_down")
def on_carrier_down(*, fact: StoredFact) -> None:
    """Texts wait for the carrier: the desks that write are told to telephone meanwhile."""
    for desk in messaging_selectors.desks_that_write(timezone.now() - LATELY):
        _ask_desk("carrier_down", f"{alerts.carrier_of(fact)}/{desk}", desk)
    alerts.tell_of_the_setting(SYSTEM, fact, timezone.now())


@listens("messaging.carrier_up")
def on_carrier_up(*, fact: StoredFact) -> None:
    """What waited leaves; of what the night still keeps, its search tells."""
    for task in alerts.told_of(alerts.carrier_of(fact)):
        services.drop(actor=SYSTEM, task=task, now=timezone.now())


def _ask_desk(kind: str, origin: str, desk: UUID) -> None:
    ask = services.Ask(kind=kind, origin=origin, organization_id=desk)
    services.open_task(actor=SYSTEM, ask=ask, now=timezone.now())
