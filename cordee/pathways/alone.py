"""One line of a worklist for all that waits in a structure: who looks at it looks alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction


@contextmanager
def alone(origin: str, organization_id: UUID) -> Iterator[None]:
    """Look at what waits, and write its line, before whoever hears of the same at once looks.

    What no person’s thread puts in order is heard by several workers at a time: one could take
    away, for what it read a moment before, the line that another has just found standing.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            line = f"{origin}/{organization_id}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [line])
        yield
