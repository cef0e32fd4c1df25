"""An urgent answer in the notebook, written by a nurse who has an account."""

from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.factories.liaison import note_of


def make(stage):
    """One row of the type."""
    nurse = AccountFactory(name="Jeanne Vial")
    PractitionerFactory(account=nurse)
    first = note_of(stage.person, nurse, organization=stage.desk)
    return note_of(stage.person, nurse, organization=stage.desk, thread=first, importance="urgent")
