"""What happens after an alert: a text, somebody else when nobody saw it; and what the house learns.

Each job looks before it acts, and may run twice.
"""

import logging
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from cordee.access.action import action
from cordee.access.actor import SYSTEM, Actor
from cordee.directory import selectors as directory
from cordee.kernel.facts import StoredFact, listens
from cordee.kernel.queue import job, later
from cordee.people.facts import finds_something, persons_of
from cordee.people.selectors import is_deceased
from cordee.vigilance import selectors, services
from cordee.vigilance.rules.following import is_escalated, is_told_at_once
from cordee.vigilance.rules.trend import Signal

log = logging.getLogger(__name__)


@job(queue="vigilance")
def tell(*, alert: str) -> None:
    """Send the texts that a team, and who is on call, asked for: no name, no mark; none while the
    desk is closed, but for what cannot wait. One text for all that waits."""
    now, found = timezone.now(), selectors.alert_now(UUID(alert))
    if found is None or not found.is_waiting or is_deceased(found.person_id):
        return
    is_open = directory.is_desk_open(found.organization_id, now)
    if not is_told_at_once(Signal(found.signal), desk_is_open=is_open):
        return
    told = {
        "organization": found.organization,
        "number": selectors.number_of(found.organization_id),
        "since": max(found.latest_at, found.escalated_at or found.latest_at),
    }
    again = [services.tell_team(actor=SYSTEM, now=now, **told)] if told["number"] else []
    if accounts := selectors.texted_for(found, now, desk_is_open=is_open):
        again.append(services.tell_on_call(actor=SYSTEM, accounts=accounts, now=now, **told))
    if waits := [one for one in again if one]:
        later("cordee.vigilance.jobs.tell", at=min(waits), alert=alert)


@job(queue="vigilance")
def escalate(*, alert: str) -> None:
    """Pass an alert that nobody saw in time to who holds the desk, or stands in for who should."""
    _escalate(UUID(alert), timezone.now())


def _escalate(pk: UUID, now: datetime) -> None:
    found = selectors.alert_now(pk)
    if found is None or is_deceased(found.person_id):
        return
    is_open = directory.is_desk_open(found.organization_id, now)
    if is_escalated(Signal(found.signal), seen=not found.is_waiting, desk_is_open=is_open):
        to = selectors.stands_in_for(found, now, desk_is_open=is_open)
        if services.escalate(actor=SYSTEM, alert=found, to=to, now=now):
            tell(alert=str(pk))


@job(queue="vigilance", every="*/10 * * * *")
def escalate_late() -> None:
    """Look again at what waited for a desk to open: nothing is left behind by a closed door.

    What cannot wait is told to who came on call since. One that fails never holds back the others.
    """
    now = timezone.now()
    for pk in selectors.late_alerts(now):
        try:
            _escalate(pk, now)
        except Exception:
            log.exception("alert %s is not passed on yet", pk)
    _tell_again(selectors.unseen_at_once())


def _tell_again(alerts: Collection[UUID]) -> None:
    for pk in alerts:
        try:
            tell(alert=str(pk))
        except Exception:
            log.exception("alert %s is not texted yet", pk)


@listens("messaging.delivery_failed")
def on_failure(*, fact: StoredFact) -> None:
    """A text to who is on call did not arrive: the next of the roster is tried at once."""
    if account := selectors.who_was_on_call(str(fact.data.get("origin", ""))):
        _tell_again(selectors.waiting_for(account, timezone.now()))


@job(queue="vigilance", every="20 3 * * *")
def learn() -> None:
    """Each night: how helpers mark, then what judged alerts say of the limits."""
    now = timezone.now()
    services.estimate_leanings(actor=SYSTEM, now=now)
    services.learn(actor=SYSTEM, now=now)


@job(queue="vigilance", every="40 3 * * *")
def end_silent_phones() -> None:
    """Each night: phones not heard of for too long send and read nothing any more."""
    services.end_silent_phones(actor=SYSTEM, now=timezone.now())


@job(queue="vigilance")
def judge_again(*, visits: Collection[str], part: str) -> None:
    """Judge what could not be when it was recorded."""
    keys = [UUID(one) for one in visits]
    services.judge_again(actor=SYSTEM, visits=keys, part=part, now=timezone.now())


@listens(
    "people.joined_circle",
    "people.left_circle",
    "people.sharing_changed",
    "people.processing_changed",
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
    only=finds_something,
)
def on_the_circle(*, fact: StoredFact) -> None:
    """Who may answer changed: her open alerts pass to who does today."""
    for person in persons_of(fact):
        services.route(actor=SYSTEM, person=person, now=timezone.now())


@listens("people.legal_basis_set")
def on_the_basis(*, fact: StoredFact) -> None:
    """Coordination may follow fewer persons, or more: every open alert is looked at."""
    for person in selectors.persons_alerted():
        services.route(actor=SYSTEM, person=person, now=timezone.now())


@listens("people.merged", "people.merged_unattended", "people.merge_undone")
def on_merge(*, fact: StoredFact) -> None:
    """Visits changed hands: what is remembered of both is made again from them."""
    for person in persons_of(fact):
        _remember(actor=SYSTEM, person=person, now=timezone.now())


@action("vigilance.watch_again", on=None)
def _remember(*, actor: Actor, person: UUID, now: datetime) -> None:
    services.watch_again(person, now)
