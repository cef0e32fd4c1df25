"""The versions of resources: from the previous states of their rows, and of what is kept of them.

A version is a pair: that of the row, that of what a partner sent around it. Only the pairs that
somebody could read are told: what a writing went through inside its own transaction is not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import prefetch_related_objects

from cordee.access.records import Record
from cordee.access.versions import row_of, states_of
from cordee.fhir.call import Call
from cordee.fhir.contract import Mapping
from cordee.fhir.selectors import Body, bodies, former_bodies
from cordee.fhir.versions import version_of


@dataclass(frozen=True)
class Version:
    """One version of a resource: its row as it was, and what was kept around it."""

    mapping: Mapping
    row: Any
    body: Body | None
    today: Any

    @property
    def moment(self) -> datetime:
        """Since when it was so."""
        since = self.mapping.changed_at(self.row)
        return max(since, self.body.received_at) if self.body else since

    @property
    def code(self) -> str:
        """What names it."""
        return version_of(self.mapping, self.row, self.body)


def versions(call: Call, mapping: Mapping, rows: Sequence[Any]) -> dict[Any, list[Version]]:
    """Every version of some resources that the caller may read, the latest first.

    As many queries whatever their number. Of what is told of several rows, that of today alone; of
    what parts of scopes narrow too: nothing tells in which part a former version was.
    """
    keys = [row.pk for row in rows]
    if not is_kept(call, mapping):
        around = bodies(call.actor, mapping.type, keys)
        return {row.pk: [Version(mapping, row, around.get(row.pk), row)] for row in rows}
    model = cast("type[Record]", mapping.model)
    states = states_of(model, keys)
    kept = former_bodies(call.actor, mapping.type, keys)
    former = {row.pk: [row_of(model, one) for one in states.get(row.pk, [])] for row in rows}
    bring(call, mapping, [one for some in former.values() for one in some])
    found = {}
    for row in rows:
        told = paired(mapping, [*former[row.pk], row], kept.get(row.pk, []), row)
        found[row.pk] = [one for one in told if is_told(call, one)]
    return found


def is_kept(call: Call, mapping: Mapping) -> bool:
    """Whether a caller may be told what resources of a type were."""
    return mapping.has_history and call.is_whole(mapping.type, "rs")


def is_told(call: Call, one: Version) -> bool:
    """Whether a caller who sees the resource today sees it as it was then."""
    return one.row is one.today or one.mapping.past(one.row, call.actor)


def bring(call: Call, mapping: Mapping, former: list[Any]) -> None:
    """Fetch at once what former rows refer to, as the mapping does for those of today."""
    if former:
        query = call.rows(mapping)
        paths = _paths(query.query.select_related)
        prefetch_related_objects(former, *paths, *query._prefetch_related_lookups)  # type: ignore[attr-defined]


def _paths(related: Any, before: str = "") -> Iterator[str]:
    for name, inside in related.items() if isinstance(related, dict) else ():
        yield before + name
        yield from _paths(inside, f"{before}{name}__")


def paired(mapping: Mapping, rows: list[Any], kept: list[Body], today: Any) -> list[Version]:
    """Each row with what was kept around it then; the latest first."""
    found: list[Version] = []
    around: Body | None = None
    left = list(kept)
    for row in rows:
        crossed = any(one.former_version < row.version < one.row_version for one in kept)
        here = [one for one in left if one.row_version <= row.version]
        left = left[len(here) :]
        first = here[0] if here else None
        arrived_with = first is not None and first.former_version < row.version
        if not (arrived_with or crossed):
            found.append(Version(mapping, row, around, today))
        found += [Version(mapping, row, one, today) for one in here]
        around = here[-1] if here else around
    return found[::-1]
