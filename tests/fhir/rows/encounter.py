"""A visit that a helper noted."""

from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.factories.vigilance import visit_of


def make(stage):
    """One row of the type."""
    home = OrganizationFactory(name="Aide à domicile du Drac", kind="home_help")
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk)
    joins_circle(person, organization=home)
    InformationFactory(person=person)
    helper = AccountFactory(name="Claire Faure")
    return visit_of(person, home, helper, signs=["fell", "eats_little"], words="Triste ce matin")
