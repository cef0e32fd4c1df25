"""A home help that follows somebody whom the desk follows too."""

from tests.factories.directory import OrganizationFactory
from tests.factories.people import joins_circle


def make(stage):
    """One row of the type."""
    home = OrganizationFactory(name="Aide à domicile du Drac", kind="home_help")
    joins_circle(stage.person, organization=home)
    return home
