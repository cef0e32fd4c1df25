"""A text that a carrier took, to a professional."""

from tests.factories.directory import PractitionerFactory
from tests.factories.messaging import MessageFactory


def make(stage):
    """One row of the type."""
    nurse = PractitionerFactory(last_name="Vial", first_name="Jeanne")
    return MessageFactory(
        sent=True, organization=stage.desk, practitioner=nurse, person=stage.person
    )
