"""The lines of an export: the rows that its actor may see, by key, in the words of the mapping."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, reduce
from itertools import islice
from operator import and_
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet
from isal import isal_zlib

from cordee.access.actor import Actor
from cordee.fhir.assembly import of_table, trimmed
from cordee.fhir.bulk import selectors
from cordee.fhir.bulk.asked import Wanted, heard
from cordee.fhir.bulk.patterns import Patterns, Written
from cordee.fhir.bulk.sets import BATCH, Batch, Sets, asks_itself_alone, is_one_of
from cordee.fhir.call import Call
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.models import Export, ExportPart
from cordee.fhir.operations.everything import path_to_person
from cordee.fhir.outcome import Json
from cordee.fhir.registry import mapping_of
from cordee.fhir.resources.group import stays_of
from cordee.fhir.search.compiler import (
    conditions_of,
    parameters_of,
    refuse_the_unknown,
    within_parts,
)
from cordee.fhir.search.parameters import EVERYTHING, NOTHING, Asking, any_of
from cordee.fhir.search.words import understood
from cordee.fhir.versions import version_of
from cordee.fhir.writing import encoded, instant
from cordee.partners.rules.scopes import Allowing

LINES = 50_000  # of a file, at most: also what is done again after a death
WEIGHT = 96 * 1024 * 1024  # bytes of a file before it is packed: it is closed once it has as many
RANGE = LINES  # keys whose persons are asked of together: often the same all along a table
KEYS = 100_000  # keys that one transaction walks, at most
Fetch = Callable[..., Iterator["Batch"]]
OVERLAP = timedelta(minutes=2)
"""What began before the former export and was written just after it is told again, never missed."""


@dataclass
class Packed:
    """A file as it grows: its lines, packed (gzip) while the next ones are made.

    ISA-L packs five times faster than zlib, which took a third of an export, and no less.
    """

    what: str
    lines: int = 0
    weight: int = 0
    _pieces: list["Future[bytes]"] = field(default_factory=list)
    _packer: Any = field(default_factory=lambda: isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31))

    def add(self, lines: Sequence[bytes]) -> None:
        """Add whole lines."""
        if lines:
            text = b"\n".join(lines) + b"\n"
            self.lines, self.weight = self.lines + len(lines), self.weight + len(text)
            self._pieces.append(_packing.submit(self._packer.compress, text))

    def closed(self) -> bytes:
        """The whole file; nothing is added afterwards."""
        pieces = [one.result() for one in self._pieces]
        return b"".join([*pieces, self._packer.flush()])


_packing = ThreadPoolExecutor(1, "packing")  # one by one, hence in their order


@dataclass
class Step:
    """What one transaction adds to an export: up to two files of a table, and where it stopped."""

    stage: str
    mapping: Mapping
    place: str = ""
    walked: int = 0
    persons: set[str] = field(default_factory=set)
    files: tuple[Packed, Packed] = field(
        default_factory=lambda: (
            Packed(ExportPart.What.OUTPUT.value),
            Packed(ExportPart.What.DELETED.value),
        )
    )

    @property
    def told(self) -> int:
        """How many lines there are in all."""
        return sum(one.lines for one in self.files)

    @property
    def room(self) -> int:
        """How many rows may still come."""
        is_heavy = sum(one.weight for one in self.files) >= WEIGHT
        return 0 if is_heavy or self.walked >= KEYS else LINES - self.told

    def add(self, batch: Batch) -> None:
        """Add what was told together."""
        self.persons.update(batch.persons)
        output, deleted = self.files
        output.add(batch.lines)
        deleted.add(batch.ended)


@dataclass(frozen=True)
class Making:
    """An export under the eyes of its actor, now."""

    export: Export
    actor: Actor
    scopes: Allowing
    now: datetime
    written: dict[Any, dict[str, Written]] = field(default_factory=dict)
    """The lines that former steps wrote by shapes, by table and by what its second lock judges: by
    these is known where each word stands."""

    @property
    def wanted(self) -> Wanted:
        """What was asked."""
        return heard(self.export.asked)

    @property
    def is_allowed(self) -> bool:
        """Whether the scopes still let every type be read and searched."""
        kinds = self.wanted.types
        return all(self.scopes.allow(kind, letter) for kind in kinds for letter in "rs")

    def next(self) -> Step | None:
        """What comes after the checkpoint; None: everything was told."""
        tables = dict(self._tables())
        stage = self.export.stage
        stage = f"{stage}/0" if stage and "/" not in stage else stage
        begin = list(tables).index(stage) if stage else 0
        for name, mapping in list(tables.items())[begin:]:
            step = Step(name, mapping, self.export.place if name == stage else "")
            if self._is_filled(step):
                return step
        return None

    def _tables(self) -> Iterator[tuple[str, Mapping]]:
        """What is walked, in order: each table of each type, as the checkpoint names it."""
        for kind in self.wanted.types:
            for rank, table in enumerate(mapping_of(kind).tables):
                yield f"{kind}/{rank}", table

    def _is_filled(self, step: Step) -> bool:
        """Walk a table on from the place of a step. Says whether it went any further."""
        begin = step.place
        for batch in self._batches(step):
            step.add(batch)
        return step.place != begin

    def _batches(self, step: Step) -> Iterator[Batch]:
        """The rows that come next, by ranges of keys that are known before anything is judged.

        Judging all that is left and sorting it, for each batch, would cost the square of a table.
        """
        mapping = step.mapping
        if self.export.level != Export.Level.SYSTEM and path_to_person(mapping) is None:
            return
        fetch = self._fetch(step)
        after = mapping.key_of(step.place) if step.place else None
        while room := step.room:
            upto = selectors.key_after(mapping.model, after, RANGE)
            met = 0
            for batch in fetch(after, upto, room=room):
                met, step.place = met + batch.size, batch.place
                yield batch
                if not step.room or met >= room:  # more of the range may be left
                    return
            after = upto
            if after is None:
                return
            step.place, step.walked = str(after), step.walked + RANGE

    def _fetch(self, step: Step) -> Fetch:
        """How the rows of a range that may be seen are fetched, and told: by sets where a table can
        be, and nothing is asked but of its rows; else as a search judges them."""
        mapping = step.mapping
        if sets := Sets.of(mapping, self.actor):
            whole = self._wanted(mapping, sets.rows).order_by("pk")
            if asks_itself_alone(whole):
                same = (step.stage, sets.judge.lock.columns)
                return self._by_sets(sets, whole, self.written.setdefault(same, {}))
        rows = self.rows(mapping).order_by("pk")
        return lambda *ends, room: self._told(
            mapping, _between(rows, *ends)[:room].iterator(chunk_size=BATCH)
        )

    def _by_sets(self, sets: Sets, rows: QuerySet[Any], written: dict[str, Written]) -> Fetch:
        mapping = sets.mapping
        if mapping.told:
            patterns = Patterns(sets, lambda some: self._lines(mapping, some), written)
            return lambda *ends, room: patterns.told(_between(rows, *ends), room)
        return lambda *ends, room: self._told(mapping, sets.each(_between(rows, *ends), room))

    def _told(self, mapping: Mapping, found: Iterator[Any]) -> Iterator[Batch]:
        """Rows told by their mapping, so many together."""
        while rows := list(islice(found, BATCH)):
            gone = [row for row in rows if mapping.is_gone(row)]
            there = [row for row in rows if not mapping.is_gone(row)] if gone else rows
            lines = self._lines(mapping, there)
            ended = [encoded(_tombstone(mapping, row)) for row in gone]
            persons = set(map(str, mapping.concerned(rows)))
            yield Batch(str(rows[-1].pk), len(rows), persons, lines, ended)

    def _lines(self, mapping: Mapping, rows: Sequence[Any]) -> list[bytes]:
        resources = of_table(mapping, rows, self._seeing(mapping))
        if elements := self.wanted.elements_of(mapping.type):
            resources = [trimmed(one, mapping, "false", elements) for one in resources]
        return [encoded(one) for one in resources]

    def rows(self, mapping: Mapping) -> QuerySet[Any]:
        """The rows of a type that are exported, of those that the actor may see."""
        return self._wanted(mapping, mapping.seen(self.actor, None))

    def _wanted(self, mapping: Mapping, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Of some rows, those that are asked for, within the scopes; since a moment, those that
        ended are with them."""
        wanted, asking = self.wanted, self._asking(mapping)
        rows = within_parts(mapping, rows, asking, "rs")
        if filters := wanted.filters_of(mapping.type):
            rows = rows.filter(any_of([_searched(mapping, one, asking) for one in filters]))
        if not wanted.since:
            rows = mapping.found(rows)
        else:
            since = instant(wanted.since - OVERLAP)
            changed = parameters_of(mapping)["_lastUpdated"].condition(f"ge{since}", "", asking)
            rows = rows.filter(changed | self._joined(mapping))
        return rows.filter(self._is_of_level(mapping), self._was_there(mapping))

    def _is_of_level(self, mapping: Mapping) -> Q:
        """All, what is about somebody, or about those of a group; a record that theirs absorbed."""
        path = path_to_person(mapping)
        if self.export.level == Export.Level.SYSTEM:
            return Q()
        if self.export.level == Export.Level.PATIENT:
            return Q(**{f"{path}__isnull": False})
        found = _is_one_of(path, self._followed)
        absorbed = _is_one_of("merged_into_id", self._followed)
        return found | absorbed if mapping.type == "Patient" else found

    @cached_property
    def _followed(self) -> list[UUID]:
        return list(self._stays().values_list("person", flat=True).distinct())

    def _joined(self, mapping: Mapping) -> Q:
        """What is about those who are followed since a moment: all of it is new to who asks."""
        path = path_to_person(mapping)
        return _is_one_of(path, self._new) if path and self._new else NOTHING

    @cached_property
    def _new(self) -> list[UUID]:
        """Whom the group counts, or who asks follows, since the moment that is asked."""
        since = (self.wanted.since or self.now) - OVERLAP
        stays = self._stays().filter(created_at__gte=since)
        return list(stays.values_list("person", flat=True).distinct())

    def _stays(self) -> Any:
        """The places of a group in the circles that its reader may know; else their own."""
        if self.export.level == Export.Level.GROUP:
            return stays_of(self.actor).filter(organization=self.export.group_id)
        theirs = Q(organization__in=self.actor.organizations)
        if self.actor.practitioner_id:
            theirs |= Q(practitioner=self.actor.practitioner_id)
        return stays_of(self.actor).filter(theirs)

    def _was_there(self, mapping: Mapping) -> Q:
        """Nothing is told that began after the moment that the export says it tells of."""
        horizon = self.export.asked_at
        try:
            mapping.model._meta.get_field("created_at")
        except FieldDoesNotExist:
            changed = parameters_of(mapping)["_lastUpdated"]
            return changed.condition(f"le{instant(horizon)}", "", self._asking(mapping))
        return Q(created_at__lte=horizon)

    def _seeing(self, mapping: Mapping) -> Seeing:
        return Seeing(self.actor, self.now, asking=self._asking(mapping))

    def _asking(self, mapping: Mapping) -> Asking:
        return Asking(self.actor, mapping.type, self.export.base, self.now, self.scopes)


