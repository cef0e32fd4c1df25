"""Protected notes: those one may read, and nothing about the others."""

from dataclasses import dataclass
from uuid import UUID

from cordee.access.actor import Actor
from cordee.access.fetched import FetchAbout
from cordee.access.policy import get_visible
from cordee.people.models import Person, ProtectedNote


def notes_of(actor: Actor, person: Person) -> list[ProtectedNote]:
    """List the notes one may read, the latest first. Two queries, planned once."""
    return _notes(actor, person.pk)


_notes = FetchAbout(
    lambda: ProtectedNote.objects.select_related("author", "organization").order_by(
        "-written_at", "pk"
    )
)


@dataclass(frozen=True)
class Written:
    """A note as it stands, and what it said before its author corrected it, the latest first."""

    note: ProtectedNote
    earlier: list[ProtectedNote]


def standing_notes(actor: Actor, person: Person) -> list[Written]:
    """List the notes one may read, each with its former versions. Two queries."""
    notes = {note.pk: note for note in notes_of(actor, person)}
    corrected = {note.corrects_id for note in notes.values()}
    return [
        Written(note, _earlier(note, notes)) for note in notes.values() if note.pk not in corrected
    ]


def _earlier(note: ProtectedNote, notes: dict[UUID, ProtectedNote]) -> list[ProtectedNote]:
    found = []
    while (former := notes.get(note.corrects_id) if note.corrects_id else None) is not None:
        found.append(former)
        note = former
    return found


def get_own_note(actor: Actor, person: Person, pk: UUID) -> ProtectedNote:
    """Fetch a note that the actor wrote. Raises Http404, traced. Two queries."""
    own = ProtectedNote.objects.filter(person=person, author_id=actor.account_id)
    return get_visible(actor, own, pk)
