"""Great writes: the database writes rows while the next are made ready, in one transaction."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import Any, Self, TypeVar

from django.db import connection
from psycopg import Cursor

from cordee.kernel.prepared import cursor_of

T = TypeVar("T")


class Hand:
    """Does works in the transaction under way, in their order, while the next are made ready.

    Whoever gives them should ask the database nothing meanwhile: it would wait for its turn. At the
    end of its block all is done; the first work that failed is the error that is told. `at_once`:
    how many works whoever gives them does themselves first, as one alone is not worth a thread.
    """

    def __init__(self, *, at_once: int = 0) -> None:
        connection.ensure_connection()
        self._session = connection.connection
        self._given: list[Future[Any]] = []
        self._at_once = at_once

    def give(self, work: Callable[[Cursor[Any]], T]) -> "Future[T]":
        """Do a work when those before are done. Its parameters travel apart from its words."""
        if len(self._given) < self._at_once:
            given = _done(lambda: work(cursor_of(self._session)))
        else:
            given = self._thread.submit(lambda: work(Cursor(self._session)))
        self._given.append(given)
        return given

    @cached_property
    def _thread(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="hand")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if len(self._given) > self._at_once:
            self._thread.shutdown(cancel_futures=error is not None)
        with connection.wrap_database_errors:
            for one in self._given:
                if not one.cancelled():
                    one.result()


@contextmanager
def checked_by_keys() -> Iterator[None]:
    """Write thousands of rows, inside a transaction: what checks each is planned anew, by keys.

    A session plans the checks of foreign keys once. If it did while a table was empty it reads that
    table whole for each row: a batch that fills it took ten times longer for three times more.
    Whatever reads by sets goes before: no table is read whole meanwhile, if it has an index.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute("SET LOCAL enable_seqscan = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = DEFAULT")


def _done(work: Callable[[], T]) -> "Future[T]":
    """Do a work now; what it raises is told when it is asked for, as if another had done it."""
    told: Future[T] = Future()
    try:
        told.set_result(work())
    except Exception as error:  # noqa: BLE001 — whatever it was, it is told at the end of the block
        told.set_exception(error)
    return told


@contextmanager
def working(by: Hand | None) -> Iterator[Hand]:
    """Give works to a hand that is there, and go on; without one, wait until they are done."""
    if by:
        yield by
    else:
        with Hand(at_once=1) as hand:
            yield hand
