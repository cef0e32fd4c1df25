"""Notes about mental health or social life."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.facts import MentalHealthNoteWritten, SocialNoteWritten
from cordee.people.models import Person, ProtectedNote
from cordee.people.rules.sharing import Category

FACTS = {
    Category.MENTAL_HEALTH: MentalHealthNoteWritten,
    Category.SOCIAL: SocialNoteWritten,
}


@action("people.write_note", on="person", lock=())
def write_note(
    *,
    actor: Actor,
    person: Person,
    category: Category,
    body: str,
    corrects: ProtectedNote | None = None,
    now: datetime,
) -> ProtectedNote:
    """Write a protected note; a correction is a new one. Raises DomainError (people.note)."""
    if category not in FACTS or not body.strip():
        raise DomainError("people.note", "Écrivez la note et choisissez sa catégorie.")
    if corrects is not None and (
        corrects.author_id != actor.account_id or corrects.person_id != person.pk
    ):
        raise DomainError("people.note", "On ne corrige que ses propres notes.")
    note = ProtectedNote(
        person=person,
        category=category,
        body=body.replace("\x00", "").strip()[:8000],
        author_id=actor.signatory,
        organization_id=actor.organization_id,
        written_at=now,
        corrects=corrects,
    )
    note.save(force_insert=True)
    publish(FACTS[category](person_id=person.pk, note_id=note.pk))
    return note
