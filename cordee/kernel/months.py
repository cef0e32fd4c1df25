"""Room for the months to come, in the tables that are parted by month (`kernel/sql/months.sql`)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection

AHEAD = 3  # months made before they begin


@dataclass(frozen=True, slots=True)
class Parted:
    """One table: how many months are ready after this one, and how many lines have no month."""

    table: str
    ahead: int  # -1: this month itself is missing
    strays: int  # a thousand at most are counted

    @property
    def is_ready(self) -> bool:
        """Whether the next month has its place and nothing fell beside."""
        return self.ahead >= 1 and not self.strays


def make_ahead() -> int:
    """Make this month and the next ones, and place what had none. Returns how many were made.

    Safe to run again. Each month is a transaction, which gives way to whoever writes: it raises
    OperationalError after 300 ms behind a lock, and the job is tried again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, month FROM kernel_months_wanted(%s)", [AHEAD])
        wanted = cursor.fetchall()
        for table, month in wanted:
            cursor.execute("SELECT kernel_make_wanted(%s, %s)", [table, month])
    return len(wanted)


def parted() -> list[Parted]:
    """Say how each parted table stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, ahead, strays FROM kernel_months_state()")
        return [Parted(*row) for row in cursor.fetchall()]


def archived(table: str) -> set[date]:
    """The months of a table that left for an archive. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT month FROM kernel_archived(%s)", [table])
        return {row[0] for row in cursor.fetchall()}


def month_of(moment: datetime) -> date:
    """The month in which the base keeps a moment: that of universal time."""
    return moment.astimezone(UTC).date().replace(day=1)
