"""The lines of the worklist as its page writes them; what was lately written is not written again.

A line is written from what was just read, under both locks, and from nothing else: rows that say
the same, at the same distance, are the same line. ADR 0019.
"""

from collections.abc import Container, Iterable
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from cordee.kernel.memory import Lately
from cordee.kernel.patterns import Named, Pattern
from cordee.kernel.templating import brief_time_from_afar, distance
from cordee.kernel.typography import Distance
from cordee.pathways import rules
from cordee.pathways.selectors import Line, is_late, is_soon

NAMELESS = "Sans nom encore"
KEPT, SECONDS = 2_000, 300  # lines of a process, and how long one waits for who asks it again
PATTERN = Pattern(
    "pathways/_line.jinja", "pk", "who", "ask", "at", "stands", "person", "place", "etag"
)


class _Said(NamedTuple):
    """All that a line is written from: the row, and what it owes to the moment it is read."""

    task: Line
    far: Distance
    late: bool
    soon: bool


def written(tasks: Iterable[Line], now: datetime, stands: Container[str]) -> Markup:
    """The lines of the list, as they are shown; those that stand on the page already are named."""
    found = [_line(_said(task, now)).unless(stands) for task in tasks]
    return Markup("".join(found))  # noqa: S704 — escaped by the pattern


def _said(task: Line, now: datetime) -> _Said:
    far = distance(task.due_at or task.since_at, now)
    return _Said(task, far, is_late(task, now), is_soon(task, now))


def _write(said: _Said) -> Named:
    task, kind = said.task, rules.KINDS[said.task.kind]
    words = {
        "pk": str(task.pk),
        "who": task.who or kind.about or NAMELESS,
        "ask": task.asks,
        "at": brief_time_from_afar(task.due_at or task.since_at, said.far),
        "stands": " · ".join(filter(None, [kind.stands, task.assignee or "Équipe"])),
        "person": str(task.person_id or ""),
        "place": task.sorts_as,
    }
    return PATTERN.write_named(
        words,
        late=said.late,
        soon=said.soon,
        by_hand=task.kind in rules.SETTLED_BY_HAND,
        urgency=task.urgency,
        is_due=bool(task.due_at),
    )


_line = Lately(_write, most=KEPT, seconds=SECONDS)
