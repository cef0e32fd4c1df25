"""A daughter, trusted person, tells that somebody opposes."""

from tests.factories.people import (
    EmergencyOppositionFactory,
    HintChoiceFactory,
    PersonFactory,
    ProcessingFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)


def make(stage):
    """One row of the type."""
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk)
    daughter = RelativeFactory(person=person, is_trusted=True)
    return SharingFactory(
        person=person, speaker="trusted", relative=daughter, document="lettre du 3 mars"
    )


def make_processing(stage):
    """She refuses to be written to by text or mail."""
    return ProcessingFactory(person=_followed(stage), purpose="texts")


def make_emergency(stage):
    """She refuses beforehand any emergency access."""
    return EmergencyOppositionFactory(person=_followed(stage))


def make_hint(stage):
    """One may say that her record is shown in part."""
    return HintChoiceFactory(person=_followed(stage))


def _followed(stage):
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk)
    return person
