"""A dilemma is written, and written again by its author. Nothing of it stands on the thread."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.meetings.facts import NoteToReadAgain
from cordee.meetings.models import Dilemma, DilemmaSeat
from cordee.meetings.rules.states import local
from cordee.people.models import Person

WORDS = ("question", "options", "stakes", "others", "choice", "why")


@dataclass(frozen=True)
class DilemmaSaid:
    """A dilemma as it is written."""

    question: str
    options: str = ""
    stakes: str = ""
    others: str = ""
    choice: str = ""
    why: str = ""
    review_on: date | None = None
    seats: Sequence[UUID] = field(default_factory=tuple)
    """The accounts of who took part, besides the author."""


@action("meetings.write_dilemma", on="person")
def write_dilemma(*, actor: Actor, person: Person, said: DilemmaSaid, now: datetime) -> Dilemma:
    """Write a dilemma about somebody. Raises DomainError (meetings.why_chosen,
    meetings.review_day)."""
    dilemma = Dilemma(
        person=person,
        organization_id=actor.organization_id,
        author_id=actor.signatory,
        written_at=now,
    )
    return _write(dilemma, said, now, is_new=True)


@action("meetings.rewrite_dilemma", on="dilemma")
def rewrite_dilemma(
    *, actor: Actor, dilemma: Dilemma, said: DilemmaSaid, seen: int, now: datetime
) -> Dilemma:
    """Write a dilemma again; `seen`, the version that was read. What it said before is kept.

    Raises DomainError (meetings.changed, meetings.why_chosen, meetings.review_day).
    """
    if dilemma.version != seen:
        raise DomainError(
            "meetings.changed",
            "Cette page a changé depuis que vous l’avez ouverte, dans une autre fenêtre. Vos mots "
            "sont gardés ci-dessous : relisez, puis enregistrez de nouveau.",
        )
    return _write(dilemma, said, now, is_new=False)


@action("meetings.forget", on="dilemma")
def forget(*, actor: Actor, dilemma: Dilemma, now: datetime) -> Dilemma:
    """Ask nobody to read again what they may read no more. Safe to repeat."""
    dilemma.review_on = None
    dilemma.save(update_fields=["review_on", "updated_at"])
    publish(NoteToReadAgain(note_id=dilemma.pk))
    return dilemma


def _write(dilemma: Dilemma, said: DilemmaSaid, now: datetime, *, is_new: bool) -> Dilemma:
    _require_sense(dilemma, said, now)
    moved = said.review_on != dilemma.review_on
    for name in WORDS:
        setattr(dilemma, name, getattr(said, name).strip())
    dilemma.review_on = said.review_on
    dilemma.save(force_insert=is_new)
    kept = set(said.seats) - {dilemma.author_id}
    DilemmaSeat.objects.filter(dilemma=dilemma).exclude(account__in=kept).delete()
    known = set(DilemmaSeat.objects.filter(dilemma=dilemma).values_list("account", flat=True))
    DilemmaSeat.objects.bulk_create(
        DilemmaSeat(dilemma=dilemma, account_id=one) for one in sorted(kept - known)
    )
    if moved:
        publish(NoteToReadAgain(note_id=dilemma.pk))
    return dilemma


def _require_sense(dilemma: Dilemma, said: DilemmaSaid, now: datetime) -> None:
    if said.choice.strip() and not said.why.strip():
        raise DomainError(
            "meetings.why_chosen", "Un choix est noté : dites pourquoi, en quelques mots."
        )
    is_moved = said.review_on is not None and said.review_on != dilemma.review_on
    if is_moved and said.review_on and said.review_on <= local(now).date():
        raise DomainError(
            "meetings.review_day", "La relecture vient après aujourd’hui : choisissez un jour."
        )
