"""The lines of the worklist as its page writes them; what was lately written is not written again.

A line is written from what was just read, under both locks, and from nothing else: rows that say
the same, at the same distance, are the same line. ADR 0019.
"""

from collections.abc import Container, Iterable
from datetime import datetime

from markupsafe import Markup

from cordee.kernel.patterns import Named, Pattern
from cordee.kernel.templating import brief_time, same_until
from cordee.pathways import rules
from cordee.pathways.selectors import Line, is_late, is_soon

NAMELESS = "Sans nom encore"
PATTERN = Pattern(
    "pathways/_line.jinja", "pk", "who", "ask", "at", "stands", "person", "place", "etag"
)


def written(tasks: Iterable[Line], now: datetime, stands: Container[str]) -> Markup:
    """The lines of the list, as they are shown; those that stand on the page already are named."""
    found = [_line(task, now).unless(stands) for task in tasks]
    return Markup("".join(found))  # noqa: S704 — escaped by the pattern


def _line(task: Line, now: datetime) -> Named:
    """What a row says now: as it was written, until time changes a word of it."""
    kept = task.said
    if kept is None or not kept[0] <= now < kept[1]:
        until = same_until(task.due_at or task.since_at, now)
        kept = task.said = now, until, _write(task, now)
    return kept[2]


def _write(task: Line, now: datetime) -> Named:
    kind = rules.KINDS[task.kind]
    words = {
        "pk": str(task.pk),
        "who": task.who or kind.about or NAMELESS,
        "ask": task.asks,
        "at": brief_time(task.due_at or task.since_at, now),
        "stands": " · ".join(filter(None, [kind.stands, task.assignee or "Équipe"])),
        "person": str(task.person_id or ""),
        "place": task.sorts_as,
    }
    return PATTERN.write_named(
        words,
        late=is_late(task, now),
        soon=is_soon(task, now),
        by_hand=task.kind in rules.SETTLED_BY_HAND,
        urgency=task.urgency,
        is_due=bool(task.due_at),
    )
