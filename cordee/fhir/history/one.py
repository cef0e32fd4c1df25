"""The versions of one resource, page by page: a page costs what it shows, however many there are.

Its row and what is kept around it each count their versions. A page reads those that come after its
place, a few more than it shows. What stands at the edge of what was read may hang from what was
not: it is left to a wider reading, or to the next page.
"""

from dataclasses import dataclass
from typing import Any, cast

from cordee.access.records import Record
from cordee.access.versions import latest_states_of, row_of
from cordee.fhir.call import Call
from cordee.fhir.contract import Mapping
from cordee.fhir.history.pairs import Version, bring, is_kept, is_told, paired, versions
from cordee.fhir.selectors import latest_bodies

MARGIN = 8  # states read beyond those of a page: some are told to nobody
FAR = 2**31  # after any version
BEGINNING, END = (-1, 0), (FAR, FAR)
Place = tuple[int, int]
"""A version by what its code says, « 3-2 »: that of the row, that of the body (0: none)."""


def place_in(code: str) -> Place | None:
    """Read the code of a version; None: it is that of none."""
    row, _, body = code.partition("-")
    is_one = all(one.isascii() and one.isdigit() and len(one) < 10 for one in (row, body or "0"))
    return (int(row), int(body or 0)) if is_one else None


def latest(
    call: Call, mapping: Mapping, row: Any, count: int, after: Place | None = None
) -> list[Version]:
    """The versions of a resource that the caller may read, the latest first: so many, after a
    place. Three queries whatever there are, and those of what former rows refer to."""
    if not is_kept(call, mapping):
        return versions(call, mapping, [row])[row.pk] if after is None else []
    past, width = Past(call, mapping, row), count + MARGIN
    while True:
        found, is_all = past.read(after, width)
        if is_all or len(found) >= count:
            return found[:count]
        width *= 2


def named(call: Call, mapping: Mapping, row: Any, code: str) -> Version | None:
    """The version of a resource that a code names, if the caller may read it."""
    if is_kept(call, mapping):
        place = place_in(code)
        found = latest(call, mapping, row, 1, (place[0], place[1] + 1)) if place else []
    else:
        found = versions(call, mapping, [row])[row.pk]
    return next((one for one in found if one.code == code), None)


@dataclass(frozen=True)
class Past:
    """What one resource was, as far as it is read."""

    call: Call
    mapping: Mapping
    row: Any

    def read(self, after: Place | None, width: int) -> tuple[list[Version], bool]:
        """The versions after a place, the latest first, of so many states of the row and of the
        body; and whether none is left before them."""
        rows, is_first = self._rows(after[0] if after else self.row.version, width)
        most = after[1] if after else None
        actor, kind = self.call.actor, self.mapping.type
        kept, begins = latest_bodies(actor, kind, self.row.pk, most, width)
        edge = _edge(rows, begins) if is_first else max(_edge(rows, begins), (rows[0].version, FAR))
        found = [
            one
            for one in paired(self.mapping, rows, kept, self.row)
            if edge < _place(one) < (after or END) and is_told(self.call, one)
        ]
        return found, is_first and not begins

    def _rows(self, most: int, width: int) -> tuple[list[Any], bool]:
        """The row as it was, up to a version, the oldest first; and whether that is its first."""
        model = cast("type[Record]", self.mapping.model)
        states = latest_states_of(model, self.row.pk, most, width)
        former = [row_of(model, one) for one in reversed(states)]
        bring(self.call, self.mapping, former)
        today = [self.row] if self.row.version <= most else []
        return [*former, *today], len(states) < width


def _edge(rows: list[Any], begins: int) -> Place:
    """The last place that a body which was not read may change: where the first one read came."""
    came = [one.version for one in rows if one.version >= begins]
    return (min(came, default=begins), 0) if begins else BEGINNING


def _place(one: Version) -> Place:
    return one.row.version, one.body.version if one.body else 0
