"""What a mapping says of one type of resource, and all that the door asks of it.

How to add a resource: write `cordee/fhir/resources/<type>.py`, end it with `MAPPING = Mapping(…)`,
say in `tests/fhir/rows/<type>.py` how to make one row, and put in `tests/fhir/sent/<Type>.json`
what a partner sends, if it is created here. Nothing else is to be touched: the registry finds the
file, and the router, the search, the CapabilityStatement, `docs/fhir.md` (`make map`), the golden
and the round-trip tests walk the registry (`GOLDEN=write pytest tests/fhir/test_golden.py` writes
what is read; read it line by line). `resources/patient.py` is the example to copy.

A mapping translates and never decides:

- `rows(actor)` is the queryset of what the actor may see (`visible_to`, always), from a selector of
  the room, with the `select_related` and `prefetch_related` that `to_fhir` needs. Read, search and
  include all start there; nothing is fetched beside it, so what hides does not exist anywhere.
- `to_fhir(rows, seeing)` turns a whole page at once: as many queries for a hundred rows as for one.
  It leaves out what `seeing.actor` may not know; `seeing.whole` asks for everything (the house
  compares what was sent with what it understood). It writes neither `id` nor `resourceType`: the
  door does, and the version; in `meta` it may say `profile`, `tag` and `security`.
- `create(writing)` and `update(writing, row)` call one service of the room and return the row. They
  read `writing.resource`, whose shape was already checked, and raise `Refusal` (with the place) or
  let the `DomainError` of the room through. What they do not understand is kept by the door around
  the row, and given back: they need not care. An interaction without its function is not declared.
- `search` names each parameter and says what it is (`search/parameters.py`).
- `answered_for(resource)` takes out of what was sent that which only the house may say (an INS that
  is not qualified): it would otherwise be kept and given back as a partner's word.
- `also` names the other tables of a type that is told of several (marks and scores are both an
  Observation): each a mapping of its own, with the same parameters (`Never` where the rows of that
  table have none). Such a type is read, and created in its first table alone. The door merges them:
  who asks sees one type.
- A reference that comes in is read by `writing.refers(…)`: what is nowhere and what hides from the
  caller are refused in the same words.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.records import Record
from cordee.fhir.caller import Caller
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Asking, Parameter
from cordee.fhir.search.words import Wanted

Row = Any
Told = tuple[Any, ...]
"""All that a reader is told of one row, as plain values: the same always make the same resource."""
WRITTEN = "updated_at"
Model = type[models.Model]


@dataclass(frozen=True)
class Seeing:
    """For whom rows are turned into resources; `whole`: for the house, nothing left out; `asking`:
    within which scopes, where what a resource names is not read by all its readers."""

    actor: Actor
    now: datetime
    whole: bool = False
    asking: Asking | None = None


@dataclass(frozen=True)
class Writing:
    """A resource that comes in: who brings it, when, and what it says."""

    actor: Actor
    now: datetime
    resource: Json
    patient_id: UUID | None = None
    names_version: bool = False
    """Whether its sender says which version they read: what they leave out then goes."""
    caller: Caller | None = None
    """Through which application, within which scopes."""

    def refers(self, where: str, *types: str) -> Row | None:
        """The row that a reference at a path names, or nothing when it is not said.

        `where` is the name of an element of the resource ("subject", "participant[0].member").
        Raises Refusal (422): it is nowhere, hides from the caller, or is of another type.
        """
        from cordee.fhir.incoming import referred

        return referred(self, where, types)


def _of_the_record(row: Row) -> UUID | None:
    found: UUID | None = row.concerned()
    return found


def _as_it_is(resource: Json) -> Json:
    return resource


def _of_the_row(row: Row) -> str:
    return str(row.version)


def _all_of_it(row: Row, actor: Actor) -> bool:
    return True


def by_uuid(text: str) -> UUID | None:
    """An identifier of most tables; None: any other is nobody’s."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def by_number(text: str) -> int | None:
    """An identifier of the thread and of the trace, which are numbered."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """One type of resource. See the top of this file."""

    type: str
    model: Model
    """The table whose versions are those of the resource."""
    rows: Callable[[Actor], QuerySet[Any]]
    to_fhir: Callable[[Sequence[Row], Seeing], list[Json]]
    search: Mapped[str, Parameter] = field(default_factory=dict)
    found: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows
    """What a search lists of `rows`: not the records that others absorbed, for instance."""
    create: Callable[[Writing], Row] | None = None
    update: Callable[[Writing, Row], Row] | None = None
    delete: Callable[[Writing, Row], None] | None = None
    asks_version: bool = False
    """Whether a writing over a row names the version that it read: what is written whole takes away
    whom it leaves out, and brings back whom it still names."""
    create_many: Callable[[Sequence[Writing]], list[Row]] | None = None
    """The same of many resources of one transaction, by a service of the room that writes sets: a
    row for each, in their order, whose version is known. Whatever it refuses is asked again one by
    one, to say where."""
    knows_again: bool = False
    """Whether `create` finds by itself, by its identifier, what was created already."""
    goes_in_a_set: Callable[[Json], bool] = lambda resource: True
    """Whether one gesture alone creates it: `create` too then gives a row whose version is known.
    """
    seen_alike: Callable[[Row], object] = lambda row: row.pk
    """What of a row its sight reads: rows of which it is the same are seen by the same readers, and
    one is asked for all. By default each is asked for itself."""
    profiles: tuple[str, ...] = ()
    """The profiles that what is written here may claim (`to_fhir` says of which rows)."""
    summary: tuple[str, ...] = ()
    """What `_summary=true` shows besides `id` and `meta`."""
    person_of: Callable[[Row], UUID | None] = _of_the_record
    """The person a row is about, for the trace and for what is kept; None: about nobody."""
    members_of: Callable[[Row], Sequence[UUID]] | None = None
    """The persons that a row tells of, where they are many: each is traced, and who is bound to one
    person is shown none of it."""
    category_of: Callable[[Row], str] = lambda row: "care"
    """Under which category of information what is kept around a row is read."""
    key_of: Callable[[str], Any] = by_uuid
    """The key that an identifier names, or None when it can be nobody’s."""
    version_of: Callable[[Row], str] = _of_the_row
    """The version of a row; of all that it is made of, when it is made of several."""
    moment: str = WRITTEN
    """The column, or the annotation of `rows`, that holds since when it is so: `_lastUpdated` and
    exports look there. What is made of several rows has it from `lately` (`versions.py`)."""
    quick: Callable[[Actor, Any], Told | None] | None = None
    """One row, what is kept around it, and the line of trace that tells of this look, by one
    statement, planned once: where reads are many."""
    again: Callable[[Actor, Any], Told | None] | None = None
    """The same without a line: of what the caller just wrote, or of what a resource names."""
    quick_page: Callable[[Actor, Wanted, Any], list[Told] | None] | None = None
    """The rows of a page of a search, the first of the next one, what is kept around them, and the
    line of trace that tells of the page, by one statement, planned once; None for a search that it
    does not answer. Rows go by key, after one."""
    row_of: Callable[[Told], tuple[Row, Any]] = lambda told: (told[0], None)
    """The row that was told of by one of these, and what is kept around it."""
    of_one: Callable[[Actor, UUID], QuerySet[Any]] | None = None
    """What `rows` gives of one key, judged by statements planned once: of a type whose rows are
    persons, of whom not all who know them see it."""
    to_its_sender: Callable[[Actor, Any], tuple[Row, Json] | None] | None = None
    """A row that is not for the eyes of who sent it, and the little that they are told of it."""
    is_gone: Callable[[Row], bool] = lambda row: False
    """Whether a row was deleted (410): the rows that end keep their history."""
    answered_for: Callable[[Json], Json] = _as_it_is
    is_of_another: Callable[[Json, Iterable[Row]], bool] | None = None
    """Whether what is sent speaks against being any of some rows, of a type whose rows absorb
    others: asked of what their numbers find."""
    places: Mapped[str, str] = field(default_factory=dict)
    """Which element is why, by the code of what the room refuses: a room knows no FHIR."""
    labels: Mapped[str, Q] = field(default_factory=dict)
    """The rows to which `to_fhir` gives a tag or a security label: « security|system|code »."""
    past: Callable[[Row, Actor], bool] = _all_of_it
    """Whether who sees a row may see what it was: a draft is not told to who reads what it became.
    """
    within: Callable[[UUID], Q] | None = None
    """The rows about one person, where no column of the table leads to them: for who is bound to
    that person."""
    lines: tuple[str, ...] = ()
    """Which lines of the thread speak of a row: their room, and the field of their facts that holds
    its key (« people.relative_id »)."""
    as_it_came: Callable[[Row], bytes] | None = None
    """What a row is to the letter, of a type that is kept whole: so it is read, alone."""
    columns: tuple[str, ...] = ()
    """What `to_fhir` reads of a row, where `rows` is no more than what the actor may see: an export
    then judges whole ranges by sets, and fetches these values alone."""
    only: Q = Q()
    """Which rows of the table are of this type, where it has `columns`: `rows` says so as well."""
    beside: tuple[str, ...] = ()
    """The rows that one of those hangs from, which `to_fhir` reads too: nothing hides them."""
    told: tuple[str, ...] = ()
    """Which of `columns` (and of the columns of `beside`: « helper__name ») are told as they are,
    or not at all: a moment, a key, somebody's words; and the rest alike to all who may see it. An
    export has the line of each shape of rows written once (`bulk/patterns.py`)."""
    also: tuple["Mapping", ...] = ()
    """The other tables that this type is told of, each as a mapping of this type."""
    note: str = ""
    """What a reader of `docs/fhir.md` must know: one sentence, in English."""

    def may_go_in_a_set(self, resource: Json) -> bool:
        """Whether what comes in may be created with others."""
        return self.create_many is not None and self.goes_in_a_set(resource)

    @property
    def tables(self) -> tuple["Mapping", ...]:
        """What this type is told of: itself, and its other tables."""
        return (self, *self.also)

    def table_of(self, row: Row) -> "Mapping":
        """The table that a row is of."""
        return next((one for one in self.also if isinstance(row, one.model)), self)

    def apart(self, rows: Sequence[Row]) -> list[tuple["Mapping", list[Row]]]:
        """Rows by table, in their order; a table of which there is none is left out."""
        if not self.also:
            return [(self, list(rows))] if rows else []
        found = [(one, [row for row in rows if self.table_of(row) is one]) for one in self.tables]
        return [(one, some) for one, some in found if some]

    def seen(
        self, actor: Actor, patient_id: UUID | None, among: Collection[UUID] | None = None
    ) -> QuerySet[Any]:
        """The rows that a caller may see; bound to one person, those about that person alone.

        `among`: of the one key that is wanted, or none, where the type judges it (`of_one`)."""
        rows = self._alone(actor, among) if among is not None else self.rows(actor)
        if patient_id is None:
            return rows
        if self.within is not None:
            return rows.filter(self.within(patient_id))
        if self.members_of or not hasattr(self.model, "person_path"):  # of many, or who knows whom
            return rows.none()
        path = self.person_lookup
        return rows.filter(**{path: patient_id}) if path else rows

    def _alone(self, actor: Actor, among: Collection[UUID]) -> QuerySet[Any]:
        if self.of_one is None:
            return self.rows(actor)
        return self.of_one(actor, *among) if among else self.model._default_manager.none()

    def changed_at(self, row: Row) -> datetime:
        """Since when a row is so; of a former state, since it was written."""
        found: datetime = getattr(row, self.moment, None) or row.updated_at
        return found

    def concerned(self, rows: Sequence[Row]) -> list[UUID]:
        """The persons that rows tell of, for the trace."""
        if self.members_of is not None:
            return [person for row in rows for person in self.members_of(row)]
        return [person for row in rows if (person := self.person_of(row))]

    @property
    def person_lookup(self) -> str:
        """Where a query finds whom a row is about; nothing of what is about nobody."""
        path: str = getattr(self.model, "person_path", "")
        known = {"pk"} | {
            name for one in self.model._meta.fields for name in (one.name, one.attname)
        }
        return path.replace(".", "__") if path.partition(".")[0] in known else ""

    def hangs_by(self, parameter: Parameter) -> bool:
        """Whether a parameter names, by its one path, the person that each row is about."""
        path = self.person_lookup.removesuffix("_id")
        is_keyed = isinstance(self.model._meta.pk, models.UUIDField)
        hangs = path not in ("", "pk") and is_keyed  # a person hangs from nobody
        return hangs and getattr(parameter, "paths", {}) == {"Patient": path}

    def is_by(self, parameter: Parameter) -> bool:
        """Whether a parameter names the person that a row is, of a type that judges it alone."""
        return self.of_one is not None and getattr(parameter, "paths", {}) == {"Patient": "pk"}

    @property
    def has_history(self) -> bool:
        """Whether its versions are those of one row: what several were together is not kept.

        Of a type that is told of several tables, each has its own, or none.
        """
        return issubclass(self.model, Record) and not self.is_of_several

    @property
    def comes_in(self) -> bool:
        """Whether partners write it: of what does not come in, nothing is kept around its rows."""
        return self.create is not None or self.update is not None

    @property
    def is_of_several(self) -> bool:
        """Whether its version is that of more than one row."""
        return self.version_of is not _of_the_row

    @property
    def tells_its_past(self) -> bool:
        """Whether who sees a row may see all that it was."""
        return self.past is _all_of_it

    @property
    def interactions(self) -> tuple[str, ...]:
        """FHIR's names of what this type does."""
        creates = self.create or self.as_it_came
        writes = (("create", creates), ("update", self.update), ("delete", self.delete))
        done = [name for name, function in writes if function is not None]
        patched = ["patch"] if self.update else []
        told = ["history-instance", "history-type"] if self.has_history else []
        return ("read", "vread", "search-type", *told, *done, *patched)
