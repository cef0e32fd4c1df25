"""An objective of a plan under way, with its need."""

from cordee.plans.models import Goal
from tests.fhir.rows.care_plan import make as plan


def make(stage):
    """One row of the type."""
    return Goal.objects.get(plan=plan(stage), category="coordination")
