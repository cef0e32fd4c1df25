"""A request to qualify, given to somebody of the desk."""

from tests.factories.directory import AccountFactory
from tests.factories.intake import CareRequestFactory
from tests.factories.pathways import TaskFactory
from tests.support import NOW


def make(stage):
    """One row of the type."""
    asked = CareRequestFactory(organization=stage.desk)
    return TaskFactory(
        organization=stage.desk,
        person=asked.person,
        origin=f"intake/request/{asked.pk}",
        due_at=NOW,
        urgency=1,
        assignee=AccountFactory(name="Sophie Vial"),
    )
