"""An alert that a visit raised."""

from tests.factories.vigilance import alert_of
from tests.fhir.rows.encounter import make as visit


def make(stage):
    """One row of the type."""
    return alert_of(visit(stage), signs=["fell"], said_urgent=True, marks=[])
