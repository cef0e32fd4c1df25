"""The tables of the room, by noun."""

from cordee.plans.models.agreements import Agreement, PlanVersion, VersionPart
from cordee.plans.models.lines import ActionAnswer, Activity, AlertStep, Goal, Need
from cordee.plans.models.plans import CarePlan
from cordee.plans.models.reviews import GoalReview, Review

__all__ = [
    "ActionAnswer",
    "Activity",
    "Agreement",
    "AlertStep",
    "CarePlan",
    "GoalReview",
    "Need",
    "PlanVersion",
    "Review",
    "VersionPart",
    "Goal",
]
