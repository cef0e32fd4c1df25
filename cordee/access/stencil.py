"""A query written once per shape: what the ORM says in SQL is kept, and only its values change.

Building the conditions of sight costs the ORM ten times what running them costs PostgreSQL. A
stencil builds its queryset from marks in place of identifiers and moments, keeps the SQL, and puts
the real values where the marks came out. Whatever is not an identifier nor a moment (a role, a
state, a length) is part of the shape: another shape is another SQL. ADR 0019.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from functools import update_wrapper
from itertools import count
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import Literal

from cordee.access.actor import Actor
from cordee.kernel.prepared import Asked, Met, run, run_in_one_trip

T = TypeVar("T")
Said = tuple[str, list[Any]]  # a text and its values; "": nothing is visible
KEPT = 500  # shapes of one stencil, after which they are written again, unless it says more
# What an actor carries that no condition of sight reads: the second lock alone reads the last.
UNSEEN = ("name", "session_key", "only_person", "memory")
_NUMBERS = -(2**62)  # no row has such a number
_FAR = datetime.fromisoformat("1900-01-01T00:00:00+00:00")


class Unsteady(Exception):
    """A query that cannot be kept: a value of the moment got into its SQL. A fault of ours."""


class Stencil:
    """Run a queryset of values as rows of plain values, built once per shape of its arguments.

    `met`: what makes something else of each row, once for what says the same.
    """

    def __init__(
        self,
        build: Callable[..., QuerySet[Any, Any]],
        *,
        shapes: int = KEPT,
        met: Met | None = None,
    ) -> None:
        self.build, self.shapes, self.met = build, shapes, met
        self.kept: dict[object, tuple[str, list[Any]]] = {}
        update_wrapper(self, build)  # type: ignore[arg-type]

    def __call__(self, **arguments: Any) -> list[Any]:
        """Give the rows. One query, prepared by the server. Raises Unsteady."""
        asked = self.asked(**arguments)
        return run(*asked) if asked.sql else []

    def asked(self, **arguments: Any) -> Asked:
        """Say what is to be run, beside others; without a text, nothing is visible.

        Raises Unsteady.
        """
        return Asked(*self.said(**arguments), binary=True, met=self.met)

    def planned_anew(self, **arguments: Any) -> list[tuple[Any, ...]]:
        """Give the rows by a plan made for these values, where the right index depends on them: a
        plan made once for all knows no name, and would read everybody. One query. Raises Unsteady.
        """
        sql, values = self.said(**arguments)
        if not sql:
            return []
        with connection.cursor() as cursor:  # Django writes the values into the text
            cursor.execute(sql, [str(one) if isinstance(one, Word) else one for one in values])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def said(self, **arguments: Any) -> tuple[str, list[Any]]:
        """Give the text and its values, to be run or put into another; "": nothing is visible.

        Raises Unsteady.
        """
        values: list[Any] = []
        shape = shape_of(arguments, values)
        written = self.kept.get(shape)
        if written is None:
            if len(self.kept) >= self.shapes:
                self.kept.clear()
            written = self.kept[shape] = self._write(arguments)
        sql, kept = written
        return sql, [filled(place, values) for place in kept]

    def _write(self, arguments: dict[str, Any]) -> tuple[str, list[Any]]:
        marks: list[Any] = []
        given = {name: marked(value, marks) for name, value in arguments.items()}
        try:
            with refusing():
                sql, parameters = self.build(**given).query.sql_with_params()
        except EmptyResultSet:  # nothing is visible, whatever the values
            return "", []
        return _settled(sql, places(parameters, marks))


def run_together(asked: Iterable[Said]) -> list[list[Any]]:
    """Run texts of stencils that each give one key a row, and give the keys of each. One query."""
    found: list[tuple[Said, list[Any]]] = [(said, []) for said in asked]
    texts, values = [], []
    for place, ((sql, bound), _) in enumerate(found):
        if sql:
            texts.append(f"SELECT {place}, one.* FROM ({sql}) AS one")  # noqa: S608 — of stencils
            values += bound
    for place, key in run(" UNION ALL ".join(texts), values) if texts else ():
        found[place][1].append(key)
    return [keys for _, keys in found]


def run_at_once(*asked: Asked) -> list[list[Any]]:
    """Run what stencils ask in one trip, and give the rows of each. What this session has not
    prepared yet is run alone."""
    told = [one for one in asked if one.sql]
    given = zip(told, run_in_one_trip(told), strict=True)
    found = iter([run(*one) if rows is None else rows for one, rows in given])
    return [next(found) if one.sql else [] for one in asked]


def filled_up(values: Iterable[T]) -> list[T]:
    """Say the last value again, up to the next power of two: lists of near lengths fit one SQL."""
    listed = list(values)
    room = 1 << max(len(listed) - 1, 0).bit_length()
    return listed + listed[-1:] * (room - len(listed))


class Number(int):
    """An identifier that is a number: a value of the query, never part of its shape."""


class Word(str):
    """A text that is a value of the query: a key that somebody holds, never a state or a role."""

    __slots__ = ()


class _Mark(int):
    """Where the value of that number goes."""


def shape_of(value: Any, values: list[Any]) -> object:
    """Say what a value has in common with those that fit the same SQL, and list the rest of it."""
    if isinstance(value, VALUES):
        values.append(value)
        return type(value)
    if isinstance(value, dict):
        return tuple([(name, shape_of(one, values)) for name, one in value.items()])
    if isinstance(value, Actor):
        shape, told = _shape_of_actor(value)
        values += told
        return shape
    if isinstance(value, (frozenset, tuple, list)):
        ordered = sorted(value) if isinstance(value, frozenset) else value
        return (type(value), *[shape_of(one, values) for one in ordered])
    return value


def _shape_of_actor(actor: Actor) -> tuple[object, list[Any]]:
    """The shape of an actor as a number of ours, which is compared at once, and its values."""
    if "shape" not in actor.memory:
        values: list[Any] = []
        shape = tuple([shape_of(getattr(actor, name), values) for name in _SEEN])
        actor.memory["shape"] = (_shapes.setdefault(shape, ("actor", next(_numbers))), values)
    found: tuple[object, list[Any]] = actor.memory["shape"]
    return found


_shapes: dict[object, tuple[str, int]] = {}
_numbers = count()


VALUES = (UUID, date, Number, Word)
SHORTEST = 10  # letters of the shortest mark, a day
_SEEN = tuple(one.name for one in fields(Actor) if one.name not in UNSEEN)


def marked(value: Any, marks: list[Any]) -> Any:
    """The same value with marks that nothing else equals, in the order of `shape_of`."""
    if isinstance(value, VALUES):
        marks.append(_mark(value, len(marks)))
        return marks[-1]
    if isinstance(value, dict):
        return {name: marked(one, marks) for name, one in value.items()}
    if isinstance(value, Actor):
        seen = {name: marked(getattr(value, name), marks) for name in _SEEN}
        return replace(value, name="", session_key="", **seen)
    if isinstance(value, (frozenset, tuple, list)):
        ordered = sorted(value) if isinstance(value, frozenset) else value
        made = [marked(one, marks) for one in ordered]
        return value._make(made) if hasattr(value, "_make") else type(value)(made)
    return value


def _mark(value: Any, number: int) -> Any:
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, Word):
        return str(uuid4())
    if isinstance(value, Number):
        return _NUMBERS + number
    gap = number + 1
    if isinstance(value, datetime):
        return _FAR + timedelta(microseconds=gap)
    return _FAR.date() + timedelta(days=gap)


def places(parameters: Iterable[Any], marks: list[Any]) -> list[Any]:
    """Say which parameters are marks, and of which value. Raises Unsteady."""
    order = {mark: number for number, mark in enumerate(marks)}
    said = [str(mark) for mark in order]
    return [_place(one, order, said) for one in parameters]


def _place(parameter: Any, order: dict[Any, int], said: list[str]) -> Any:
    if isinstance(parameter, (list, tuple)):
        return [_place(one, order, said) for one in parameter]
    if isinstance(parameter, (UUID, date, int, str)) and parameter in order:
        return _Mark(order[parameter])
    if isinstance(parameter, (UUID, date)):  # the next one who asks would be given this one's
        raise Unsteady("an identifier or a moment that was not given as an argument")
    if isinstance(parameter, str):
        if len(parameter) >= SHORTEST and any(mark in parameter for mark in said):
            raise Unsteady("an identifier within a text")
        return str(parameter)
    return parameter


def _settled(sql: str, kept: list[Any]) -> tuple[str, list[Any]]:
    """Write into the text what never changes, and give it with what is still to be bound.

    PostgreSQL keeps one plan for all values only when it is no worse than a plan for these: with a
    length or a state it does not know it plans at each run, which costs twice what running does.
    """
    connection.ensure_connection()
    bound: list[Any] = []
    places = iter(kept)

    def write(hole: re.Match[str]) -> str:
        if hole[0] == "%%":
            return hole[0]
        place = next(places)
        if _moves(place):
            bound.append(place)
            return hole[0]
        return Literal(place).as_string(connection.connection).replace("%", "%%")

    return _HOLE.sub(write, sql), bound


_HOLE = re.compile("%s|%%")


def _moves(place: Any) -> bool:
    return isinstance(place, _Mark) or (isinstance(place, list) and any(map(_moves, place)))


def filled(place: Any, values: list[Any]) -> Any:
    """Put the values where their marks came out."""
    if isinstance(place, _Mark):
        return values[place]
    return [filled(one, values) for one in place] if isinstance(place, list) else place


def refusing() -> AbstractContextManager[None]:
    """Nothing is asked of the database within: its answer would be kept. Raises Unsteady."""
    return connection.execute_wrapper(_refuse)


def _refuse(*_: Any) -> None:
    raise Unsteady("a query asked while another is written")
