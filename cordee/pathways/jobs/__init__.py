"""The conductor hears the facts and makes the rooms agree. Every fact may come twice, or late: what
it asks for is done once, then the request, its search and its tasks are looked at as they are."""

from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404
from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.broker import selectors as broker_selectors
from cordee.broker import services as broker
from cordee.broker.models import Solicitation
from cordee.directory import selectors as directory
from cordee.intake import selectors as intake_selectors
from cordee.intake.models import CareRequest
from cordee.kernel.facts import StoredFact, listens, unheard
from cordee.kernel.queue import job, later
from cordee.messaging import selectors as messaging_selectors
from cordee.messaging.rules import WITHDRAWN
from cordee.pathways import alerts, doubles, orders, planned, replies, rules, services
from cordee.pathways.agreement import (
    REQUEST,
    agree,
    ask,
    give,
    keys_asking,
    origin_of,
)
from cordee.pathways.jobs import listeners  # noqa: F401 — they hear
from cordee.pathways.jobs.asked import ASKED, LAUNCHING, ask_desk, is_wanted
from cordee.pathways.measures import keep_verified
from cordee.pathways.selectors import asked_since, get_task, open_about, open_of

LATELY = timedelta(days=7)
MANY, AT_ONCE = 50, 2_000


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
        if is_wanted(one, waiting[origin_of(one)])
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
    ask_desk("read_text", f"messaging/inbound/{fact.data['text_id']}", UUID(desk), timezone.now())


@listens("messaging.carrier_down")
def on_carrier_down(*, fact: StoredFact) -> None:
    """Messages wait for their carrier: the desks that write are told to telephone meanwhile."""
    kind, carrier = alerts.task_of(fact), alerts.carrier_of(fact)
    for desk in messaging_selectors.desks_that_write(fact.data["channel"], timezone.now() - LATELY):
        ask_desk(kind, f"{carrier}/{desk}", desk, timezone.now())
    alerts.tell_of_the_setting(SYSTEM, fact, timezone.now())


@listens("messaging.carrier_up")
def on_carrier_up(*, fact: StoredFact) -> None:
    """What waited leaves; of what the night still keeps, its search tells."""
    for task in alerts.told_of(alerts.carrier_of(fact)):
        services.drop(actor=SYSTEM, task=task, now=timezone.now())
