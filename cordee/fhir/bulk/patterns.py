"""Lines of rows that differ by a few words: written once per shape, by the mapping itself.

A mapping says which columns it tells as they are (`told`). One row of each shape is given to it
with marks in their place; of the others PostgreSQL gives the words, as JSON wants them, and the
shape: all the rest. The twin of `kernel.patterns` for the machines' door. ADR 19.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import F, Func, QuerySet

from cordee.access.bysets import Values
from cordee.fhir.bulk.sets import BATCH, Batch, Sets, by_whole_batches, is_one_of
from cordee.fhir.bulk.words import (
    ABSENT,
    TEXT,
    Expression,
    Kind,
    Mark,
    are_present,
    has_words,
    kind_of,
    may_be_absent,
)
from cordee.kernel.base import as_read

Lines = Callable[[Sequence[Any]], list[bytes]]
Parted = tuple[list[str], list[int]]
ByOwner = dict[str, dict[str, Mark]]
Apart = tuple[bytes, set[str]]  # a line, and whom it is about
SHAPES = 5_000  # of one table: more are written again, some kilobytes each stay meanwhile


class Written(NamedTuple):
    """The line of a shape, with « %b » where a word goes, and which words these are."""

    text: bytes = b""
    words: Callable[[Values], Any] = lambda row: ()


Row = tuple[Values, Written]
APART = Written()  # met once, or of which the mapping does not tell the words as they are


@dataclass
class Patterns:
    """What writes the lines of one table for one reader, the time of one transaction.

    `written`: the lines of shapes that were met before. They tell nobody's words nor keys, and the
    same to all who may see such a row.
    """

    sets: Sets
    lines: Lines
    written: dict[str, Written] = field(default_factory=dict)

    @cached_property
    def words(self) -> dict[str, Kind]:
        """What is told as it is: by its path, of which kind. Raises TypeError: it is no word."""
        model = self.sets.mapping.model
        return {path: kind_of(model, path) for path in self.sets.mapping.told}

    @cached_property
    def shape(self) -> Expression:
        """All the rest of a row, and which words are absent, as one text."""
        rest = [F(one) for one in self.sets.mapping.columns if one not in self.words]
        absent = [self.words[path].absence(path) for path in self.unsure]
        return Func(*rest, *absent, template="ROW(%(expressions)s)::text", output_field=TEXT)

    @cached_property
    def unsure(self) -> list[str]:
        """The words that a row may be without."""
        return [path for path in self.words if may_be_absent(self.sets.mapping.model, path)]

    @cached_property
    def asked(self) -> dict[str, Expression]:
        """What is asked of each row: its shape, then its words, but for those that its judge asks
        for as well."""
        own = [path for path in self.words if path not in self.sets.judge.behind]
        return {"": self.shape} | {path: self.words[path].word(path) for path in own}

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each word stands in what is given of a row."""
        behind = {path: len(self.asked) + one for path, one in self.sets.judge.behind.items()}
        return behind | {path: place for place, path in enumerate(self.asked)}

    @cached_property
    def marks(self) -> list[dict[str, Mark]]:
        """Two marks for each word, far from each other."""
        each = list(enumerate(self.words.items()))
        return [{path: kind.marked(rank, turn) for rank, (path, kind) in each} for turn in (0, 1)]

    @cached_property
    def _person(self) -> int:
        return self.places[self.sets.mapping.model.person_path]  # type: ignore[attr-defined]

    def told(self, rows: QuerySet[Any], room: int) -> Iterator[Batch]:
        """Tell those of these rows that the actor may see, up to so many. A few queries for some
        thousands, whose lines are written while PostgreSQL prepares the next."""
        before: Future[list[Batch]] | None = None
        for found in self.sets.judged(rows, list(self.asked.values()), room):
            self._learn(found)
            each = [(row, self.written.get(row[0], APART)) for row in found]
            there = self._there(rows, [row[-1] for row, one in each if one is APART])
            here = copy_context()  # a thread has neither the language nor the hour of who asks it
            now = _writing.submit(here.run, self._batches, each, there)
            if before:
                yield from before.result()
            before = now
        if before:
            yield from before.result()

    def _there(self, rows: QuerySet[Any], keys: Sequence[str]) -> list[Any]:
        """Rows that the mapping alone can tell, as they are now: but for those that are no longer
        there, or of those. A few queries for all that were fetched together."""
        limit = by_whole_batches(len(keys))
        return self.sets.seen(rows.filter(is_one_of("pk", map(UUID, keys))), limit) if keys else []

    def _batches(self, each: Sequence[Row], there: Sequence[Any]) -> list[Batch]:
        """Tell rows that were fetched together. No query."""
        lines = [line for some in _by_batch(there) for line in self.lines(some)]
        whom = [set(map(str, self.sets.mapping.concerned([row]))) for row in there]
        told = zip(lines, whom, strict=True)
        apart = dict(zip([str(row.pk) for row in there], told, strict=True))
        return [self._batch(some, apart) for some in _by_batch(each)]

    def _batch(self, some: Sequence[Row], apart: dict[str, Apart]) -> Batch:
        """Tell rows by their shapes, and the others as they were told apart: one that was not there
        any more is met and left out."""
        lines = [one.text % tuple(map(str.encode, one.words(row))) for row, one in some]
        persons = {row[self._person] for row, one in some if one is not APART}
        for place, (row, one) in enumerate(some):
            if one is APART and row[-1] in apart:
                lines[place], whom = apart[row[-1]]
                persons |= whom
        return Batch(some[-1][0][-1], len(some), persons, list(filter(None, lines)))

    def _learn(self, found: Sequence[Values]) -> None:
        """Have the lines written of those shapes that are met more than once, and are new."""
        if len(self.written) >= SHAPES:
            self.written.clear()
        keys, times = {row[0]: row[-1] for row in found}, Counter(row[0] for row in found)
        often = [keys[one] for one, met in times.items() if met > 1 and one not in self.written]
        for some in _by_batch(often):
            self.written.update(self._learnt(some))

    def _learnt(self, keys: Sequence[str]) -> dict[str, Written]:
        """Write the lines of shapes, each by a row that has it: by what each is now, where it
        changed since its key was read.

        What it hangs from is read anew as well, just after it: a row whose words came or went in
        between has another shape than it said, and teaches nothing.
        """
        anew, columns = Sets(self.sets.mapping, self.sets.judge), self.sets.mapping.columns
        there = anew.rows.filter(is_one_of("pk", map(UUID, keys))).order_by("pk")
        found = anew.judge.seen(there, (*columns, self.shape), BATCH)
        each = zip([one[len(columns)] for one in found], anew.made(found), strict=True)
        unsure = self.unsure
        same = [
            (shape, row)
            for shape, row in each
            if has_words(row, unsure) == are_present(shape, len(unsure))
        ]
        rows = [row for _, row in same]
        once, again = (self._parted(rows, marks) for marks in self.marks)
        each_told = zip(same, once, again, strict=True)
        return {shape: _written_of(*both) for (shape, _), *both in each_told}

    def _parted(self, rows: Sequence[Any], marks: dict[str, Mark]) -> Iterator[Parted]:
        """What the line of each row says around its words, and the places of these in what is
        asked."""
        by_owner = _by_owner(marks)
        places = [(mark.said, f"\0{self.places[path]}\0") for path, mark in marks.items()]
        for line in self.lines([_marked(row, by_owner) for row in rows]):
            text = line.decode()
            for said, place in places:
                text = text.replace(said, place)
            pieces = text.split("\0")  # JSON has no such character
            yield pieces[::2], [int(one) for one in pieces[1::2]]


