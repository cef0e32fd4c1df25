"""A daughter: trusted person, and the first whom one calls."""

from tests.factories.people import PersonFactory, RelativeFactory, joins_circle


def make(stage):
    """One row of the type."""
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk)
    return RelativeFactory(
        person=person,
        phone="+33639980045",
        email="jeanne@exemple.fr",
        is_trusted=True,
        is_called_first=True,
    )
