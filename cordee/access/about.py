"""Rows about one person: what the reader may know of her is asked once, not in each query.

A scope says « of whom I know the coordination »: for rows of everybody that is a condition judged
row by row, thousands of characters long. Where all rows are about one person it is a yes or a no,
asked once for the page, and the query that is left is short: planned at once, kept in little.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Model

from cordee.access.actor import Actor

Question = Callable[[Actor, UUID], bool]  # what an actor may know of somebody
Table = tuple[type[Model], str]  # with the path from its rows to the person
Answer = bool | frozenset[UUID]  # of one person; or, of many, those of whom it is a yes


@dataclass(frozen=True)
class OfMany:
    """A question that may be asked of many persons at once."""

    one: Question
    many: Callable[[Actor, Collection[UUID]], set[UUID]]

    def __call__(self, actor: Actor, person_id: UUID) -> bool:
        """Ask it of one."""
        return self.one(actor, person_id)


@dataclass
class Asking:
    """By which field rows lead to the person; what was answered of her, or the questions met."""

    path: str
    answers: Mapping[Question, Answer] | None = None
    met: list[Question] = field(default_factory=list)


_asking: ContextVar[Asking | None] = ContextVar("asking", default=None)


@contextmanager
def asking(path: str, answers: Mapping[Question, Answer] | None = None) -> Iterator[Asking]:
    """Build a scope of rows that lead by `path` to one person, or to many of whom all was asked
    (`bysets.py`); or, without answers, list what it asks."""
    told = Asking(path, answers)
    token = _asking.set(told)
    try:
        yield told
    finally:
        _asking.reset(token)


def answered(path: str, question: Question) -> Answer | None:
    """Say what was answered of whom rows lead to by `path`; None: judge each row."""
    told = _asking.get()
    if told is None or told.path != path:
        return None
    if told.answers is None:
        told.met.append(question)
        return None
    return told.answers.get(question)


@dataclass
class Met:
    """What the parts of a page ask about somebody: tables, by which path, and whole readings."""

    tables: dict[Table, None] = field(default_factory=dict)
    readings: dict[Any, None] = field(default_factory=dict)


_met: ContextVar[Met | None] = ContextVar("met", default=None)


@contextmanager
def noting(met: Met) -> Iterator[None]:
    """Note what is asked about somebody."""
    token = _met.set(met)
    try:
        yield
    finally:
        _met.reset(token)


def note(model: type[Model], path: str) -> None:
    """Say that a table is asked about somebody, to who notes it."""
    met = _met.get()
    if met is not None:
        met.tables.setdefault((model, path))


def note_reading(reading: Any) -> None:
    """Say that a reading (`fetched.FetchAbout`) is asked about somebody, to who notes it."""
    met = _met.get()
    if met is not None:
        met.readings.setdefault(reading)
