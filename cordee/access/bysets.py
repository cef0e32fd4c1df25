"""Rows judged by sets: what each row of a table would ask again of the same persons, asked once.

Neither lock is said again here. The scope of the first is built as everywhere; what it asks of a
person is answered of all those of the rows at once (`about.py`). The condition of the second is
read from the database and asked, under the eyes of the reader, of each combination of the values
by which it judges: a hundred visits of one person by one helper are judged as one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Self, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from cordee.access.about import Answer, OfMany, Question, asking
from cordee.access.actor import Actor
from cordee.access.policy import questions_of, scope_of
from cordee.access.sight import by_the_house
from cordee.access.stencil import Unsteady
from cordee.kernel.base import array_of, is_any_of
from cordee.kernel.prepared import run

Values = tuple[Any, ...]
K = TypeVar("K")
V = TypeVar("V")
AT_ONCE = 1_024  # persons of whom one statement asks: one length, hence one statement to plan


@dataclass(frozen=True)
class SecondLock:
    """What the second lock asks of a row, in its own words, and by which columns it judges."""

    table: str
    condition: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]

    def lets_through(self, some: Collection[Values]) -> set[Values]:
        """Say which combinations of values the reader of this session is shown. One query."""
        names = ", ".join(f'"{one}"' for one in self.columns)
        arrays = ", ".join(f"%s::{kind}[]" for kind in self.kinds)
        each = zip(self.columns, self.kinds, strict=True)
        told = ", ".join(f'"{one}"::text' if kind == "uuid" else f'"{one}"' for one, kind in each)
        sql = f"""SELECT {told} FROM unnest({arrays}) AS {self.table}({names})
            WHERE {self.condition.replace("%", "%%")}"""  # noqa: S608
        arrays_of = [
            array_of(one) if kind == "uuid" else list(one)
            for kind, one in zip(self.kinds, zip(*some, strict=True), strict=False)
        ]
        return set(run(sql, arrays_of)) if some else set()

    @property
    def judged(self) -> list[Any]:
        """What a query tells for it of each row: identifiers as text, which is quick to compare."""
        return [
            Cast(one, TextField()) if kind == "uuid" else F(one)
            for one, kind in zip(self.columns, self.kinds, strict=True)
        ]


def second_lock(model: type[Model]) -> SecondLock | None:
    """Read the second lock of a table; None: it is not one that judges by columns. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [model._meta.db_table])
        told = cursor.fetchall()
    if len(told) != 1 or not told[0][1]:
        return None
    ((condition, columns, kinds),) = told
    return SecondLock(model._meta.db_table, condition, tuple(columns), tuple(kinds))


_LOCK = """SELECT pg_get_expr(lock.polqual, lock.polrelid),
        array_agg(col.attname::text ORDER BY col.attnum),
        array_agg(format_type(col.atttypid, NULL) ORDER BY col.attnum)
    FROM pg_policy lock
    JOIN pg_depend tie ON tie.classid = 'pg_policy'::regclass AND tie.objid = lock.oid
    JOIN pg_attribute col ON col.attrelid = tie.refobjid AND col.attnum = tie.refobjsubid
    WHERE lock.polrelid = %s::regclass AND lock.polname = 'second_lock'
        AND tie.refobjid = lock.polrelid AND tie.refobjsubid > 0
    GROUP BY lock.polqual, lock.polrelid"""
"""The columns that a policy names are those that it depends on."""