def _between(rows: QuerySet[Any], after: Any, upto: Any) -> QuerySet[Any]:
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return rows if upto is None else rows.filter(pk__lte=upto)


def _searched(mapping: Mapping, query: str, asking: Asking) -> Q:
    """The rows that a filter finds, those that ended too. Raises Refusal (400): not understood."""
    wanted = understood(parse_qsl(query, keep_blank_values=True))
    conditions, ignored = conditions_of(mapping, wanted, asking)
    refuse_the_unknown(ignored)
    rows = mapping.model._default_manager.order_by()
    for one in conditions:
        rows = rows.filter(one)
    alone = reduce(and_, conditions, Q()) or EVERYTHING
    return alone if asks_itself_alone(rows) else Q(pk__in=rows.values("pk"))


def _is_one_of(path: str | None, keys: Sequence[UUID]) -> Q:
    """The rows that lead to one of these; none, where a path leads to nobody."""
    return NOTHING if path is None else is_one_of(path, keys)


def refuse_unreadable_filters(call: Call, wanted: Wanted) -> None:
    """Read the filters before anything begins. Raises Refusal (400, 403)."""
    for kind, query in wanted.filters:
        for table in mapping_of(kind).tables:
            _searched(table, query, call.asking(kind))


def _tombstone(mapping: Mapping, row: Any) -> Json:
    """A resource that ended since the former export, as Bulk Data says it in `deleted`."""
    address = f"{mapping.type}/{row.pk}"
    since = instant(mapping.changed_at(row))
    return {
        "resourceType": "Bundle",
        "meta": {"versionId": version_of(mapping, row, None), "lastUpdated": since},
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": address}}],
    }
