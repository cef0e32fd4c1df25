"""A daughter, trusted person, tells that somebody opposes."""

from tests.factories.people import PersonFactory, RelativeFactory, SharingFactory, joins_circle


def make(stage):
    """One row of the type."""
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk)
    daughter = RelativeFactory(person=person, is_trusted=True)
    return SharingFactory(
        person=person, speaker="trusted", relative=daughter, document="lettre du 3 mars"
    )
