"""A circle: the desk, the usual nurse, a doctor who left, a daughter and an account."""

from datetime import timedelta

from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.factories.people import MemberFactory, PersonFactory, RelativeFactory, joins_circle
from tests.support import NOW


def make(stage):
    """One row of the type."""
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk, is_reference=True)
    joins_circle(
        person,
        practitioner=PractitionerFactory(last_name="Faure"),
        is_usual_nurse=True,
        since=NOW + timedelta(days=1),
    )
    joins_circle(
        person,
        practitioner=PractitionerFactory(last_name="Roux", profession="10"),
        role="doctor",
        since=NOW + timedelta(days=2),
        until=NOW + timedelta(days=3),
    )
    daughter = RelativeFactory(person=person)
    MemberFactory(
        person=person,
        practitioner=None,
        relative=daughter,
        role="relative",
        ground="",
        since=NOW + timedelta(days=4),
    )
    MemberFactory(
        person=person,
        practitioner=None,
        account=AccountFactory(name="Sophie Arnaud"),
        role="coordination",
        since=NOW + timedelta(days=5),
    )
    return person
