"""Django's PostgreSQL, whose pool lends the connection that was given back last.

The library's lends the one that rested longest: each page then meets another backend, whose memory
is cold and which has yet to plan what the others planned. ADR 0019.
"""

import re
from collections.abc import Sequence
from select import POLLIN, poll
from time import monotonic
from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from django.db.backends.signals import connection_created
from psycopg import Connection
from psycopg._preparing import COMMAND_OK, Prepare, PrepareManager
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool
from psycopg_pool.base import AttemptWithBackoff

FRESH = 1.0  # seconds for which a silent connection is believed alive


class Planned(PrepareManager):
    """What a session has prepared, which a rollback leaves as it is.

    The library forgets it all at each rollback, as what was prepared may speak of tables that went
    with it; the house makes none. Of a refused gesture, whoever came next on its connection planned
    each statement anew, 20 to 110 ms for those that say who may see what. ADR 0053.
    """

    def clear(self) -> bool:
        """Forget nothing: who rolls back asks it."""
        return False

    def _should_discard(self, prep: Prepare, results: Sequence[Any], *_: Any) -> bool:
        told = [one.command_status or b"" for one in results if one.status == COMMAND_OK]
        return any(map(OF_TABLES.match, told)) and super().clear()


OF_TABLES = re.compile(rb"(?:DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b")


class Lent(Connection[Any]):
    """A connection that knows since when it rests, and whether somebody was named to it."""

    rests_since = 0.0
    is_told = False
    is_known = False
    """Whether Django was told of it, as of each connection that is opened."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepared = Planned()


class EachSecond(AttemptWithBackoff):
    """Look for a server that is away each second. The library waits twice as long after each try:
    away for a minute, it would not be met during the next one, while every page fails."""

    DELAY_BACKOFF = 1.0


class WarmestFirst(ConnectionPool[Lent]):
    """Lend the connection given back last. A server started again costs nobody an error page."""

    def _get_ready_connection(self, timeout: float | None) -> Lent | None:
        self._pool.rotate(1)  # the library takes at the left what it gave back at the right
        return super()._get_ready_connection(timeout)

    def _return_connection(self, conn: Lent, from_getconn: bool) -> None:
        """Close what is given back while it still reads for somebody: it would show another what
        they know. Another is opened; a page that ends as it should costs nothing."""
        if conn.is_told:
            self._close_connection(conn)
        super()._return_connection(conn, from_getconn)

    def _add_to_pool(self, conn: Lent) -> None:
        conn.rests_since = monotonic()
        super()._add_to_pool(conn)

    def _add_connection(self, attempt: AttemptWithBackoff | None, growing: bool = False) -> None:
        super()._add_connection(attempt or EachSecond(timeout=self.reconnect_timeout), growing)

    def _check_connection(self, conn: Lent) -> None:
        """Ask the server whether it is there, unless it was a moment ago and said nothing since:
        one that stops says so, and one that is killed hangs up."""
        if monotonic() - conn.rests_since > FRESH or _speaks(conn):
            super()._check_connection(conn)


def _speaks(connection: Lent) -> bool:
    ear = poll()
    ear.register(connection.fileno(), POLLIN)
    return bool(ear.poll(0))


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with our pool."""

    has_begun = False
    """Whether Django set what it sets once, when it first opens a connection."""

    def connect(self) -> None:
        """Borrow a connection. One that was lent before is as it was: of what Django does to a new
        one, at each page, what is left is that no transaction is under way."""
        pool = self.pool
        if pool is None or not self.has_begun:
            super().connect()
            self.has_begun = True
            return
        self.in_atomic_block = self.needs_rollback = self.closed_in_transaction = False
        self.savepoint_ids, self.atomic_blocks, self.run_on_commit = [], [], []
        self.errors_occurred = self.run_commit_hooks_on_set_autocommit_on = False
        self.health_check_done = True
        self.close_at = monotonic()  # a pool takes it back after each page
        pool.open()
        self.connection = lent = pool.getconn()
        if not lent.autocommit or lent.pgconn.transaction_status != TransactionStatus.IDLE:
            self.set_autocommit(True)  # psycopg refuses it where somebody still uses the session
        self.autocommit = True
        if not lent.is_known:
            connection_created.send(sender=type(self), connection=self)
            lent.is_known = True

    @property
    def pool(self) -> WarmestFirst | None:
        """The pool of this process, which opens at the first query; none where none is set."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        pools: dict[str, WarmestFirst] = self._connection_pools
        if self.alias not in pools:
            pool = WarmestFirst(
                connection_class=Lent,
                kwargs=self.get_connection_params() | {"autocommit": True},
                open=False,
                configure=self._configure_connection,
                check=WarmestFirst.check_connection,
                **options,
            )
            pools.setdefault(self.alias, pool)  # two threads may come at once
        return pools[self.alias]
