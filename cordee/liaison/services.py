"""Writing in the notebook, correcting, taking back, saying that one read; noting a contact."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.access.records import insert_rows
from cordee.directory.models import Organization
from cordee.kernel.base import any_of, array_of, as_read
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish, publish_many
from cordee.kernel.identifiers import uuid7
from cordee.liaison import rules
from cordee.liaison.facts import CORRECTED, READ, WITHDRAWN, WRITTEN, ContactMade, ContactWithdrawn
from cordee.liaison.models import LONG, Contact, Note, NoteDraft, NoteRead
from cordee.people.models import Person
from cordee.people.rules.sharing import Category


@dataclass(frozen=True)
class NoteSaid:
    """A note as it was typed. `key` is that of the page: the same sent twice is written once."""

    body: str
    importance: str = rules.Importance.ORDINARY.value
    category: str = Category.COORDINATION.value
    about: str = ""
    key: UUID | None = None


@dataclass(frozen=True)
class ContactSaid:
    """A contact as it was typed."""

    way: rules.Way
    whom: rules.Whom
    result: rules.Result
    made_at: datetime
    words: str = ""
    minutes: int | None = None


NOBODY: Mapping[str, Any] = {}
UNSAID = {one.attname: one.get_default() for one in Note._meta.concrete_fields}
"""What a note holds, by column, that nobody says of it."""
TYPED = 20_000  # of what is being typed: longer than a note, which says so when it is sent


@action("liaison.write", on="person", lock=())
def write(*, actor: Actor, person: Person, said: NoteSaid, now: datetime) -> Note:
    """Write a note. Sent twice, the first one is given back; other words are another note.

    Raises DomainError (liaison.words, liaison.changed).
    """
    return _beginning(actor, person, [said], now)[0]


@action("liaison.write_many", on="person", lock=())
def write_many(
    *, actor: Actor, person: Person, said: Sequence[NoteSaid], now: datetime
) -> list[Note]:
    """Write notes of one person in one set, each as `write` would; one line of trace for all.

    Their author and structure come with them. Raises DomainError (liaison.words, liaison.changed).
    """
    author = Account.objects.select_related("practitioner").get(pk=actor.signatory)
    at = Organization.objects.filter(pk__in=[actor.organization_id]).first()
    return _beginning(actor, person, said, now, {"author": author, "organization": at})


@action("liaison.answer", on="note")
def answer(*, actor: Actor, note: Note, said: NoteSaid, now: datetime) -> Note:
    """Answer a note, for the readers of its thread. Raises DomainError (liaison.words)."""
    reply = _note(actor, note.person, said, now)
    reply.thread_id, reply.is_reply = note.thread_id, True
    reply.category, reply.about = note.category, note.about
    return _written(actor, [reply])[0]


@action("liaison.correct", on="note")
def correct(*, actor: Actor, note: Note, said: NoteSaid, now: datetime) -> Note:
    """Write what one meant: what was written stays readable under it, for the same readers.

    Raises DomainError (liaison.words, liaison.gone).
    """
    _require_standing(note)
    fresh = _note(actor, note.person, said, now)
    fresh.thread_id, fresh.is_reply, fresh.corrects = note.thread_id, note.is_reply, note
    fresh.category, fresh.about = note.category, note.about
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError as error:
        raise _gone() from error
    publish(
        CORRECTED[Category(note.category)](
            person_id=note.person_id,
            note_id=fresh.pk,
            corrected_id=note.pk,
            importance=fresh.importance,
        )
    )
    return fresh


@action("liaison.withdraw", on="note")
def withdraw(*, actor: Actor, note: Note, why: str, now: datetime) -> Note:
    """Take a note back, and say why; its words stay behind a fold.

    Raises DomainError (liaison.why, liaison.gone).
    """
    _require_standing(note)
    why = _clean(why)[:300]
    if not why:
        raise DomainError("liaison.why", "Dites pourquoi vous retirez cette note.")
    note.withdrawn_at, note.withdrawn_why = now, why
    note.save(update_fields=["withdrawn_at", "withdrawn_why", "updated_at"])
    publish(WITHDRAWN[Category(note.category)](person_id=note.person_id, note_id=note.pk))
    return note


@action("liaison.mark_read", on="note")
def mark_read(*, actor: Actor, note: Note, now: datetime) -> NoteRead | None:
    """Say that one read a note; one’s own is read by its author already. Twice is once."""
    if note.author_id == actor.account_id:
        return None
    read, is_new = NoteRead.objects.get_or_create(
        note=note,
        reader_id=actor.signatory,
        defaults={"organization_id": actor.organization_id, "read_at": now},
    )
    if is_new and rules.is_waited_for(note.importance, note.category):
        publish(
            READ[Category(note.category)](
                person_id=note.person_id, note_id=note.pk, organization_id=actor.organization_id
            )
        )
    return read


def mark_all_read(*, actor: Actor, notes: Iterable[Note], now: datetime) -> None:
    """Say that one read each of these notes."""
    for note in notes:
        mark_read(actor=actor, note=note, now=now)


@action("liaison.save_draft", on="person", lock=())
def save_draft(
    *, actor: Actor, person: Person, said: NoteSaid, thread: Note | None = None, now: datetime
) -> NoteDraft | None:
    """Keep what is being typed, under the key of its page; nothing typed keeps nothing.

    None: nothing is kept. What was written meanwhile is no draft any more.
    """
    if said.key is None or Note.objects.filter(pk=said.key).exists():
        return None
    typed = {
        "body": _clean(said.body)[:TYPED],
        "importance": said.importance,
        "category": said.category,
        "saved_at": now,
    }
    mine = NoteDraft.objects.filter(pk=said.key, author_id=actor.signatory)
    if not typed["body"]:
        mine.delete()
        return None
    if not mine.exists():
        owner = {"person": person, "author_id": actor.signatory, "thread": thread}
        draft, _ = NoteDraft.objects.get_or_create(pk=said.key, defaults={**owner, **typed})
        return draft if draft.author_id == actor.signatory else None
    draft = mine.get()
    for name, value in typed.items():
        setattr(draft, name, value)
    draft.save(update_fields=[*typed, "updated_at"])
    return draft


@action("liaison.note_contact", on="person", lock=())
def note_contact(*, actor: Actor, person: Person, said: ContactSaid, now: datetime) -> Contact:
    """Say that somebody was called, visited or written to.

    Raises DomainError (liaison.future, liaison.length).
    """
    if said.made_at > now:
        raise DomainError(
            "liaison.future", "Ce moment n’est pas encore venu\u00a0: vérifiez le jour et l’heure."
        )
    if said.minutes is not None and not 1 <= said.minutes <= rules.LONGEST:
        raise DomainError("liaison.length", "Une durée va d’une minute à une journée.")
    contact = Contact(
        person=person,
        minutes=said.minutes,
        way=said.way.value,
        whom=said.whom.value,
        result=said.result.value,
        words=_clean(said.words)[:300],
        made_at=said.made_at,
        author_id=actor.signatory,
        organization_id=actor.organization_id,
    )
    contact.save(force_insert=True)
    made = ContactMade(
        person_id=person.pk,
        contact_id=contact.pk,
        organization_id=actor.organization_id,
        way=contact.way,
        who=contact.whom,
        result=contact.result,
    )
    publish(made, happened_at=said.made_at)
    return contact


@action("liaison.take_back_contact", on="contact")
def take_back_contact(*, actor: Actor, contact: Contact, why: str, now: datetime) -> Contact:
    """Say that a contact was noted by mistake: kept and struck, it counts no more. Twice is once.

    Raises DomainError (liaison.why).
    """
    why = _clean(why)[:300]
    if not why:
        raise DomainError("liaison.why", "Dites en un mot pourquoi ce contact est repris.")
    if contact.is_withdrawn:
        return contact
    contact.withdrawn_at, contact.withdrawn_why = now, why
    contact.save(update_fields=["withdrawn_at", "withdrawn_why", "updated_at"])
    publish(ContactWithdrawn(person_id=contact.person_id, contact_id=contact.pk))
    return contact


def _note(
    actor: Actor, person: Person, said: NoteSaid, now: datetime, beside: Mapping[str, Any] = NOBODY
) -> Note:
    """A note to write; `beside`: who writes it and where, if they come along. Made as rows that are
    read: a history brings hundreds."""
    body = _clean(said.body)
    if not body:
        raise DomainError("liaison.words", "Écrivez la note.")
    told = {
        "id": said.key or uuid7(),
        "person_id": person.pk,
        "category": said.category,
        "importance": said.importance,
        "body": body[:LONG],
        "about": rules.about(said.about),
        "author_id": actor.signatory,
        "organization_id": actor.organization_id,
        "written_at": now,
    }
    return as_read(Note, UNSAID | told, {"person": person, **beside})


def _beginning(
    actor: Actor,
    person: Person,
    said: Sequence[NoteSaid],
    now: datetime,
    beside: Mapping[str, Any] = NOBODY,
) -> list[Note]:
    """Write notes that begin threads."""
    notes = [_note(actor, person, one, now, beside) for one in said]
    for note in notes:
        note.thread_id = note.pk
    return _written(actor, notes)


def _written(actor: Actor, asked: Sequence[Note]) -> list[Note]:
    """Write notes, each once. Two windows that share a draft share its key: what differs from what
    was written under it takes a key made of both. Raises DomainError (liaison.changed)."""
    standing = _under_their_keys(actor, asked)
    others = [one for one in asked if _says(one) != _says(standing[one.pk])]
    for note in others:
        opens = note.thread_id == note.pk
        note.pk = uuid5(note.pk, repr(_says(note)))
        note.thread_id = note.pk if opens else note.thread_id
    if others:
        standing |= _under_their_keys(actor, others)
    return [standing[one.pk] for one in asked]


def _says(note: Note) -> tuple[Any, ...]:
    return tuple(getattr(note, name) for name in SAYS)


def _under_their_keys(actor: Actor, asked: Sequence[Note]) -> dict[UUID, Note]:
    """Write notes under the keys of their pages; what was there is given back, and what was kept
    of them as drafts goes. Raises DomainError (liaison.changed)."""
    notes: dict[UUID, Note] = {}
    for note in asked:
        notes.setdefault(note.pk, note)
    rows = ({name: getattr(note, name) for name in OF_A_NOTE} for note in notes.values())
    fresh = insert_rows(Note, rows, unless="ON CONFLICT (id) DO NOTHING").keys()
    notes |= {row.pk: row for row in _former(actor, notes.keys() - fresh)}
    if fresh:
        mine = NoteDraft.objects.filter(author_id=actor.signatory)
        mine.filter(pk__in=any_of(array_of(fresh), "uuid")).delete()
    publish_many(
        [
            WRITTEN[Category(note.category)](
                person_id=note.person_id, note_id=note.pk, importance=note.importance
            )
            for key, note in notes.items()
            if key in fresh
        ]
    )
    return notes


SAYS = ("person_id", "category", "importance", "body", "about", "thread_id", "is_reply")
OF_A_NOTE = ("id", *SAYS, "author_id", "organization_id", "written_at")


def _former(actor: Actor, keys: Collection[UUID]) -> list[Note]:
    """What was written under these keys before, by the same. Raises DomainError: by another."""
    mine = Note.objects.filter(author_id=actor.signatory)
    mine = mine.select_related("author__practitioner", "organization")
    found = list(mine.filter(pk__in=keys)) if keys else []
    if len(found) < len(keys):
        raise _changed()
    return found


def _changed() -> DomainError:
    return DomainError(
        "liaison.changed",
        "Rien n’a été écrit\u00a0: rouvrez la page, votre brouillon est gardé.",
    )


def _require_standing(note: Note) -> None:
    if note.is_withdrawn or Note.objects.filter(corrects=note).exists():
        raise _gone()


def _gone() -> DomainError:
    return DomainError(
        "liaison.gone",
        "Cette note a été corrigée ou retirée entre-temps. Rien n’a été modifié\u00a0: rouvrez le "
        "cahier pour la lire.",
    )


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()
