"""A person with what a Patient has a word for."""

from tests.factories.people import PersonFactory, joins_circle


def make(stage):
    """One row of the type."""
    person = PersonFactory(
        birth_name="Lefèvre",
        used_name="Martin",
        used_first_name="Bertille",
        birth_place_code="05061",
        phone="+33639980012",
        email="berthe@exemple.fr",
        address="3 rue des Fleurs",
        territory=stage.desk.territory,
        qualified=True,
        ins="241030513200151",  # of a sequence otherwise, which other tests move
    )
    joins_circle(person, organization=stage.desk)
    return person
