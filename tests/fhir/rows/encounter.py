"""A visit that a helper noted."""

from cordee.liaison.models import Contact
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import (
    InformationFactory,
    PersonFactory,
    StayFactory,
    joins_circle,
)
from tests.factories.vigilance import planned, visit_of
from tests.support import NOW, arranging


def make(stage):
    """One row of the type."""
    home = OrganizationFactory(name="Aide à domicile du Drac", kind="home_help")
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk)
    joins_circle(person, organization=home)
    InformationFactory(person=person)
    helper = AccountFactory(name="Claire Faure")
    return visit_of(person, home, helper, signs=["fell", "eats_little"], words="Triste ce matin")


def make_contact(stage):
    """A call in which the person was reached."""
    with arranging():
        return Contact.objects.create(
            person=stage.person,
            way="call",
            whom="person",
            result="reached",
            made_at=NOW,
            minutes=15,
            author=stage.account,
            organization=stage.desk,
        )


def make_planned(stage):
    """A visit to come."""
    home = OrganizationFactory(name="Aide à domicile du Drac", kind="home_help")
    return planned(stage.person, home, AccountFactory(name="Claire Faure"))


def make_stay(stage):
    """A stay that goes on."""
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk)
    hospital = OrganizationFactory(name="Hôpital de Gap", kind="hospital")
    return StayFactory(person=person, organization=hospital)


def make_stay_ended(stage):
    """A stay that is over, in a place that nobody named."""
    return StayFactory(person=stage.person, left_at=NOW, destination="rehabilitation")