@dataclass
class BySets:
    """The rows of one table under both locks, for one actor, for the time of one transaction."""

    actor: Actor
    model: type[Model]
    lock: SecondLock
    questions: Sequence[OfMany]
    _asked: set[UUID] = field(default_factory=set)
    _known: dict[OfMany, set[UUID]] = field(default_factory=dict)
    _passes: dict[Values, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, actor: Actor, model: type[Model]) -> Self | None:
        """Make ready to judge a table; None: it is judged row by row. One query."""
        try:
            asked = questions_of(actor, model, model.person_path)  # type: ignore[attr-defined]
        except Unsteady:  # its scope asks the database itself
            return None
        lock, questions = second_lock(model), [one for one in asked if isinstance(one, OfMany)]
        return cls(actor, model, lock, questions) if lock and questions == asked else None

    def seen(self, rows: QuerySet[Any, Any], columns: Sequence[Any], limit: int) -> list[Values]:
        """Give the values of those rows that the actor may see, in their order, up to so many."""
        return self.among(rows).seen(columns, limit)

    def among(self, rows: QuerySet[Any, Any]) -> "Among":
        """Ask once of all the persons of these rows what the first lock asks of each.

        `rows`: of the table, by key, narrowed to nobody yet.
        """
        return Among(self, rows)

    @property
    def behind(self) -> dict[str, int]:
        """The identifiers that come as text behind what is wanted of a row, and at which place."""
        kinds = [*zip(self.lock.columns, self.lock.kinds, strict=True), (_key(self.model), "uuid")]
        return {name: place for place, (name, kind) in enumerate(kinds) if kind == "uuid"}

    @property
    def place_of_the_person(self) -> int:
        """At which of these places stands whom a row is about."""
        path: str = self.model.person_path  # type: ignore[attr-defined]
        return self.behind[_key(self.model) if path == "pk" else path]

    def let_through(self, found: Sequence[Values], wanted: int) -> list[Values]:
        """Those of some values that the second lock lets through: it judges by what is behind so
        many of them."""
        judged = [row[wanted:-1] for row in found]
        passes = looked_up(self._passes, judged, self._judged)
        return [row for row, passed in zip(found, passes, strict=True) if passed]

    def _judged(self, new: Collection[Values]) -> dict[Values, bool]:
        through = self.lock.lets_through(new)
        return {one: one in through for one in new}

    def by_the_first(self, rows: QuerySet[Any, Any]) -> tuple[QuerySet[Any, Any], set[str]]:
        """Keep the rows that the first lock lets through, and those of nobody who was asked of
        then: they came since, and whoever meets one asks again. With it, who was asked of."""
        if not self.questions:
            return rows.filter(scope_of(self.model)(self.actor)), set()
        path = self.model.person_path  # type: ignore[attr-defined]
        persons = {pk for (pk,) in _unjudged(rows.order_by().values_list(path).distinct())}
        self._ask_of(persons - self._asked)
        known: dict[Question, Answer] = {
            one: frozenset(self._known[one] & persons) for one in self.questions
        }
        with asking(path.removesuffix("_id"), known):
            scope: Q = scope_of(self.model)(self.actor)
        return rows.filter(scope | ~Q(is_any_of(path, persons))), set(map(str, persons))

    def _ask_of(self, new: set[UUID]) -> None:
        listed = sorted(new, key=attrgetter("int"))
        for one in self.questions:
            known = self._known.setdefault(one, set())
            for place in range(0, len(listed), AT_ONCE):
                known |= one.many(self.actor, listed[place : place + AT_ONCE])
        self._asked |= new


@dataclass
class Among:
    """Rows that the first lock lets through, of which the second is asked as they are given."""

    judge: BySets
    rows: QuerySet[Any, Any]

    def __post_init__(self) -> None:
        self._ask()

    def seen(self, columns: Sequence[Any], limit: int, after: str = "") -> list[Values]:
        """Give the values of those that the actor may see, in their order, up to so many, `after`
        a key.

        Whom the second lock refuses takes the place of nobody: it goes on behind them. Behind the
        columns that are wanted of a row come those by which it was judged, and its key.
        """
        told, wanted = list[Values](), len(columns)
        names = (*columns, *self.judge.lock.judged, Cast("pk", TextField()))
        while True:
            found = self._found(names, wanted, limit, after)
            told += self.judge.let_through(found, wanted)
            if len(found) < limit or len(told) >= limit:
                return told[:limit]
            after = found[-1][-1]

    def _found(self, names: Sequence[Any], wanted: int, limit: int, after: str) -> Sequence[Values]:
        """The next rows. Two records that are merged meanwhile give rows to somebody who had none:
        their persons are asked of again, or these would be passed over."""
        person = wanted + self.judge.place_of_the_person
        while True:
            some = self._kept.filter(pk__gt=after) if after else self._kept
            found = _unjudged(some.values_list(*names)[:limit])
            if not self._persons or {row[person] for row in found} <= self._persons:
                return found
            self._ask()

    def _ask(self) -> None:
        self._kept, self._persons = self.judge.by_the_first(self.rows)


def looked_up(
    known: dict[K, V], keys: Sequence[K], find: Callable[[Collection[K]], Mapping[K, V]]
) -> list[V | None]:
    """Give what is known of each key; what is not yet is found at once, and known from then on.

    Identifiers are long to compare: each is looked up once, but those that are new.
    """
    told = [known.get(one) for one in keys]
    if None in told and (new := {one for one, met in zip(keys, told, strict=True) if met is None}):
        known.update(find(new))
        told = [known.get(one) for one in keys]
    return told


def _key(model: type[Model]) -> str:
    return model._meta.pk.attname  # type: ignore[union-attr]


@by_the_house
def _unjudged(rows: QuerySet[Any, Any]) -> list[Values]:
    """The values of rows of which no lock, or the first alone, was asked. One query.

    By the house: the second lock is asked of them before anybody is given one of them.
    """
    try:
        return run(*rows.query.sql_with_params())
    except EmptyResultSet:
        return []
