"""Notes about mental health or social life."""

from datetime import datetime

from django.db import IntegrityError, transaction

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
    body = body.replace("\x00", "").strip()
    if category not in FACTS or not body:
        raise DomainError("people.note", "Écrivez la note et choisissez sa catégorie.")
    if corrects is not None:
        _require_own(corrects, actor, person, category)
    note = ProtectedNote(
        person=person,
        category=category,
        body=body[:8000],
        author_id=actor.signatory,
        organization_id=actor.organization_id,
        written_at=now,
        corrects=corrects,
    )
    try:
        with transaction.atomic():
            note.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(
            "people.note",
            "Cette note a déjà été corrigée entre-temps\u00a0: rien n’a été écrit. Corrigez la "
            "dernière version.",
        ) from error
    publish(FACTS[category](person_id=person.pk, note_id=note.pk))
    return note


def _require_own(note: ProtectedNote, actor: Actor, person: Person, category: Category) -> None:
    if note.author_id != actor.account_id or note.person_id != person.pk:
        raise DomainError("people.note", "On ne corrige que ses propres notes.")
    if note.category != category:  # each category has its own readers: none may change under a note
        raise DomainError("people.note", "Une correction garde la catégorie de la note.")
