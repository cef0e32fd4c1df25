"""What happens in the notebook. Identifiers and codes only: never a word of a note.

A note of care, of mental health or of social life is another kind of line than one of coordination:
who may not read it is not told that it was written.
"""

from uuid import UUID

from cordee.kernel.facts import Fact
from cordee.people.rules.sharing import Category


class NoteWritten(Fact, kind="liaison.note_written"):
    """Une note est écrite dans le cahier de liaison."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID
    importance: str


class CareNoteWritten(Fact, kind="liaison.care_note_written"):
    """Une note de soins est écrite dans le cahier de liaison."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID
    importance: str


class MentalHealthNoteWritten(Fact, kind="liaison.mental_health_note_written"):
    """Une note de santé mentale est écrite dans le cahier de liaison."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID
    importance: str


class SocialNoteWritten(Fact, kind="liaison.social_note_written"):
    """Une note sur la situation sociale est écrite dans le cahier de liaison."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID
    importance: str


class NoteCorrected(Fact, kind="liaison.note_corrected"):
    """Une note du cahier de liaison est corrigée par son auteur."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID
    corrected_id: UUID
    importance: str


class CareNoteCorrected(Fact, kind="liaison.care_note_corrected"):
    """Une note de soins du cahier de liaison est corrigée par son auteur."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID
    corrected_id: UUID
    importance: str


class MentalHealthNoteCorrected(Fact, kind="liaison.mental_health_note_corrected"):
    """Une note de santé mentale du cahier de liaison est corrigée par son auteur."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID
    corrected_id: UUID
    importance: str


class SocialNoteCorrected(Fact, kind="liaison.social_note_corrected"):
    """Une note sur la situation sociale du cahier de liaison est corrigée par son auteur."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID
    corrected_id: UUID
    importance: str


class NoteWithdrawn(Fact, kind="liaison.note_withdrawn"):
    """Une note du cahier de liaison est retirée par son auteur."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID


class CareNoteWithdrawn(Fact, kind="liaison.care_note_withdrawn"):
    """Une note de soins du cahier de liaison est retirée par son auteur."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID


class MentalHealthNoteWithdrawn(Fact, kind="liaison.mental_health_note_withdrawn"):
    """Une note de santé mentale du cahier de liaison est retirée par son auteur."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID


class SocialNoteWithdrawn(Fact, kind="liaison.social_note_withdrawn"):
    """Une note sur la situation sociale du cahier de liaison est retirée par son auteur."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID


class NoteRead(Fact, kind="liaison.note_read"):
    """Une note importante du cahier de liaison est lue."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID
    organization_id: UUID | None


class CareNoteRead(Fact, kind="liaison.care_note_read"):
    """Une note de soins importante du cahier de liaison est lue."""

    thread, subject = "person_id", "note_id"
    person_id: UUID
    note_id: UUID
    organization_id: UUID | None


class ContactMade(Fact, kind="liaison.contact_made"):
    """Un contact a été fait, ou tenté."""

    thread, subject = "person_id", "contact_id"
    person_id: UUID
    contact_id: UUID
    organization_id: UUID | None
    way: str
    who: str
    result: str


class ContactWithdrawn(Fact, kind="liaison.contact_withdrawn"):
    """Un contact noté par erreur est repris."""

    thread, subject, undoes = "person_id", "contact_id", "liaison.contact_made"
    person_id: UUID
    contact_id: UUID


WRITTEN = {
    Category.COORDINATION: NoteWritten,
    Category.CARE: CareNoteWritten,
    Category.MENTAL_HEALTH: MentalHealthNoteWritten,
    Category.SOCIAL: SocialNoteWritten,
}
CORRECTED = {
    Category.COORDINATION: NoteCorrected,
    Category.CARE: CareNoteCorrected,
    Category.MENTAL_HEALTH: MentalHealthNoteCorrected,
    Category.SOCIAL: SocialNoteCorrected,
}
WITHDRAWN = {
    Category.COORDINATION: NoteWithdrawn,
    Category.CARE: CareNoteWithdrawn,
    Category.MENTAL_HEALTH: MentalHealthNoteWithdrawn,
    Category.SOCIAL: SocialNoteWithdrawn,
}
READ = {
    Category.COORDINATION: NoteRead,
    Category.CARE: CareNoteRead,
}
