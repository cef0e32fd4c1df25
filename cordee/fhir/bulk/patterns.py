"""Lines of rows that differ by a few words: written once per shape, by the mapping itself.

A mapping says which columns it tells as they are (`told`). One row of each shape is given to it
with marks in their place; of the others PostgreSQL gives the words, as JSON wants them, and the
shape: all the rest. The twin of `kernel.patterns` for the machines' door. ADR 19.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Func, Model, QuerySet
from django.db.models.functions import Cast

from cordee.access.bysets import Values
from cordee.fhir.bulk.sets import Sets, made_of
from cordee.fhir.writing import encoded, instant

Lines = Callable[[Sequence[Any]], list[bytes]]
Field = Any  # of a model, whatever it holds
Expression = Any  # what a query tells of each row
Parted = tuple[list[str], list[int]]
ByOwner = dict[str, dict[str, "Mark"]]
TEXT = models.TextField()
SHAPES = 20_000  # of one table: more are written again, a kilobyte each stays meanwhile
MOMENT = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


class Written(NamedTuple):
    """The line of a shape, with « %s » where a word goes, and which words these are."""

    text: str = ""
    words: Callable[[Values], Any] = lambda row: ()


APART = Written()  # met once, or of which the mapping does not tell the words as they are


class Mark(NamedTuple):
    """What stands for a word in a row, and how the mapping is to tell it."""

    value: Any
    said: str


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
    def words(self) -> dict[str, Field]:
        """What is told as it is: by its path, which field it is."""
        model = self.sets.mapping.model
        return {path: _field(model, path) for path in self.sets.mapping.told}

    @cached_property
    def shape(self) -> Expression:
        """All the rest of a row, and which words are absent, as one text."""
        rest = [F(one) for one in self.sets.mapping.columns if one not in self.words]
        absent = [_absent(path, one) for path, one in self.words.items()]
        return Func(*rest, *absent, template="ROW(%(expressions)s)::text", output_field=TEXT)

    @cached_property
    def asked(self) -> list[Expression]:
        """What is asked of each row: its shape, then its words."""
        return [self.shape, *(_word(path, one) for path, one in self.words.items())]

    @cached_property
    def marks(self) -> list[dict[str, Mark]]:
        """Two marks for each word, far from each other."""
        each = list(enumerate(self.words.items()))
        return [{path: _mark(one, rank, turn) for rank, (path, one) in each} for turn in (0, 1)]

    @cached_property
    def _person(self) -> int:
        return 1 + list(self.words).index(self.sets.mapping.model.person_path)  # type: ignore[attr-defined]

    def told(self, rows: QuerySet[Any], limit: int) -> tuple[list[Values], list[bytes]]:
        """Give those of these rows that the actor may see, up to so many, and their lines. A few
        queries."""
        if len(self.written) >= SHAPES:
            self.written.clear()
        found = self.sets.judge.seen(rows, self.asked, limit)
        keys, times = {row[0]: row[-1] for row in found}, Counter(row[0] for row in found)
        often = [one for one, met in times.items() if met > 1 and one not in self.written]
        if often:
            self.written.update(self._learnt([keys[one] for one in often]))
        each = [self.written.get(row[0], APART) for row in found]
        lines = [(one.text % one.words(row)).encode() for one, row in zip(each, found, strict=True)]
        return found, lines if all(lines) else self._with_those_apart(found, lines)

    def persons(self, found: Sequence[Values]) -> set[UUID]:
        """Whom rows are about."""
        return set(map(UUID, {row[self._person] for row in found}))

    def _with_those_apart(self, found: Sequence[Values], lines: list[bytes]) -> list[bytes]:
        """Put in what the mapping alone can tell; what is no longer there is left out."""
        keys = [row[-1] for row in found]
        apart = [key for key, line in zip(keys, lines, strict=True) if not line]
        rows = self.sets.seen(self._those(apart), len(apart))
        told = {str(row.pk): line for row, line in zip(rows, self.lines(rows), strict=True)}
        whole = [line or told.get(key, b"") for key, line in zip(keys, lines, strict=True)]
        return list(filter(None, whole))

    def _those(self, keys: Collection[str]) -> QuerySet[Any]:
        return self.sets.rows.filter(pk__in=keys).order_by("pk")

    def _learnt(self, keys: Collection[str]) -> dict[str, Written]:
        """Write the lines of shapes, each by a row that has it: by what each is now, where it
        changed since its key was read."""
        columns = self.sets.mapping.columns
        found = self.sets.judge.seen(self._those(keys), (*columns, self.shape), len(keys))
        rows = self.sets.made(found)
        told = [self._parted(rows, marks) for marks in self.marks]
        shapes = [values[len(columns)] for values in found]
        return {shape: _written_of(*both) for shape, *both in zip(shapes, *told, strict=True)}

    def _parted(self, rows: Sequence[Any], marks: dict[str, Mark]) -> Iterator[Parted]:
        """What the line of each row says around its words, and the places of these in what is
        asked."""
        by_owner = _by_owner(marks)
        places = [(mark.said, f"\0{1 + rank}\0") for rank, mark in enumerate(marks.values())]
        for line in self.lines([_marked(row, by_owner) for row in rows]):
            text = line.decode()
            for said, place in places:
                text = text.replace(said, place)
            pieces = text.split("\0")  # JSON has no such character
            yield pieces[::2], [int(one) for one in pieces[1::2]]


def _written_of(once: Parted, again: Parted) -> Written:
    """The line of a shape, told twice by other marks: what follows from a word would differ."""
    pieces, places = once
    if once != again or not places:
        return APART
    text = "%s".join([one.replace("%", "%%") for one in pieces])
    return Written(text, itemgetter(*places))


def _marked(row: Any, marks: ByOwner) -> Any:
    """The same row, with marks in place of its words. Those that it hangs from have words alone:
    what a mapping reads of them besides is nowhere, and fails."""
    beside = {
        name: one and made_of(type(one), _stood_for(one, marks.get(name, {})), {})
        for name, one in row._state.fields_cache.items()
    }
    return made_of(type(row), row.__dict__ | _stood_for(row, marks[""]), beside)


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


ABSENT = (None, "")


def _field(model: type[Model], path: str) -> Field:
    """The field that a path ends on; of a reference, what it holds."""
    name, _, word = path.partition("__")
    found: Any = model._meta.get_field(name)
    if word:
        return _field(found.related_model, word)
    return found.target_field if found.is_relation else found


def _word(path: str, of: Field) -> Expression:
    """A word as JSON says it; a text with its quotes."""
    if isinstance(of, models.DateTimeField):
        return Func(F(path), template=MOMENT, output_field=TEXT)
    if isinstance(of, models.CharField | models.TextField):
        return Func(F(path), template="to_json(%(expressions)s)::text", output_field=TEXT)
    return Cast(F(path), TEXT)


def _absent(path: str, of: Field) -> Expression:
    """Whether a word is absent; of a text, empty as well."""
    is_text = isinstance(of, models.CharField | models.TextField)
    asked = "(%(expressions)s = '')" if is_text else "(%(expressions)s IS NULL)"
    return Func(F(path), template=asked, output_field=models.BooleanField())


def _mark(of: Field, rank: int, turn: int) -> Mark:
    """A mark for a word: before and after all that is dated, and what nothing else says."""
    value: Any
    if isinstance(of, models.DateTimeField):
        value = datetime((1900, 9000)[turn], 1, 1, tzinfo=UTC) + timedelta(days=rank)
        return Mark(value, instant(value))
    if isinstance(of, models.DateField):
        value = date((1800, 8000)[turn], 1, 1) + timedelta(days=rank)
        return Mark(value, value.isoformat())
    if isinstance(of, models.IntegerField):
        value = 10**12 * (1 + turn) + rank
        return Mark(value, str(value))
    if isinstance(of, models.UUIDField):
        value = uuid4()
        return Mark(value, str(value))
    value = uuid4().hex
    return Mark(value, encoded(value).decode())
