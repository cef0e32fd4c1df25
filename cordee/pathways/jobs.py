"""The conductor hears the facts, tells the rooms, and keeps the worklist. Every gesture may come
twice: rooms ignore what they already know, and a task is open once per thing and kind."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.broker import selectors as broker_selectors
from cordee.broker import services as broker
from cordee.broker.models import Invitation
from cordee.directory import selectors as directory
from cordee.intake import selectors as intake_selectors
from cordee.intake import services as intake
from cordee.intake.models import CancelReason, CareRequest
from cordee.intake.rules import State
from cordee.kernel.facts import StoredFact, listens
from cordee.messaging import selectors as messaging_selectors
from cordee.pathways import orders, rules, services
from cordee.pathways.selectors import open_about, open_of

REQUEST = "intake/request"
LATELY = timedelta(days=7)
Answer = Invitation.Answer
SEARCHED = (State.QUALIFIED, State.SEARCHING)
OUTLIVE_THE_SEARCH = {"call_back", "review_stopped", "release_hold"}
LIFE_CHANGED = {CancelReason.PERSON_DIED, CancelReason.ADMITTED, CancelReason.MOVED}


def _request(fact: StoredFact) -> CareRequest | None:
    """The request that a fact of intake, or of a search made for it, is about."""
    pk = fact.data.get("request_id")
    origin = fact.data.get("origin", "")
    if pk is None and origin.startswith(f"{REQUEST}/"):
        pk = origin.removeprefix(f"{REQUEST}/")
    return intake_selectors.get_request(SYSTEM, pk) if pk else None


def _ask(request: CareRequest, kind: str, now: datetime) -> None:
    services.open_task(
        actor=SYSTEM,
        now=now,
        ask=services.Ask(
            kind=kind,
            origin=f"{REQUEST}/{request.pk}",
            organization_id=request.organization_id,
            person_id=request.person_id,
            assignee_id=request.owner_id,
            delay=request.delay,
            deadline_at=request.due_at if kind == "await_answer" else None,
        ),
    )


def _drop(request: CareRequest, now: datetime, *kinds: str) -> None:
    for task in open_about(f"{REQUEST}/{request.pk}", *kinds):
        services.drop(actor=SYSTEM, task=task, now=now)


# --- a request ---------------------------------------------------------------------------------


@listens("intake.request_received", "intake.request_released")
def on_received(*, fact: StoredFact) -> None:
    """A request waits to be qualified; a hold that is lifted is no longer an alert."""
    now = timezone.now()
    if request := _request(fact):
        _drop(request, now, "release_hold")
        if request.state == State.RECEIVED:
            _ask(request, "qualify", now)


@listens("intake.request_held")
def on_held(*, fact: StoredFact) -> None:
    """Transferred to the 15: nothing is searched until somebody lifts the hold."""
    now = timezone.now()
    if (request := _request(fact)) and request.held_at:
        _stop_search(request, "held", now)
        _drop(request, now, "qualify", "await_answer")
        _ask(request, "release_hold", now)


@listens("intake.request_qualified", "intake.search_asked")
def on_search_wanted(*, fact: StoredFact) -> None:
    """The request is ready: launch the search, and follow it."""
    now = timezone.now()
    request = _request(fact)
    if request is None:
        return
    _drop(request, now, "qualify")
    order = orders.order_for(request, now) if fact.data.get("search", True) else None
    if order is None or request.held_at or request.state not in SEARCHED:
        return
    if request.person and request.person.deceased_on:  # heard here before intake heard it
        return
    if broker_selectors.has_ended_since(order.origin, fact.happened_at):
        return  # heard before: that search was launched, and has given the need back since
    broker.launch(actor=SYSTEM, order=order, now=now)
    intake.mark_searching(actor=SYSTEM, request=request, now=now)
    _ask(request, "await_answer", now)


@listens("intake.request_triaged")
def on_triaged(*, fact: StoredFact) -> None:
    """The delay was set again during the search: the search and its tasks follow it."""
    now = timezone.now()
    request = _request(fact)
    running = request and broker_selectors.live_for_origin(f"{REQUEST}/{request.pk}")
    if request is None or not running or not request.delay:
        return
    broker.set_urgency(
        actor=SYSTEM,
        solicitation=running,
        urgency=orders.URGENCY[request.delay],
        deadline_at=request.due_at,
        now=now,
    )
    _drop(request, now, "await_answer")
    if request.state == State.SEARCHING:
        _ask(request, "await_answer", now)


@listens("intake.search_stopped", "intake.request_cancelled", "intake.request_refused")
def on_stopped(*, fact: StoredFact) -> None:
    """Nothing is to be found any more; what a death, an admission or a move leaves has an owner."""
    now = timezone.now()
    if request := _request(fact):
        _stop_search(request, fact.data.get("reason", "stopped"), now)
        _drop(request, now, *rules.PLACES.keys() - OUTLIVE_THE_SEARCH)
        if fact.kind == "intake.request_refused" and fact.actor.get("role") == Role.SYSTEM:
            # Coordination was refused: the team learns that a search stopped, not whose.
            _ask_desk("review_stopped", f"intake/refusal/{request.pk}", request.organization_id)
        elif fact.data.get("reason") in LIFE_CHANGED:
            _ask(request, "review_stopped", now)
        elif fact.kind != "intake.search_stopped" and not request.told_at:
            _ask(request, "call_back", now)


@listens("intake.place_changed")
def on_place_changed(*, fact: StoredFact) -> None:
    """The person lives elsewhere now: somebody looks at where the care is to be given."""
    if request := _request(fact):
        _ask(request, "review_stopped", timezone.now())


@listens("intake.request_handed_on", "intake.request_closed")
def on_ended(*, fact: StoredFact) -> None:
    """Somebody else's, or over: nothing is left to do here."""
    now = timezone.now()
    if request := _request(fact):
        if fact.kind == "intake.request_handed_on":
            _stop_search(request, "handed_on", now)
        _drop(request, now)


