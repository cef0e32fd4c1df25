"""How long one subscription may be searched for: whoever watches too much stops nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection, transaction

MOST = "2s"
WHEN_FED = "10s"
"""A machine full for a moment must not cut a partner off: what was light when it was made is left
more time."""
CANCELLED = "57014"
PASSING = ("08", "40", "53", "57P", "58")
"""What a search did not do: a connection that is lost, a deadlock, a write that could not be made
serial, a machine that is full or stops (PostgreSQL, appendix A)."""


@contextmanager
def hurried(most: str) -> Iterator[None]:
    """Search, in a savepoint, for `most` by statement. Raises DatabaseError: it took longer
    (`is_heavy`)."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            usual = cursor.fetchone()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [most])
        yield
        with connection.cursor() as cursor:  # whatever fails is rolled back, and this with it
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", usual)


def is_heavy(error: Exception) -> bool:
    """Whether a search was stopped because it took too long."""
    return _state(error) == CANCELLED


def is_passing(error: Exception) -> bool:
    """Whether the same search may succeed at once, so that it is nobody’s fault."""
    state = _state(error)
    is_lost = isinstance(error, InterfaceError | DatabaseError) and not state
    return is_lost or state.startswith(PASSING)


def _state(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""
