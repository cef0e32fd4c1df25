"""A meeting that was held, made up for tests: one of each line, and one of each protected kind."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

from cordee.meetings import models
from cordee.meetings.rules.states import reference_of
from tests.factories.plans import CATEGORY_CODES
from tests.support import NOW, arranging


def _references() -> Iterator[str]:
    """Give references of which none comes twice: three random signs met once in four thousand."""
    for letters in product("ABCDEFGH", repeat=6):
        yield reference_of("".join(letters))


REFERENCES = _references()


def meeting_held(person: Any, organization: Any, account: Any, member: Any) -> models.Meeting:
    """A meeting with its lines: the nurse came, and each line decided something for her."""
    about = {
        "person": person,
        "organization": organization,
        "starts_at": NOW,
        "place": "Salle du service",
        "called_at": NOW,
        "called_by": account,
    }
    with arranging():
        meeting = models.Meeting.objects.create(
            **about, reference=next(REFERENCES), state="held", ended_at=NOW
        )
        models.Seat.objects.create(meeting=meeting, account=account, was_there=True)
        models.Seat.objects.create(meeting=meeting, member=member, was_there=True)
        for category in CATEGORY_CODES:
            line = {"meeting": meeting, "author": account, "category": category}
            topic = models.Topic.objects.create(
                **line, words=f"Ligne {category}", reason="typed", said="Dit"
            )
            models.Decision.objects.create(
                **line, words="Décidé", topic=topic, member=member, due_on=date(2026, 12, 1)
            )
    return meeting


def meeting_planned(person: Any, organization: Any, account: Any) -> models.Meeting:
    """A meeting to come, with its author alone."""
    with arranging():
        meeting = models.Meeting.objects.create(
            person=person,
            organization=organization,
            reference=next(REFERENCES),
            starts_at=NOW.replace(year=2027),
            link="https://visio.exemple.fr/salle",
            called_at=NOW,
            called_by=account,
        )
        models.Seat.objects.create(meeting=meeting, account=account)
    return meeting


def dilemma_of(person: Any, author: Any, *seated: Any, organization: Any = None) -> models.Dilemma:
    """A dilemma, with who took part."""
    with arranging():
        dilemma = models.Dilemma.objects.create(
            person=person,
            organization=organization,
            author=author,
            question="Respecter son refus d’aide, ou la protéger ?",
            written_at=NOW,
        )
        for account in seated:
            models.DilemmaSeat.objects.create(dilemma=dilemma, account=account)
    return dilemma