def _shut() -> None:
    """Have a thread ask the database nothing: it would be on another connection, where nobody was
    told who reads. What fails so fails the export."""

    def refuse() -> None:
        raise AssertionError("a line is written without a query")

    connection.connect = refuse  # type: ignore[method-assign]


_writing = ThreadPoolExecutor(1, "writing", _shut)


def _written_of(once: Parted, again: Parted) -> Written:
    """The line of a shape, told twice by other marks: what follows from a word would differ.

    In octets: as characters, a line of which one is beyond Latin-1 took thrice as long.
    """
    pieces, places = once
    if once != again or len(places) < 2:  # one alone is given as itself, not as one of several
        return APART
    text = b"%b".join([one.replace("%", "%%").encode() for one in pieces])
    return Written(text, itemgetter(*places))


def _marked(row: Any, marks: ByOwner) -> Any:
    """The same row, with marks in place of its words. Those that it hangs from have words alone:
    what a mapping reads of them besides is nowhere, and fails."""
    beside = {
        name: one and as_read(type(one), _stood_for(one, marks.get(name, {})))
        for name, one in row._state.fields_cache.items()
    }
    return as_read(type(row), row.__dict__ | _stood_for(row, marks[""]), beside)


def _by_owner(marks: dict[str, Mark]) -> ByOwner:
    """The marks of a row itself, and of each that it hangs from, by their columns."""
    found: ByOwner = {}
    for path, mark in marks.items():
        owner, _, word = path.rpartition("__")
        found.setdefault(owner, {})[word] = mark
    return found


def _stood_for(row: Any, marks: dict[str, Mark]) -> dict[str, Any]:
    """The words of a row, a mark in place of each that it has."""
    own = {name: getattr(row, name) for name in marks}
    return {name: one if one in ABSENT else marks[name].value for name, one in own.items()}


def _by_batch(some: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for place in range(0, len(some), BATCH):
        yield some[place : place + BATCH]
