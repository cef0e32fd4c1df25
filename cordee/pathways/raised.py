"""Alerts raised at home, on the worklist of the structure that answers: each as it stands now."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.directory.selectors import is_member
from cordee.kernel.facts import StoredFact
from cordee.pathways import answering, rules, services
from cordee.pathways.selectors import open_about
from cordee.people.facts import persons_of
from cordee.plans.rules.rhythms import end_of
from cordee.vigilance import selectors as vigilance
from cordee.vigilance.models import Alert
from cordee.vigilance.rules.trend import Signal

ANSWER, LOOK, FOLLOW = "answer_alert", "look_at_alert", "follow_alert"


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have one task stand for an alert: to answer, then to follow; none once it is closed."""
    origin = f"vigilance/alert/{fact.data['alert_id']}"
    _agree(actor, vigilance.alert_now(UUID(fact.data["alert_id"])), origin, now)


def follow_person(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Her circle changed, or what it may know: nobody is asked about who they may not follow."""
    for person in persons_of(fact):
        for alert in vigilance.open_about(person):
            _agree(actor, alert, f"vigilance/alert/{alert.pk}", now)


def _agree(actor: Actor, alert: Alert | None, origin: str, now: datetime) -> None:
    wanted, roles = _wanted(alert), _roles(alert)
    due = end_of(alert.review_on) if alert and alert.review_on and wanted == FOLLOW else None
    standing = set()
    held: dict[str, UUID | None] = {}
    for task in open_about(origin, ANSWER, LOOK, FOLLOW):
        same = alert is not None and task.organization_id == alert.organization_id
        stays = same and task.kind == wanted and task.role in roles
        if stays and task.due_at == rules.due_at(wanted, task.since_at, due):
            standing.add(task.role)
        else:
            if stays:  # another day, in the same hands
                held[task.role] = task.assignee_id
            services.drop(actor=actor, task=task, now=now)
    if alert is None or not wanted:
        return
    for role in (one for one in roles if one not in standing):
        ask = services.Ask(
            kind=wanted,
            origin=origin,
            organization_id=alert.organization_id,
            role=role,
            person_id=alert.person_id,
            assignee_id=held[role] if role in held else _holder(alert, wanted, now),
            deadline_at=due,
        )
        services.open_task(actor=actor, ask=ask, now=now)


def _roles(alert: Alert | None) -> list[str]:
    if alert is None or not alert.is_open:
        return []
    return answering.roles(alert.organization_id, alert.service_id, alert.person_id)


def _wanted(alert: Alert | None) -> str:
    if alert is None or not alert.is_open:
        return ""
    if not alert.is_waiting:
        return FOLLOW
    return ANSWER if alert.signal == Signal.IMMEDIATE or alert.escalated_at else LOOK


def _holder(alert: Alert, wanted: str, now: datetime) -> UUID | None:
    """Who saw it follows it; who it was passed to answers it; else the whole team is told.

    Nobody of another team: the alert may have come from one.
    """
    held = alert.seen_by_id if wanted == FOLLOW else alert.escalated_to_id
    return held if held and is_member(held, alert.organization_id, now) else None
