"""Which version a resource was, once a line of the thread was written.

A gesture holds its rows from its first write to its commit, and says what it did after it: the
version at that moment is the one it made; of a line that writes nothing of the row, the one it
speaks of. The base dates both by one clock (`clock_timestamp`).
"""

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from cordee.access.actor import Actor
from cordee.access.records import Record
from cordee.access.versions import replacements_of
from cordee.fhir.contract import Mapping
from cordee.fhir.selectors import Body, former_bodies

Said = Sequence[tuple[UUID, datetime]]
"""Of which row, at which moment."""


def versions_then(
    actor: Actor, mapping: Mapping, now: Mapped[UUID, int], said: Said
) -> dict[tuple[UUID, datetime], str]:
    """The codes of the versions of some rows at some moments, as the actor reads them; nothing of
    what is not kept any more, nor of a type of which former versions are not all told.

    `now`: the version of each row today. Three queries; one where partners write nothing.
    """
    if not (mapping.has_history and mapping.tells_its_past):
        return {}
    replaced = replacements_of(cast("type[Record]", mapping.model), now)
    is_written = mapping.create is not None or mapping.update is not None
    kept = former_bodies(actor, mapping.type, list(now)) if is_written else {}
    found = {}
    for pk, moment in said:
        version = _at(moment, replaced.get(pk, []), now[pk])
        if version:
            found[pk, moment] = _code(version, kept.get(pk, []))
    return found


def _at(moment: datetime, replaced: Sequence[tuple[int, datetime]], today: int) -> int:
    """The version at a moment; 0: what was before it is not here, hence nothing says so."""
    known = {version for version, _ in replaced} | {0}
    later = (version for version, when in replaced if when > moment)
    found = min(later, default=today)
    return found if found - 1 in known else 0


def _code(version: int, kept: Sequence[Body]) -> str:
    """A version of the row, with what was kept around it by the same writing, or before."""
    for one in kept:
        if one.former_version < version <= one.row_version:
            return f"{one.row_version}-{one.version}"
    before = [one for one in kept if one.row_version <= version]
    return f"{version}-{before[-1].version}" if before else str(version)
