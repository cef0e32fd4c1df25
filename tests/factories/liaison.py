"""Notes of each category, each read once and answered once, a draft and a contact."""

from typing import Any

from cordee.kernel.identifiers import uuid7
from cordee.liaison import models
from cordee.liaison.rules import CATEGORIES
from tests.support import NOW, arranging


def note_of(person: Any, author: Any, **details: Any) -> models.Note:
    """A note, or a reply when `thread` says to what."""
    key = uuid7()
    about = {"id": key, "thread_id": key, "body": "Elle a bien mangé.", "written_at": NOW}
    if thread := details.pop("thread", None):
        about |= {"thread_id": thread.pk, "is_reply": True}
    with arranging():
        made: models.Note = models.Note.objects.create(
            person=person, author=author, **about | details
        )
    return made


def notebook_of(person: Any, author: Any, organization: Any, reader: Any) -> models.Note:
    """The whole of a notebook; gives the note of coordination."""
    notes = [
        note_of(person, author, category=one.value, organization=organization) for one in CATEGORIES
    ]
    for note in notes:
        note_of(person, reader, category=note.category, thread=note)
    with arranging():
        for note in notes:
            models.NoteRead.objects.create(note=note, reader=reader, read_at=NOW)
        models.NoteDraft.objects.create(person=person, author=author, body="À", saved_at=NOW)
        models.Contact.objects.create(
            person=person, way="call", whom="person", result="reached", made_at=NOW, author=author
        )
    return notes[0]
