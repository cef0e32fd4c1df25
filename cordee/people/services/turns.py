"""Taking one's turn to write about persons."""

from collections.abc import Iterable
from uuid import UUID

from cordee.kernel.base import array_of
from cordee.kernel.prepared import run

_TURNS = """WITH held AS MATERIALIZED (
        SELECT id FROM people_person WHERE id = ANY (%s::uuid[]) ORDER BY id FOR KEY SHARE)
    SELECT kernel_hold_heads(array_agg(id)) FROM held"""


def take_turns(persons: Iterable[UUID]) -> None:
    """Hold persons and their threads to the end of the gesture, which writes rows before it says
    them there: without it, two that write the same row for her would each hold what the other waits
    for, one the row, the other her thread.

    Persons first, as whoever changes one does, then threads; each in one order for all. One query.
    """
    run(_TURNS, [array_of(set(persons))])
