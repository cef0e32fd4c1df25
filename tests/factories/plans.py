"""A plan under way, made up for tests: one of each line, and one of each kind that is protected."""

from datetime import date
from typing import Any

from cordee.plans import models
from cordee.plans.rules.domains import CATEGORIES
from tests.support import NOW, arranging

DAY = date(2026, 12, 1)
CATEGORY_CODES = [one.value for one in CATEGORIES]


def plan_under_way(person: Any, organization: Any, account: Any, member: Any) -> models.CarePlan:
    """The whole of a plan: the nurse is entrusted with each action, and answered once."""
    with arranging():
        plan = models.CarePlan.objects.create(
            person=person,
            organization=organization,
            referent=account,
            wishes="Rester chez moi",
            opened_at=NOW,
            opened_by=account,
        )
        for category in CATEGORY_CODES:
            _lines(plan, account, member, category)
        models.AlertStep.objects.create(
            plan=plan, author=account, place=1, words="Chute", who="Jeanne", phone="+33399010203"
        )
        _agreed(plan, account)
        models.Activity.objects.filter(plan=plan).update(phase="active")
        _reviewed(plan, account)
    plan.refresh_from_db()
    return plan


def _lines(plan: Any, account: Any, member: Any, category: str) -> None:
    line = {"plan": plan, "author": account, "category": category}
    need = models.Need.objects.create(**line, words=f"Besoin {category}", domain="functional")
    goal = models.Goal.objects.create(**line, words="Objectif", voice="together", need=need)
    step = models.Activity.objects.create(
        **line,
        words="Passer chaque matin",
        goal=goal,
        choice="entrusted",
        who="professional",
        member=member,
        first_on=DAY,
    )
    models.ActionAnswer.objects.create(
        activity=step, answer="understood", answered_at=NOW, answered_by=account
    )


def _agreed(plan: Any, account: Any) -> None:
    version = models.PlanVersion.objects.create(
        plan=plan, number=1, frozen_at=NOW, frozen_by=account
    )
    for category in CATEGORY_CODES:
        author = None if category == "coordination" else account
        models.VersionPart.objects.create(
            frozen=version, category=category, author=author, content={}, digest=category
        )
    models.Agreement.objects.create(
        frozen=version,
        decision="agreed",
        speaker="person",
        how="oral",
        covers=CATEGORY_CODES,
        said_at=NOW,
        recorded_by=account,
    )
    plan.state, plan.in_force, plan.review_on = "active", 1, DAY
    plan.save(update_fields=["state", "in_force", "review_on", "updated_at"])


def _reviewed(plan: Any, account: Any) -> None:
    review = models.Review.objects.create(
        plan=plan, number=1, held_on=NOW.date(), next_on=DAY, recorded_by=account
    )
    for goal in models.Goal.objects.filter(plan=plan):
        models.GoalReview.objects.create(review=review, goal=goal, person_effect="better")