@listens("intake.requester_told")
def on_told(*, fact: StoredFact) -> None:
    """The requester knows: what asked to tell them is done."""
    now = timezone.now()
    request = _request(fact)
    if request is None or fact.data.get("result") != "reached":
        return
    _drop(request, now, "call_back", "tell_withdrawal", "choose_alternative", "review_stopped")
    if request.state == State.CONFIRMED:
        _ask(request, "close_request", now)


@listens("intake.request_taken", "intake.request_kept")
def on_taken(*, fact: StoredFact) -> None:
    """The tasks of a request follow the one who follows it."""
    now = timezone.now()
    request = _request(fact)
    if request is None:
        return
    for task in open_about(f"{REQUEST}/{request.pk}"):
        if task.assignee_id != request.owner_id:
            services.hand_over(actor=SYSTEM, task=task, to=request.owner, now=now)


def _stop_search(request: CareRequest, reason: str, now: datetime) -> None:
    running = broker_selectors.live_for_origin(f"{REQUEST}/{request.pk}")
    if running is not None:
        broker.cancel(actor=SYSTEM, solicitation=running, reason=reason, now=now)


# --- a search ----------------------------------------------------------------------------------


@listens("broker.place_held")
def on_place_held(*, fact: StoredFact) -> None:
    """A yes by text: somebody confirms who said it, by phone if the link is not used."""
    if request := _request(fact):
        _ask(request, "confirm_identity", timezone.now())


@listens("broker.hold_lapsed")
def on_hold_lapsed(*, fact: StoredFact) -> None:
    """The place is free again."""
    if request := _request(fact):
        _drop(request, timezone.now(), "confirm_identity")


@listens("broker.later_offered")
def on_later_offered(*, fact: StoredFact) -> None:
    """Yes, but later: a human decides with the requester."""
    if request := _request(fact):
        _ask(request, "decide_later_offer", timezone.now())


@listens("broker.solicitation_filled")
def on_filled(*, fact: StoredFact) -> None:
    """Found: the requester is to be called back."""
    now = timezone.now()
    if request := _request(fact):
        practitioner = UUID(fact.data["practitioner_id"])
        intake.mark_found(actor=SYSTEM, request=request, practitioner_id=practitioner, now=now)
        _drop(request, now, "await_answer", "confirm_identity", "decide_later_offer")
        _ask(request, "call_back", now)


@listens("broker.exhausted")
def on_exhausted(*, fact: StoredFact) -> None:
    """Nobody: the request comes back with what can still be tried, and the requester is told."""
    now = timezone.now()
    if request := _request(fact):
        proposals = orders.proposals(fact.data.get("proposals", []))
        intake.mark_unfilled(actor=SYSTEM, request=request, proposals=proposals, now=now)
        _drop(request, now, "await_answer", "confirm_identity", "decide_later_offer")
        _ask(request, "choose_alternative", now)


@listens("broker.withdrawn")
def on_withdrawn(*, fact: StoredFact) -> None:
    """The one who was found does not come: the search goes on, the requester is told."""
    now = timezone.now()
    if request := _request(fact):
        intake.reopen(actor=SYSTEM, request=request, now=now)
        _drop(request, now, "call_back", "get_confirmation", "close_request")
        _ask(request, "tell_withdrawal", now)
        _ask(request, "await_answer", now)


