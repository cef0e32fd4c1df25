"""The notebook as its reader may read it, and who is still to read what."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from cordee.access.actor import ANONYMOUS, Actor, Role
from cordee.access.fetched import FetchAbout
from cordee.access.policy import get_visible, seen_about
from cordee.access.stencil import Stencil, filled_up
from cordee.directory.kinds import OrganizationKind
from cordee.kernel.base import any_of
from cordee.liaison import rules
from cordee.liaison.models import Contact, Note, NoteDraft, NoteRead
from cordee.people.models import CircleMember, Person
from cordee.people.policy import knows
from cordee.people.rules.sharing import Category
from cordee.people.selectors import circle_of

PAGE = 20
HOME_HELP = OrganizationKind.HOME_HELP
LATELY = 3
MOST_CONTACTS = 200


@dataclass(frozen=True)
class Wanted:
    """Which threads of a notebook: to read, important, of a category, about one thing."""

    unread: bool = False
    important: bool = False
    category: str = ""
    about: str = ""
    page: int = 1

    @property
    def is_narrow(self) -> bool:
        """Whether something is filtered."""
        return bool(self.unread or self.important or self.category or self.about)

    def query(self, page: int) -> str:
        """The same, on another page, as an address carries it."""
        shown = "a-lire" if self.unread else "importantes" if self.important else ""
        kept = {"voir": shown, "categorie": self.category, "sur": self.about, "page": str(page)}
        return urlencode({name: value for name, value in kept.items() if value})


@dataclass(frozen=True)
class Awaited:
    """Somebody of the circle who may read a note, and when they did."""

    name: str
    read: NoteRead | None = None
    has_access: bool = True


@dataclass
class Shown:
    """A note as it stands, with what it said before and who read it."""

    note: Note
    earlier: list[Note] = field(default_factory=list)
    reads: list[NoteRead] = field(default_factory=list)
    awaited: list[Awaited] = field(default_factory=list)
    is_mine: bool = False
    is_unread: bool = False


@dataclass
class Thread:
    """A note and what was answered to it, the oldest answer first."""

    opening: Shown
    replies: list[Shown] = field(default_factory=list)

    @property
    def is_unread(self) -> bool:
        """Whether something of it is still to be read by who looks."""
        return any(one.is_unread for one in (self.opening, *self.replies))


@dataclass
class Notebook:
    """A page of a notebook."""

    threads: list[Thread]
    unread: int
    wanted: Wanted
    has_more: bool = False

    @property
    def ordinary_unread(self) -> list[UUID]:
        """The notes of this page, still to be read, that matter to nobody in particular."""
        return [
            one.note.pk
            for thread in self.threads
            for one in (thread.opening, *thread.replies)
            if one.is_unread and one.note.importance not in rules.ASKS_TO_BE_READ
        ]


def get_note(actor: Actor, pk: UUID) -> Note:
    """Fetch one note. Raises Http404, traced. Two queries."""
    return get_visible(actor, Note.objects.select_related("person__commune", "author"), pk)


def records(actor: Actor) -> QuerySet[Note]:
    """List the notes that the actor may read, corrected and withdrawn ones too. One query."""
    corrected = Exists(Note.objects.filter(corrects=OuterRef("pk")))
    rows = Note.objects.visible_to(actor).annotate(is_corrected=corrected)
    return rows.select_related("author__practitioner", "organization")


def notebook_of(actor: Actor, person: Person, wanted: Wanted) -> Notebook:
    """Read a page of a notebook, the latest thread first. Some ten queries."""
    rows = _threads(actor, person, wanted).order_by("-written_at", "-pk")
    first = (wanted.page - 1) * PAGE
    found = list(rows[first : first + PAGE + 1])
    return Notebook(
        threads=_shown(actor, person, [one.thread_id for one in found[:PAGE]]),
        unread=unread_of(actor, person).count(),
        wanted=wanted,
        has_more=len(found) > PAGE,
    )


def thread_of(actor: Actor, note: Note) -> Thread:
    """Read the thread of one note. Some six queries."""
    return _shown(actor, note.person, [note.thread_id])[0]


def lately(actor: Actor, person: Person) -> list[Thread]:
    """Read what is to be read first, for her page: unread, then the latest. Some ten queries."""
    if not (known := filled_up(_known(actor, person))):
        return []
    unread = _unread_threads(keys=known, reader=actor.account_id) if actor.account_id else []
    keys = [thread for (thread,) in [*unread, *_latest_threads(keys=known)]]
    return _shown(actor, person, list(dict.fromkeys(keys))[:LATELY])


@Stencil
def _unread_threads(keys: list[UUID], reader: UUID) -> Any:
    rows = _unread(Note.objects.filter(pk__in=any_of(keys, "uuid")), reader)
    return rows.order_by("-written_at", "-pk").values_list("thread_id")


@Stencil
def _latest_threads(keys: list[UUID]) -> Any:
    rows = _standing(Note.objects.filter(pk__in=any_of(keys, "uuid"), is_reply=False))
    return rows.order_by("-written_at", "-pk").values_list("thread_id")[:LATELY]


def count_unread(actor: Actor, person: Person) -> int:
    """Count the notes that wait to be read by the actor. Two queries at most, planned once."""
    known = filled_up(_known(actor, person))
    if not known or actor.account_id is None:
        return 0
    return len(_unread_threads(keys=known, reader=actor.account_id))


def _known(actor: Actor, person: Person) -> tuple[UUID, ...]:
    return seen_about(actor, Note, person.pk, path="person_id")


def unread_of(actor: Actor, person: Person) -> QuerySet[Note]:
    """List the notes that stand, and that the actor did not write nor say read."""
    if actor.account_id is None:
        return Note.objects.none()
    rows = _unread(Note.objects.seen_about(actor, person.pk), actor.account_id)
    return rows.select_related("person")


def _unread(rows: QuerySet[Note], reader: UUID) -> QuerySet[Note]:
    read = NoteRead.objects.filter(note=OuterRef("pk"), reader_id=reader)
    return _standing(rows).filter(~Exists(read), withdrawn_at=None).exclude(author_id=reader)


def ordinary_unread_of(actor: Actor, person: Person, shown: Collection[UUID]) -> QuerySet[Note]:
    """List those of them that a page showed, and that matter to nobody in particular."""
    rows = unread_of(actor, person).filter(pk__in=any_of(shown, "uuid"))
    rows = rows.exclude(importance__in=sorted(rules.ASKS_TO_BE_READ))
    return rows.order_by("pk")


def draft_of(actor: Actor, person: Person, thread: Note | None) -> NoteDraft | None:
    """Fetch the last draft that the actor left. One query."""
    written = Note.objects.filter(pk=OuterRef("pk"))
    mine = NoteDraft.objects.visible_to(actor).filter(~Exists(written), person=person)
    same = mine.filter(thread_id=thread.thread_id if thread else None)
    return same.order_by("-saved_at", "-pk").first()


def latest_contacts(actor: Actor, person: Person) -> list[Contact]:
    """List the last contacts made; not those noted by mistake. Two queries, planned once."""
    return _contacts(actor, person.pk)


_contacts = FetchAbout(
    lambda: (
        Contact.objects.filter(withdrawn_at=None)
        .select_related("author", "organization")
        .order_by("-made_at", "-pk")
    ),
    limit=LATELY,
)


def contact_records(actor: Actor) -> QuerySet[Contact]:
    """List the contacts that the actor may see, those taken back too, in no order. One query."""
    return Contact.objects.visible_to(actor).select_related("author", "organization")


def get_contact(actor: Actor, pk: UUID) -> Contact:
    """Fetch one contact. Raises Http404, traced. Two queries."""
    return get_visible(actor, Contact.objects.select_related("person__commune", "author"), pk)


def told_since(actor: Actor, person: Person, since: datetime) -> list[Contact]:
    """List the contacts made since a moment, those noted by mistake too. One query."""
    rows = Contact.objects.visible_to(actor).filter(person=person, made_at__gte=since)
    rows = rows.select_related("author", "organization").order_by("-made_at", "-pk")
    return list(rows[:MOST_CONTACTS])


def contacts_since(
    actor: Actor, persons: Collection[UUID], since: datetime
) -> dict[UUID, dict[tuple[str, str], rules.Tally]]:
    """Count what was tried around several persons since a moment, by way and whom. One query."""
    rows = Contact.objects.visible_to(actor).standing()
    rows = rows.filter(person__in=any_of(persons, "uuid"), made_at__gte=since).order_by()
    rows = rows.values("person", "way", "whom", "result").annotate(
        made=Count("pk"), timed=Count("minutes"), minutes=Coalesce(Sum("minutes"), 0)
    )
    found: dict[UUID, dict[tuple[str, str], rules.Tally]] = {}
    for row in rows:
        is_reached = row["result"] == rules.Result.REACHED
        one = rules.Tally(
            reached=row["made"] if is_reached else 0,
            missed=0 if is_reached else row["made"],
            timed=row["timed"],
            minutes=row["minutes"],
        )
        counted = found.setdefault(row["person"], {})
        key = (row["way"], row["whom"])
        counted[key] = counted.get(key, rules.Tally()) + one
    return found


# --- for the conductor ---------------------------------------------------------------------------


def note_now(pk: UUID) -> Note | None:
    """Fetch a note as it stands. One query."""
    found: Note | None = Note.objects.filter(pk=pk).first()
    return found


def waited_for(person_id: UUID) -> list[Note]:
    """List the notes of a person that worklists may wait for. One query."""
    rows = _standing(Note.objects.filter(person_id=person_id, withdrawn_at=None))
    asked = rows.filter(
        importance__in=sorted(rules.ASKS_TO_BE_READ), category__in=sorted(rules.ON_A_WORKLIST)
    )
    return list(asked.order_by("pk"))


def desks_to_read(note: Note) -> list[UUID]:
    """List the structures of her circle that may read a note and did not.

    Those that came later are not asked to read the past; a service of home help has no worklist,
    its people read the notebook itself. One query, and one per structure.
    """
    if note.is_withdrawn or not rules.is_waited_for(note.importance, note.category):
        return []
    if Note.objects.filter(corrects=note).exists():
        return []
    read = set(note.reads.values_list("organization_id", flat=True))
    stays = (
        CircleMember.objects.current()
        .filter(person_id=note.person_id, organization__isnull=False, since__lte=note.written_at)
        .exclude(organization__kind=HOME_HELP)
    )
    found = []
    for stay in stays.select_related("organization").order_by("pk"):
        seen = stay.organization_id in {*read, note.organization_id}
        if not seen and stay_reads(stay, note.person_id, Category(note.category)):
            found.append(stay.organization_id)
    return list(dict.fromkeys(found))


def stay_reads(stay: CircleMember, person_id: UUID, category: Category) -> bool:
    """Say whether a structure of her circle has a worklist, and may read what tells a category, as
    its coordination does. Two queries."""
    return stay_has_list(stay, person_id) and knows(_reader(stay), person_id, category)


def stay_has_list(stay: CircleMember, person_id: UUID) -> bool:
    """Say whether it is a structure of her circle today, with a worklist. One query at most."""
    organization = stay.organization
    if organization is None or stay.until is not None or organization.kind == HOME_HELP:
        return False
    return stay.person_id == person_id


def named_reads(stay: CircleMember, person_id: UUID, category: Category) -> bool:
    """Say whether a professional of her circle today, by name, may read what tells a category: it
    stands on their page, for want of a worklist. One query."""
    if stay.practitioner is None or stay.until is not None or stay.person_id != person_id:
        return False
    return knows(_reader(stay), person_id, category)


# --- how it is read ------------------------------------------------------------------------------


def _standing(rows: QuerySet[Note]) -> QuerySet[Note]:
    return rows.filter(~Exists(Note.objects.filter(corrects=OuterRef("pk"))))


def _threads(actor: Actor, person: Person, wanted: Wanted) -> QuerySet[Note]:
    """The note that opens each thread, as it stands."""
    rows = _standing(Note.objects.seen_about(actor, person.pk).filter(is_reply=False))
    if wanted.unread:
        rows = rows.filter(thread__in=unread_of(actor, person).values("thread"))
    if wanted.important:
        asks = sorted(rules.ASKS_TO_BE_READ)
        standing = _standing(Note.objects.seen_about(actor, person.pk))
        rows = rows.filter(thread__in=standing.filter(importance__in=asks).values("thread"))
    if wanted.category:
        rows = rows.filter(category=wanted.category)
    return rows.filter(about=wanted.about) if wanted.about else rows


def _shown(actor: Actor, person: Person, keys: list[UUID]) -> list[Thread]:
    notes = {
        one.pk: one
        for one in Note.objects.seen_about(actor, person.pk)
        .filter(thread__in=keys)
        .select_related("author", "organization")
        .order_by("pk")
    }
    reads = NoteRead.objects.seen_about(actor, person.pk).filter(note__in=list(notes))
    by_note: dict[UUID, list[NoteRead]] = {}
    for read in reads.select_related("reader", "organization").order_by("read_at", "pk"):
        by_note.setdefault(read.note_id, []).append(read)
    corrected = {note.corrects_id for note in notes.values()}
    around = _Around(actor, person)
    standing = [
        around.shown(note, notes, by_note.get(note.pk, []))
        for note in notes.values()
        if note.pk not in corrected
    ]
    return [_thread(key, standing) for key in keys]


def _thread(key: UUID, standing: list[Shown]) -> Thread:
    mine = sorted(
        (one for one in standing if one.note.thread_id == key), key=lambda one: _began(one)
    )
    opening = next((one for one in mine if not one.note.is_reply), mine[0])
    return Thread(opening, [one for one in mine if one is not opening])


def _began(one: Shown) -> datetime:
    return (one.earlier[-1] if one.earlier else one.note).written_at


class _Around:
    """Who is around a person, looked for once, and only when a note asks to be read."""

    def __init__(self, actor: Actor, person: Person) -> None:
        self.actor, self.person = actor, person
        self.stays: list[CircleMember] | None = None
        self.told: dict[tuple[UUID, str], bool] = {}

    def shown(self, note: Note, notes: dict[UUID, Note], reads: list[NoteRead]) -> Shown:
        me = self.actor.account_id
        is_mine = note.author_id == me
        is_read = is_mine or any(read.reader_id == me for read in reads)
        asks = note.importance in rules.ASKS_TO_BE_READ and not note.is_withdrawn
        return Shown(
            note=note,
            earlier=_earlier(note, notes),
            reads=reads,
            awaited=self._awaited(note, reads) if asks else [],
            is_mine=is_mine,
            is_unread=not is_read and not note.is_withdrawn and me is not None,
        )

    def _awaited(self, note: Note, reads: list[NoteRead]) -> list[Awaited]:
        """Who of the circle, as the reader may know it, may read the note and did not say so."""
        if self.stays is None:
            self.stays = list(circle_of(self.actor, self.person))
        organizations = {read.organization_id for read in reads} | {note.organization_id}
        readers = {read.reader_id for read in reads} | {note.author_id}
        found = []
        for stay in self.stays:
            account = stay.practitioner.account_id if stay.practitioner else None
            seen = (
                stay.organization_id in organizations if stay.organization else account in readers
            )
            late = stay.since > note.written_at
            if stay.relative_id or stay.account_id or seen or late or not self._may(stay, note):
                continue
            name = str(stay.organization.name if stay.organization else stay.practitioner)
            found.append(Awaited(name, has_access=bool(stay.organization or account)))
        return found

    def _may(self, stay: CircleMember, note: Note) -> bool:
        key = (stay.pk, note.category)
        if key not in self.told:
            self.told[key] = knows(_reader(stay), note.person_id, Category(note.category))
        return self.told[key]


def _reader(stay: CircleMember) -> Actor:
    """Somebody of that stay, as the rules of sight look at them."""
    if stay.practitioner is not None:
        return Actor(
            role=Role.PRACTITIONER,
            practitioner_id=stay.practitioner_id,
            profession=stay.practitioner.profession,
        )
    if stay.organization is None:
        return ANONYMOUS
    role = Role.HOME_HELP if stay.organization.kind == HOME_HELP else Role.COORDINATOR
    return Actor(role=role, organizations=frozenset({stay.organization.pk}))


def _earlier(note: Note, notes: dict[UUID, Note]) -> list[Note]:
    found = []
    while (former := notes.get(note.corrects_id) if note.corrects_id else None) is not None:
        found.append(former)
        note = former
    return found
