"""A plan under way, whose protected lines its reader may not read."""

from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.factories.plans import plan_under_way


def make(stage):
    """One row of the type."""
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk)
    nurse = PractitionerFactory(last_name="Vial", first_name="Jeanne")
    stay = joins_circle(person, practitioner=nurse)
    return plan_under_way(person, stage.desk, AccountFactory(name="Sophie Blanc"), stay)