@listens("broker.care_confirmed")
def on_confirmed(*, fact: StoredFact) -> None:
    """The first visit is dated."""
    now = timezone.now()
    if request := _request(fact):
        first_visit = datetime.fromisoformat(fact.data["first_visit_at"])
        intake.mark_confirmed(
            actor=SYSTEM,
            request=request,
            first_visit_on=timezone.localtime(first_visit).date(),
            now=now,
        )
        _drop(request, now, "get_confirmation")
        if request.told_at:
            _ask(request, "close_request", now)


@listens("broker.confirmation_late")
def on_confirmation_late(*, fact: StoredFact) -> None:
    """Found, but no date yet: somebody calls."""
    if request := _request(fact):
        _ask(request, "get_confirmation", timezone.now())


# --- the person --------------------------------------------------------------------------------


@listens("people.emergency_opened")
def on_emergency(*, fact: StoredFact) -> None:
    """Somebody opened a record in an emergency: it is examined within seven days."""
    now = timezone.now()
    for organization_id, role, assignee in orders.who_reviews(fact, now):
        services.open_task(
            actor=SYSTEM,
            now=now,
            ask=services.Ask(
                kind="review_emergency",
                origin=f"people/emergency/{fact.data['grant_id']}",
                organization_id=organization_id,
                assignee_id=assignee,
                deadline_at=datetime.fromisoformat(fact.data["review_due_at"]),
                role=role,
            ),
        )


@listens("people.emergency_reviewed")
def on_emergency_reviewed(*, fact: StoredFact) -> None:
    """Examined: nothing left to do."""
    for task in open_about(f"people/emergency/{fact.data['grant_id']}"):
        services.drop(actor=SYSTEM, task=task, now=timezone.now())


# --- the team -----------------------------------------------------------------------------------


@listens("directory.membership_ended")
def on_membership_ended(*, fact: StoredFact) -> None:
    """Somebody left: what they had in hand goes back to the team."""
    now = timezone.now()
    account, desk = UUID(fact.data["account_id"]), UUID(fact.data["organization_id"])
    if directory.is_member(account, desk, now):  # another role, or not before its last day
        return
    for task in open_of(account, desk):
        services.hand_over(actor=SYSTEM, task=task, to=None, now=now)


# --- messages ----------------------------------------------------------------------------------


@listens("messaging.delivery_failed")
def on_delivery_failed(*, fact: StoredFact) -> None:
    """A message to a requester did not arrive: somebody calls. (A search looks after its own.)"""
    request = _request(fact)
    if request is not None:
        _ask(request, "delivery_failed", timezone.now())


@listens("messaging.text_received")
def on_text(*, fact: StoredFact) -> None:
    """A text that no search can take by itself is read by the desk that wrote to that phone."""
    desk = fact.data.get("organization_id")
    if desk is None or fact.data["stop"] or _taken_by_a_search(fact):
        return
    _ask_desk("read_text", f"messaging/inbound/{fact.data['text_id']}", UUID(desk))


def _taken_by_a_search(fact: StoredFact) -> bool:
    """Whether the broker knows what to do with it, before or after it has done it."""
    if not fact.data.get("practitioner_id"):
        return False
    if broker_selectors.are_codes_tried(UUID(fact.data["practitioner_id"]), fact.happened_at):
        return False
    codes = set(fact.data["codes"])
    found = broker_selectors.invitations_for_reply(
        UUID(fact.data["practitioner_id"]), codes, fact.happened_at
    )
    if not codes:
        return bool(fact.data["clear"]) and len(found) < 2
    if fact.data["clear"]:
        return len(found) == len(codes)
    shown = {Answer.WAITING, Answer.LATER}  # « oui, mais » becomes an offer to decide on
    return len(found) == len(codes) and all(one.answer in shown for one in found)


@listens("messaging.carrier_down")
def on_carrier_down(*, fact: StoredFact) -> None:
    """Texts wait for the carrier: the desks that write are told to telephone meanwhile."""
    for desk in messaging_selectors.desks_that_write(timezone.now() - LATELY):
        _ask_desk("carrier_down", f"messaging/carrier/{desk}", desk)


@listens("messaging.carrier_up")
def on_carrier_up(*, fact: StoredFact) -> None:
    """What waited has left."""
    for desk in messaging_selectors.desks_that_write(timezone.now() - LATELY):
        for task in open_about(f"messaging/carrier/{desk}"):
            services.drop(actor=SYSTEM, task=task, now=timezone.now())


def _ask_desk(kind: str, origin: str, desk: UUID) -> None:
    ask = services.Ask(kind=kind, origin=origin, organization_id=desk)
    services.open_task(actor=SYSTEM, ask=ask, now=timezone.now())
