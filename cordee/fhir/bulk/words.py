"""Words that are told as they are: which kinds of columns have some, and what stands for one.

Of a kind that is not here the mapping alone knows how JSON says it: it has no words.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import models
from django.db.models import F, Func, Model

from cordee.fhir.writing import encoded, instant

Field = Any  # of a model, whatever it holds
Expression = Any  # what a query tells of each row
TEXT = models.TextField()
TEXTS = (models.CharField, models.TextField)
ABSENT = (None, "")


class Mark(NamedTuple):
    """What stands for a word in a row, and how the mapping is to tell it."""

    value: Any
    said: str


class Kind(NamedTuple):
    """A kind of column: how PostgreSQL says a word of it as JSON does, and that there is none."""

    of: tuple[type[Any], ...]
    said: str
    absent: str
    marked: Callable[[int, int], Mark]
    """A mark by its rank in a row, the same in two turns. Whatever would follow from a word differs
    from one turn to the other: what comes first in one comes last in the other."""

    def word(self, path: str) -> Expression:
        """Ask a row for a word as JSON says it; of a text, with its quotes."""
        return Func(F(path), template=self.said, output_field=TEXT)

    def absence(self, path: str) -> Expression:
        """Ask a row whether a word is absent; of a text, empty as well."""
        return Func(F(path), template=self.absent, output_field=models.BooleanField())


def kind_of(model: type[Model], path: str) -> Kind:
    """What is told at the end of a path; of a reference, what it holds. Raises TypeError: its words
    are not told as they are."""
    field = _field(model, path)
    found = next((one for one in KINDS if isinstance(field, one.of)), None)
    if found is None or hasattr(field, "from_db_value"):
        raise TypeError(f"{model.__name__}: « {path} » is no word, it cannot be told as it is")
    return found


def may_be_absent(model: type[Model], path: str) -> bool:
    """Whether a row may be without a word: left out, empty, or of a row that is not there."""
    name, _, word = path.partition("__")
    tie: Field = model._meta.get_field(name)
    return bool(word) or tie.null or isinstance(_field(model, path), TEXTS)


def are_present(shape: str, count: int) -> list[bool]:
    """Which words a row has, as its shape says at its end, of so many that may be absent."""
    said = shape[1:-1].split(",")
    return [one == "f" for one in said[len(said) - count :]]


def has_words(row: Any, paths: Sequence[str]) -> list[bool]:
    """Which words a row has, as it was made: its own, and those of the rows that it hangs from."""
    return [_at(row, path) not in ABSENT for path in paths]


def _at(row: Any, path: str) -> Any:
    owner, _, word = path.rpartition("__")
    held = row._state.fields_cache[owner] if owner else row
    return None if held is None else getattr(held, word)


def _field(model: type[Model], path: str) -> Field:
    name, _, word = path.partition("__")
    found: Any = model._meta.get_field(name)
    if word:
        return _field(found.related_model, word)
    return found.target_field if found.is_relation else found


def _moment(rank: int, turn: int) -> Mark:
    """Before, then after all that is dated."""
    value = datetime((1900, 9000)[turn], 6, 1, tzinfo=UTC) + timedelta(days=_turned(rank, turn))
    return Mark(value, instant(value))


def _day(rank: int, turn: int) -> Mark:
    value = date((1800, 8000)[turn], 6, 1) + timedelta(days=_turned(rank, turn))
    return Mark(value, value.isoformat())


def _number(rank: int, turn: int) -> Mark:
    value = _turned(10**12 + rank, turn)
    return Mark(value, str(value))


def _turned(count: int, turn: int) -> int:
    return (count, -count)[turn]


def _key(rank: int, turn: int) -> Mark:
    value = uuid4()
    return Mark(value, str(value))


def _text(rank: int, turn: int) -> Mark:
    """One that would not stay as it is if it were trimmed, escaped, cut, or put in another case."""
    value = f" <é&\n{uuid4().hex}A" * (1 + turn) + " "
    return Mark(value, encoded(value).decode())


MOMENT = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
DAY = "to_char(%(expressions)s, 'YYYY-MM-DD')"
JSON, AS_IT_IS = "to_json(%(expressions)s)::text", "(%(expressions)s)::text"
NULL, EMPTY = "(%(expressions)s IS NULL)", "(%(expressions)s = '')"
KINDS = (
    Kind((models.DateTimeField,), MOMENT, NULL, _moment),  # before the next: it is one as well
    Kind((models.DateField,), DAY, NULL, _day),
    Kind((models.IntegerField,), AS_IT_IS, NULL, _number),
    Kind((models.UUIDField,), AS_IT_IS, NULL, _key),
    Kind(TEXTS, JSON, EMPTY, _text),
)
