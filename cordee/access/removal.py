"""Removing records whose time has come, a few thousand at a time, each time told in the chain."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

Database = psycopg.Connection[Any]

AT_ONCE = 2_000  # records of one transaction: others wait for their locks meanwhile
HANGING = (psycopg.errors.RestrictViolation, psycopg.errors.ForeignKeyViolation)
"""Something of somebody else: met on the way, or at the end by a key that is checked there."""
EVERY_ONE = "%(only)s::uuid[] IS NULL OR id = ANY (%(only)s)"  # or those that are looked at again
NO_STATES = "SELECT NULL::uuid, NULL WHERE false"
"""The `away` of a table whose rows keep no previous state."""
NO_MONTH_LEAVES = """
    LOCK TABLE access_previous_state, kernel_fact_content IN ROW EXCLUSIVE MODE NOWAIT
"""
"""Until the end of the transaction: what is being archived would be seen neither here nor there."""
CONTENTS_AWAY = """
    FROM kernel_archived('kernel_fact_content') away
    JOIN kernel_fact fact ON fact.recorded_at >= kernel_month_begins(away.month)
        AND fact.recorded_at < kernel_month_begins((away.month + interval '1 month')::date)
    WHERE fact.thread_id IS NOT NULL AND NOT kernel_is_a_proof(fact.kind)
        AND NOT EXISTS (SELECT FROM kernel_fact told JOIN kernel_fact_content said
                ON said.fact_id = told.id AND said.recorded_at = told.recorded_at
            WHERE told.chain_id = fact.chain_id AND told.kind LIKE '%%.content\\_purged'
                AND said.data->'facts' @> to_jsonb(fact.id))
"""
"""What archives hold of threads, which nothing says was purged. More conditions may follow."""


class LeftBehind(Exception):  # noqa: N818 — what it says
    """Records that are due and stay: something of somebody else hangs from them."""

    def __init__(self, gone: int, ids: list[UUID]) -> None:
        super().__init__(f"{gone} gone, {len(ids)} left: {', '.join(map(str, ids))}")
        self.gone, self.ids = gone, ids


class Woken(Exception):  # noqa: N818 — what it says
    """Somebody wrote about one of them while they went: they are to be looked at again."""


@dataclass(frozen=True)
class Removal:
    """Records of one table that go whole: which are due, and the gesture that removes some.

    `due` is a query on `before` and `only`, whose last condition is `EVERY_ONE`. `kind` names the
    fact that tells it, and ends in `_purged`. Rows go with whatever refers to them, unless
    `gesture` does otherwise: it raises Woken when it meets what `due` could not see yet, and will
    see now: everything it removed is back then.

    What is in an archive cannot go: `away` is a query on `ids` for those of which one holds
    something, with its file. By default, one that may hold what the rows themselves were.
    """

    code: str
    kind: str
    table: str
    due: str
    gesture: Callable[[Database, list[UUID], datetime, str, datetime], None] | None = None
    away: str = ""

    def count(self, database: Database, before: datetime) -> int:
        """How many are due, and here. Nothing is changed."""
        return len(self._ids(database, before))

    def elsewhere(self, database: Database, before: datetime) -> list[str]:
        """The archives that must come back before the others that are due can go."""
        return sorted({file for _, file in self._away(database, self._due(database, before))})

    def let_go(self, database: Database, before: datetime, rule: str, now: datetime) -> int:
        """Remove them, a transaction and a line for some at a time. Needs the retention role.

        Held still first, then looked at again: what somebody has just written about stays. What
        something of somebody else hangs from stays too, and keeps no other: raises LeftBehind once
        the others went.
        """
        gone, left, waiting = 0, [], self._ids(database, before)
        batches = [waiting[at : at + AT_ONCE] for at in range(0, len(waiting), AT_ONCE)]
        while batches:
            some = batches.pop(0)
            try:
                with database.transaction():
                    went = self._some(database, some, before, rule, now)
                gone += went
            except Woken:
                batches.insert(0, some)
            except HANGING:
                half = len(some) // 2
                left += [] if half else some
                batches[:0] = [some[:half], some[half:]] if half else []
        if left:
            raise LeftBehind(gone, left)
        return gone

    def _some(
        self, database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
    ) -> int:
        database.execute(NO_MONTH_LEAVES)
        database.execute("SELECT access_hold_still(%s::regclass, %s)", [self.table, ids])
        due = self._ids(database, before, ids)
        if due:
            self._remove(database, due, before, rule, now)
        return len(due)

    def _remove(
        self, database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
    ) -> None:
        role = {"role": "retention"}
        verb = json.dumps({"actor": role, "verb": self.kind})
        database.execute("SELECT set_config('cordee.gesture', %s, true)", [verb])
        if self.gesture is None:
            remove(database, self.table, ids)
        else:
            self.gesture(database, ids, before, rule, now)
        told = {"category": self.code, "rule": rule, "count": str(len(ids))}
        database.execute(
            "SELECT kernel_append(%s, NULL, %s, 'job', '', %s, %s)",
            [self.kind, now, json.dumps(role), json.dumps(told | {"before": before.isoformat()})],
        )

    def _ids(
        self, database: Database, before: datetime, only: list[UUID] | None = None
    ) -> list[UUID]:
        due = self._due(database, before, only)
        waiting = {one for one, _ in self._away(database, due)}
        return [one for one in due if one not in waiting]

    def _due(
        self, database: Database, before: datetime, only: list[UUID] | None = None
    ) -> list[UUID]:
        return [row[0] for row in database.execute(self.due, {"before": before, "only": only})]

    def _away(self, database: Database, ids: list[UUID]) -> list[tuple[UUID, str]]:
        own = states_away(f"{life_of(self.table)} AND id = ANY (%(ids)s)")
        return database.execute(self.away or own, {"ids": ids}).fetchall()


def life_of(table: str, key: str = "id") -> str:
    """The moments between which rows that changed were something else. More conditions may follow.

    A day more: a state is dated by the base, the row by the gesture that changed it.
    """
    return (
        f"SELECT {key}, created_at, updated_at + interval '1 day' FROM {table} "  # noqa: S608
        "WHERE version > 1"
    )


def states_away(lives: str) -> str:
    """Those of whom an archive may hold a previous state, and its file, from a query on the moments
    between which theirs were kept."""
    return f"""
        SELECT life.id, away.file FROM ({lives}) AS life (id, since, until)
        JOIN kernel_archived('access_previous_state') away
            ON away.month BETWEEN kernel_month_of(life.since) AND kernel_month_of(life.until)
    """  # noqa: S608 — our own words


def remove(
    database: Database, table: str, ids: list[UUID], of_whom: list[UUID] | None = None
) -> None:
    """Remove rows and whatever refers to them, with their previous states. Needs retention.

    Told of whom, raises psycopg.errors.RestrictViolation when something is of somebody else.
    """
    database.execute("SELECT access_remove(%s::regclass, %s, %s)", [table, ids, of_whom])
