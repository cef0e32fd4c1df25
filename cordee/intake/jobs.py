"""What intake does on hearing the rooms below: a life changes, the search stops."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.directory.selectors import is_member
from cordee.intake import selectors, services
from cordee.intake.models import CancelReason, CareRequest, RefusalReason
from cordee.intake.rules import LIVE, State
from cordee.kernel.facts import StoredFact, listens
from cordee.kernel.queue import job, later
from cordee.people import selectors as people
from cordee.people.facts import persons_of
from cordee.people.rules.processing import Basis, Purpose


@listens("people.person_died")
def on_death(*, fact: StoredFact) -> None:
    """End what is under way; the requester is still to be told, by a human."""
    if people.is_deceased(UUID(str(fact.data["person_id"]))):  # it may have been taken back since
        _stop(fact, CancelReason.PERSON_DIED)


@listens("people.merged", "people.merged_unattended", "people.merge_undone")
def on_records(*, fact: StoredFact) -> None:
    """Records became one, or two again: what one asked for ends where the other knew of a death, or
    of an entry in hospital, which was told when nothing was under way there."""
    for person_id in persons_of(fact):
        if people.is_deceased(person_id):
            _stop_of(person_id, CancelReason.PERSON_DIED)
        else:
            _stop_where_away(person_id)


@listens("people.person_admitted")
def on_admission(*, fact: StoredFact) -> None:
    """End what was asked for before she entered: what was asked since is for her return. Heard
    late, she may be home again: she is then still expected there."""
    _stop_where_away(UUID(str(fact.data["person_id"])))


@listens("people.person_moved")
def on_move(*, fact: StoredFact) -> None:
    """Bring what is under way back to whoever follows it: the place has changed, and perhaps
    again since."""
    place = people.lives_in(UUID(str(fact.data["person_id"])))
    _stop(fact, CancelReason.MOVED, place=place)


@listens(
    "people.processing_changed",
    "people.sharing_changed",
    "people.left_circle",
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
)
def on_shut_out(*, fact: StoredFact) -> None:
    """End what a service may follow no more: nothing stays that nobody may see."""
    by_her = fact.actor.get("role") in (Role.PERSON, Role.RELATIVE)
    declined = by_her or fact.kind in ("people.processing_changed", "people.sharing_changed")
    reason = RefusalReason.PERSON_DECLINED if declined else RefusalReason.OTHER
    for request in selectors.owed_requests_of(SYSTEM, persons_of(fact)):
        _end_unless_followed(request, reason)


@listens("people.legal_basis_set")
def on_basis(*, fact: StoredFact) -> None:
    """Coordination by consent alone is shut out of whoever has not consented: the same, for all."""
    if (fact.data["purpose"], fact.data["basis"]) == (Purpose.COORDINATION, Basis.CONSENT):
        for request in selectors.live_requests(SYSTEM).iterator(chunk_size=500):
            _end_unless_followed(request, RefusalReason.NO_AGREEMENT)


def _end_unless_followed(request: CareRequest, reason: str) -> None:
    """A request that had ended, whose requester does not know yet, still owes them a word."""
    if request.person_id and not people.may_follow(request.organization_id, request.person_id):
        now, is_live = timezone.now(), State(request.state) in LIVE
        if is_live:
            services.stop(actor=SYSTEM, request=request, reason=reason, now=now)
        else:
            services.owe_a_word(actor=SYSTEM, request=request, now=now)


@listens("directory.membership_ended")
def on_membership_ended(*, fact: StoredFact) -> None:
    """Whoever left follows nothing more here: the team does, and the page of a request says so."""
    account, desk = UUID(fact.data["account_id"]), UUID(fact.data["organization_id"])
    now = timezone.now()
    if not is_member(account, desk, now):  # not another role, nor before its last day
        for request in selectors.followed_in(SYSTEM, desk, account, timezone.localdate(now)):
            services.leave_to_team(actor=SYSTEM, request=request, account_id=account, now=now)


@job(queue="house", attempts=2, every="15 4 * * *")
def leave_to_teams() -> None:
    """The same of those who left before that was heard, or whose account alone was closed."""
    now = timezone.now()
    for request in selectors.followed_by_who_left(SYSTEM, now, A_NIGHT):
        services.leave_to_team(actor=SYSTEM, request=request, account_id=request.owner_id, now=now)


@job(queue="house", attempts=3)
def leave_to_on_call(*, organization_id: str, since: str, closing: str) -> None:
    """The desk closes: what came since its duty ended has a name until morning too. While another
    desk is open, or on-call has not begun, it is looked at again then: until the next day."""
    desk, now, closed = UUID(organization_id), timezone.now(), datetime.fromisoformat(closing)
    for request in selectors.come_unkept(SYSTEM, desk, datetime.fromisoformat(since), closed):
        services.leave_to_on_call(actor=SYSTEM, request=request, now=now)
    again = services.next_look(desk, now)
    if again is not None and again < closed + A_DAY:
        told = {"organization_id": organization_id, "since": since, "closing": closing}
        later("cordee.intake.jobs.leave_to_on_call", at=again, **told)


A_NIGHT, A_DAY = 5_000, timedelta(days=1)


def _stop_where_away(person_id: UUID) -> None:
    since = people.away_since(person_id)
    if since is not None:
        _stop_of(person_id, CancelReason.ADMITTED, received_by=since)


def _stop(fact: StoredFact, reason: str, **told: Any) -> None:
    _stop_of(UUID(str(fact.data["person_id"])), reason, **told)


def _stop_of(
    person_id: UUID, reason: str, *, place: str = "", received_by: datetime | None = None
) -> None:
    now = timezone.now()
    today = timezone.localdate(now)
    for request in selectors.unvisited_requests_of(SYSTEM, [person_id], today):
        if received_by is None or request.received_at <= received_by:
            services.stop(actor=SYSTEM, request=request, reason=reason, place=place, now=now)
