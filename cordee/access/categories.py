"""The table of what is kept: each room says which categories it holds, and how they go.

Nothing goes without a decision in force, announced a week before in the chain of the house.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.utils import timezone

from cordee.access.rules import (
    Decision,
    Unreadable,
    before,
    in_force,
    may_go,
    read_decisions,
    read_held,
)
from cordee.kernel.apps import load

Database = psycopg.Connection[Any]


@dataclass(frozen=True)
class Category:
    """What is kept: its code in the decisions, its name, and how it is counted and let go.

    `let_go` receives the connection of retention, the moment before which things go, the rule in
    words and now; it tells the thread. `least` is the shortest duration that is not a slip.
    `elsewhere` names the archives that hold some of it, and must come back before it can go.
    """

    code: str
    label: str
    least: int
    count: Callable[[Database, datetime], int]
    let_go: Callable[[Database, datetime, str, datetime], int]
    elsewhere: Callable[[Database, datetime], list[str]] = lambda database, before: []


@dataclass(frozen=True)
class Due:
    """One line of the report: the decision in force if any, what is due, since when it is told."""

    category: Category
    decision: Decision | None
    count: int = 0
    announced_at: datetime | None = None

    def is_ripe(self, now: datetime) -> bool:
        """Whether it may go now."""
        return self.count > 0 and may_go(self.announced_at, now)


_known: dict[str, Category] = {}


def keeps(category: Category) -> Category:
    """Register a category. Its code is its own."""
    if category.code in _known:
        raise TypeError(f"two categories are called {category.code}")
    _known[category.code] = category
    return category


def categories() -> list[Category]:
    """Every category of every room, by code."""
    load("retention")
    return [_known[code] for code in sorted(_known)]


class Decided(NamedTuple):
    """What the controller decided: durations, and of whom nothing goes while a claim lasts."""

    decisions: list[Decision]
    held: frozenset[UUID]


def decided(path: str) -> Decided:
    """The controller's decisions. Raises Unreadable, OSError. Without a file: none."""
    if not path:
        return Decided([], frozenset())
    text = Path(path).read_text(encoding="utf-8")
    least = {one.code: one.least for one in categories()}
    return Decided(read_decisions(text, least), read_held(text))


def report(database: Database, decided: Decided, now: datetime) -> list[Due]:
    """What is due in each category; nothing is changed.

    Whom a claim holds is said to the connection: no category counts nor removes what is theirs, but
    those that go by whole months. Raises Unreadable.
    """
    hold(database, decided)
    announced = _announcements(database)
    today = timezone.localdate(now)
    found = []
    for category in categories():
        decision = in_force(decided.decisions, category.code, today)
        if decision is None:
            found.append(Due(category, None))
            continue
        count = category.count(database, before(decision, now))
        told = announced.get((category.code, decision.rule))
        found.append(Due(category, decision, count, told))
    return found


def elsewhere(database: Database, due: Due, now: datetime) -> list[str]:
    """The archives in which more of it is due."""
    if due.decision is None:
        return []
    return due.category.elsewhere(database, before(due.decision, now))


def let_go(database: Database, due: Due, now: datetime) -> int:
    """Let go what is ripe, under its rule, as retention. Returns how much went."""
    if due.decision is None or not due.is_ripe(now):
        return 0
    moment = before(due.decision, now)
    return due.category.let_go(database, moment, due.decision.rule, now)


def hold(database: Database, decided: Decided) -> None:
    """Tell the connection whom a claim holds. Raises Unreadable when one of them is nobody."""
    row = database.execute("SELECT access_hold(%s::uuid[])", [sorted(decided.held)]).fetchone()
    if row and row[0]:
        raise Unreadable(f"réclamation : personne n’a l’identifiant {row[0][0]}")


def _announcements(database: Database) -> dict[tuple[str, str], datetime]:
    rows = database.execute(
        """SELECT content.data->>'category', content.data->>'rule', min(fact.happened_at)
        FROM kernel_fact fact JOIN kernel_fact_content content
            ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
        WHERE fact.kind = 'access.retention_announced' GROUP BY 1, 2"""
    )
    return {(row[0], row[1]): row[2] for row in rows}
