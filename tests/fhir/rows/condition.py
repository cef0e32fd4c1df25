"""A need of a plan under way."""

from cordee.plans.models import Need
from tests.fhir.rows.care_plan import make as plan


def make(stage):
    """One row of the type."""
    return Need.objects.get(plan=plan(stage), category="coordination")
