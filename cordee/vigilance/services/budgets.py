"""The alarm budget of a team, and the limits that follow from it."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.models import Organization
from cordee.directory.phones import parse_phone
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.vigilance.facts import BudgetSet
from cordee.vigilance.models import AlarmBudget, Alert, Watch
from cordee.vigilance.rules import following, limits
from cordee.vigilance.rules.following import LEARNT_OVER
from cordee.vigilance.rules.limits import USUAL_BUDGET
from cordee.vigilance.selectors.learnt import (
    TREND_CODES,
    answered_today,
    record_of,
    visits_per_week,
    watched_by,
)

FEWEST, MOST = Decimal("0.5"), Decimal(500)
SOONEST, LATEST = 5, 1440


@action("vigilance.set_budget", on="organization", lock=())
def set_budget(  # noqa: PLR0913 — the four settings of one form
    *,
    actor: Actor,
    organization: Organization,
    per_week: Decimal,
    minutes: int,
    mobile: str,
    now: datetime,
) -> AlarmBudget:
    """Choose how many false alerts a week are bearable; limits follow at once.

    Raises DomainError (vigilance.budget, vigilance.minutes, vigilance.mobile).
    """
    if not FEWEST <= per_week <= MOST:
        raise DomainError("vigilance.budget", "Choisissez entre 0,5 et 500 par semaine.")
    if not SOONEST <= minutes <= LATEST:
        raise DomainError("vigilance.minutes", "Choisissez entre 5 minutes et 24 heures.")
    number = parse_phone(mobile) if mobile.strip() else ""
    if number is None or (mobile.strip() and not number):
        raise DomainError("vigilance.mobile", "Ce numéro n’existe pas\u00a0: vérifiez-le.")
    budget = AlarmBudget.objects.select_for_update(of=("self",)).filter(
        organization=organization
    ).first() or AlarmBudget(organization=organization)
    budget.per_week, budget.minutes, budget.mobile = per_week, minutes, number
    budget.set_by_id, budget.set_at = actor.signatory, now
    budget.save()
    _limit(organization.pk, budget, watched_by(organization.pk), now)
    publish(BudgetSet(organization_id=organization.pk, per_week=str(per_week), minutes=minutes))
    return budget


@action("vigilance.learn", on=None)
def learn(*, actor: Actor, now: datetime) -> int:
    """Each night: learn from judged alerts, and set the limits again. Returns how many teams."""
    by_desk: dict[UUID, list[UUID]] = defaultdict(list)
    for person, desk in answered_today().items():
        by_desk[desk].append(person)
    budgets = {one.organization_id: one for one in AlarmBudget.objects.order_by("pk")}
    for desk, watched in sorted(by_desk.items()):
        budget = budgets.get(desk)
        if budget is not None and now - (budget.learnt_at or budget.set_at) >= LEARNT_OVER:
            budget.correction = _learnt(budget, watched, now)
            budget.learnt_at = now
            budget.save(update_fields=["correction", "learnt_at", "updated_at"])
        _limit(desk, budget, watched, now)
    return len(by_desk)


def _learnt(budget: AlarmBudget, watched: list[UUID], now: datetime) -> float:
    """Correct what was corrected before, by what was judged since.

    What was expected is what the limits let through: less than the budget when visits are few.
    """
    since = budget.learnt_at or budget.set_at
    record = record_of(budget.organization_id, since)
    raised = Alert.objects.filter(
        organization=budget.organization_id,
        raised_at__gte=since,
        signal__in=TREND_CODES,
    ).count()
    weeks = (now - since) / timedelta(weeks=1)
    share = min(record.judged / raised, 1.0) if raised else 0.0
    let_through = _reach(budget, watched, now).expected_per_week
    expected = let_through * weeks * share
    return following.correction(record, expected=expected, before=budget.correction)


def _limit(desk: UUID, budget: AlarmBudget | None, watched: list[UUID], now: datetime) -> None:
    found = _reach(budget, watched, now)
    rows = Watch.objects.filter(pk__in=watched)  # held in the order in which visits hold them
    list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    rows.update(drop_limit=found.limits.drop, decline_limit=found.limits.decline)


def _reach(budget: AlarmBudget | None, watched: list[UUID], now: datetime) -> limits.Budget:
    return limits.budget(
        per_week=float(budget.per_week) if budget else USUAL_BUDGET,
        visits_per_week=visits_per_week(watched, now),
        correction=budget.correction if budget else 1.0,
    )
