"""One request, one search, one worklist: whatever was heard, in whatever order, they agree.

Nothing here trusts the fact that called it: it looks at the request and its search as they are
now, and moves what lags behind. A fact heard twice, late or after its successor does no harm.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from cordee.access.actor import Actor
from cordee.broker import selectors as searches
from cordee.broker import services as broker
from cordee.broker.models import Invitation, Solicitation
from cordee.intake import services as intake
from cordee.intake.models import CareRequest
from cordee.intake.rules import GIVEN_UP, State
from cordee.pathways import orders, rules, services
from cordee.pathways.models import Task
from cordee.pathways.selectors import open_about, open_origins
from cordee.people.selectors import may_follow

REQUEST = "intake/request"
STEPS = 5
STAYS_OWED = {"review_stopped", "place_away", "place_gone", "place_left", "tell_visit"}


def origin_of(request: CareRequest) -> str:
    """Name a request as the rooms below keep it."""
    return f"{REQUEST}/{request.pk}"


def keys_asking(*kinds: str) -> list[str]:
    """Give the requests about which a task of these kinds is open."""
    return [origin.removeprefix(f"{REQUEST}/") for origin in open_origins(*kinds)]


def agree(actor: Actor, request: CareRequest, now: datetime) -> None:
    """Bring the request, its search and its tasks to the same story."""
    search, taken = search_of(actor, request), ""
    for _ in range(STEPS):
        step = rules.disagreement(_rope(request, search, now))
        if step in ("", taken) or search is None:
            break
        taken = step
        TAKES[step](actor, request, search, now)
        request.refresh_from_db()
        search = search_of(actor, request)
    for one in searches.made_for(origin_of(request)):
        broker.carry(actor=actor, solicitation=one, carried=_is_carried(request, one, now), now=now)
    _keep_the_tasks(actor, request, search, now)


def search_of(actor: Actor, request: CareRequest) -> Solicitation | None:
    """The search that stands, else the last that was made."""
    origin = origin_of(request)
    return searches.standing_for_origin(origin) or searches.latest_for_origin(actor, origin)


def _is_carried(request: CareRequest, search: Solicitation, now: datetime) -> bool:
    until = carried_until(request, search)
    return request.is_owed or (until is not None and now < until)


def carried_until(request: CareRequest, search: Solicitation | None) -> datetime | None:
    """Until when the desk reads the search of a request that is closed: whoever comes may still
    telephone that they do not. None for any other search."""
    if search is None or request.state != State.CLOSED or search.state not in Solicitation.TAKEN:
        return None
    visit = search.first_visit_at
    return rules.is_past_at(timezone.localtime(visit)) if visit else None


def _winner(search: Solicitation) -> Invitation | None:
    return searches.winner_of(search) if search.state in Solicitation.TAKEN else None


def _rope(request: CareRequest, search: Solicitation | None, now: datetime) -> rules.Rope:
    outcome = request.outcome_at or request.received_at
    return rules.Rope(
        state=request.state,
        held=request.held_at is not None,
        light=request.is_light,
        told=request.told_at is not None,
        is_news=outcome > request.received_at,
        is_hidden=request.state in GIVEN_UP and _is_hidden(request),
        search=search.state if search else "",
        is_same=search is None or _is_said(request, search),
        is_same_day=search is None or _is_said_when(request, search, now),
        asks_again=search is not None and search.asks_again,
        offers_later=search is not None and search.offers_later,
        is_settled=search is None or _is_settled(request, search),
        is_late=search is not None and search.late_told_at is not None,
        is_fresh=search is not None and search.launched_at > (request.qualified_at or outcome),
    )


def _is_hidden(request: CareRequest) -> bool:
    known = request.person_id
    return known is not None and not may_follow(request.organization_id, known)


def _is_said(request: CareRequest, search: Solicitation) -> bool:
    winner = _winner(search)
    return winner is None or winner.practitioner_id == request.practitioner_id


def _is_said_when(request: CareRequest, search: Solicitation, now: datetime) -> bool:
    """Whether the request knows the day of the first visit. What is closed and past stays so."""
    said, visit = request.first_visit_on, search.first_visit_at
    is_past = request.state == State.CLOSED and said and said < timezone.localdate(now)
    return bool(is_past) or visit is None or said == timezone.localdate(visit)


def _is_settled(request: CareRequest, search: Solicitation) -> bool:
    """Whether the desk confirmed since who comes was to confirm again."""
    since, confirmed_at = search.unsettled_at, request.confirmed_at
    return since is None or (confirmed_at is not None and confirmed_at > since)


def _stop(actor: Actor, request: CareRequest, search: Solicitation, now: datetime) -> None:
    reason = request.end_reason or ("held" if request.held_at else "stopped")
    broker.cancel(actor=actor, solicitation=search, reason=reason, now=now)


def _search(actor: Actor, request: CareRequest, search: Solicitation, now: datetime) -> None:
    intake.mark_searching(actor=actor, request=request, now=now)


def _find(actor: Actor, request: CareRequest, search: Solicitation, now: datetime) -> None:
    if winner := _winner(search):
        name = winner.practitioner_id
        intake.mark_found(actor=actor, request=request, practitioner_id=name, now=now)


def _confirm(actor: Actor, request: CareRequest, search: Solicitation, now: datetime) -> None:
    day = timezone.localdate(search.first_visit_at)
    said = intake.mark_confirmed(actor=actor, request=request, first_visit_on=day, now=now)
    if said.state == State.CLOSED:
        ask(actor, request, "review_stopped", now)


def _date(actor: Actor, request: CareRequest, search: Solicitation, now: datetime) -> None:
    """The desk wrote the day of the first visit: whoever comes is not asked for it again."""
    day, offered = request.first_visit_on or timezone.localdate(now), search.first_visit_at
    is_kept = offered is not None and timezone.localdate(offered) == day
    at = offered if offered and is_kept else orders.morning_of(day)
    broker.note_confirmed(actor=actor, solicitation=search, first_visit_at=at, now=now)


def _unconfirm(actor: Actor, request: CareRequest, search: Solicitation, now: datetime) -> None:
    """Whoever comes is to confirm again. What was closed and cannot come back, somebody sees."""
    asked = intake.mark_unconfirmed(actor=actor, request=request, now=now)
    if asked.state == State.CLOSED:
        ask(actor, request, "review_stopped", now)


def _unfill(actor: Actor, request: CareRequest, search: Solicitation, now: datetime) -> None:
    """Nobody, with what can still be tried; a search that was stopped proposes nothing."""
    exhausted = search.state == Solicitation.State.EXHAUSTED
    codes = orders.proposals(searches.proposals_of(search, now) if exhausted else [])
    intake.mark_unfilled(actor=actor, request=request, proposals=codes, now=now)


def _reopen(actor: Actor, request: CareRequest, search: Solicitation, now: datetime) -> None:
    """Forget who does not come. What was closed and is past stays so: somebody looks at it."""
    reopened = intake.reopen(actor=actor, request=request, now=now)
    if reopened.state == State.CLOSED:
        if search.state in Solicitation.STANDING:
            broker.cancel(actor=actor, solicitation=search, reason="past", now=now)
        ask(actor, request, "review_stopped", now)


TAKES: dict[str, Callable[[Actor, CareRequest, Solicitation, datetime], None]] = {
    "stop": _stop,
    "search": _search,
    "find": _find,
    "confirm": _confirm,
    "date": _date,
    "unconfirm": _unconfirm,
    "unfill": _unfill,
    "reopen": _reopen,
}
"""What each step of `rules.disagreement` does."""


# --- the tasks ---------------------------------------------------------------------------------


def _keep_the_tasks(
    actor: Actor, request: CareRequest, search: Solicitation | None, now: datetime
) -> None:
    """Open what is owed, drop what is not; what a fact opened lives as long as the request."""
    owed = rules.owed(_rope(request, search, now))
    opened = {task.kind: task for task in open_about(origin_of(request))}
    over = request.state in (*rules.GIVEN_UP, State.CLOSED)
    for kind, task in opened.items():
        pointless = kind in rules.DERIVED and kind not in owed
        if kind == "decide_later_offer":
            pointless = kind not in owed and not _is_offered_later(request, search)
        if lasts := LASTS.get(kind):
            pointless = search is None or not lasts(search, task, now)
        if pointless or (over and kind not in owed | STAYS_OWED):
            services.drop(actor=actor, task=task, now=now)
    put_off = opened.get("call_back")
    if put_off and _is_changed_since(put_off, request, now):
        services.snooze(actor=actor, task=put_off, until=None, now=now)
    for kind in sorted(owed - opened.keys()):
        ask(actor, request, kind, now)


LASTS: dict[str, Callable[[Solicitation, Task, datetime], bool]] = {
    "tell_winner": lambda search, task, now: searches.is_to_be_told(search),
    "tell_visit": lambda search, task, now: searches.is_date_untold(search, task.since_at, now),
    "place_away": lambda search, task, now: searches.is_held_by_away(search, now),
    "place_gone": lambda search, task, now: searches.is_held_by_gone(search),
    "place_left": lambda search, task, now: searches.is_held_outside(search),
}
"""How long what a fact opened about whoever comes is still to be done."""


def _is_offered_later(request: CareRequest, search: Solicitation | None) -> bool:
    """Whether somebody offers to come later while the request is searched: for the desk to say."""
    if search is None or request.state != State.SEARCHING:
        return False
    return searches.is_offered_later(search)


def _is_changed_since(task: Task, request: CareRequest, now: datetime) -> bool:
    """Whether what is to be said came after the call was put off: it was put off for another."""
    if task.state != task.State.OPEN or not task.snoozed_until or task.snoozed_until <= now:
        return False
    return request.outcome_at is not None and request.outcome_at > task.updated_at


def ask(actor: Actor, request: CareRequest, kind: str, now: datetime) -> None:
    """Put a task about a request on the worklist of whoever has it now."""
    services.open_task(
        actor=actor,
        now=now,
        ask=services.Ask(
            kind=kind,
            origin=origin_of(request),
            organization_id=request.organization_id,
            person_id=request.person_id,
            assignee_id=holder_of(request, now),
            delay=request.delay,
            deadline_at=request.due_at if kind == "await_answer" else None,
        ),
    )


def drop(actor: Actor, request: CareRequest, now: datetime, *kinds: str) -> None:
    """Take tasks about a request off the worklist."""
    for task in open_about(origin_of(request), *kinds):
        services.drop(actor=actor, task=task, now=now)


def holder_of(request: CareRequest, now: datetime) -> UUID | None:
    """Who has a request now: whoever keeps it for the night, then whoever follows it."""
    kept = request.kept_until is not None and now < request.kept_until
    return request.keeper_id if kept else request.owner_id


def give(actor: Actor, request: CareRequest, former: set[UUID | None], now: datetime) -> None:
    """Move the tasks of former holders to the present one, or to the team once that one left; what
    was given to others stays."""
    holder_id = holder_of(request, now)
    holder = request.keeper if holder_id == request.keeper_id else request.owner
    for task in open_about(origin_of(request)):
        if task.assignee_id in former and task.assignee_id != holder_id:
            services.pass_on(actor=actor, task=task, to=holder, now=now)
