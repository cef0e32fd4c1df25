"""What changed from one version of a protocol to the next, part by part, in its own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cordee.protocols.rules.protocol import Protocol
from cordee.protocols.rules.writing import document_of

NAMED = ("etapes", "contraintes", "indicateurs")  # lists whose parts have an id


class How(StrEnum):
    """What happened to a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"  # its place in the list only


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that differs: « contraintes › appel › dans », what it was and what it is."""

    path: tuple[str, ...]
    how: How
    before: Any = None
    after: Any = None


def differences(before: Protocol, after: Protocol) -> tuple[Difference, ...]:
    """Return every difference, in the order of the document; none when they are equal."""
    return tuple(_of_mappings((), document_of(before), document_of(after)))


def _of_mappings(
    path: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Difference]:
    found: list[Difference] = []
    for key in [*before, *(key for key in after if key not in before)]:
        here = (*path, key)
        if key not in after:
            found.append(Difference(here, How.REMOVED, before[key]))
        elif key not in before:
            found.append(Difference(here, How.ADDED, None, after[key]))
        elif before[key] != after[key]:
            found += _of_values(here, before[key], after[key])
    return found


def _of_values(path: tuple[str, ...], before: Any, after: Any) -> list[Difference]:
    if path[0] in NAMED and len(path) == 1:
        return _of_named(path, before, after)
    if isinstance(before, dict) and isinstance(after, dict):
        return _of_mappings(path, before, after)
    if isinstance(before, list) and isinstance(after, list):
        return _of_lists(path, before, after)
    return [Difference(path, How.CHANGED, before, after)]


def _of_named(path: tuple[str, ...], before: list[Any], after: list[Any]) -> list[Difference]:
    """Compare parts by their id; those that stay may have changed places."""
    olds, news = ({one["id"]: one for one in parts} for parts in (before, after))
    found = _of_mappings(path, olds, news)
    kept = [id_ for id_ in olds if id_ in news]
    order = [id_ for id_ in news if id_ in olds]
    if kept != order:
        found.append(Difference(path, How.MOVED, kept, order))
    return found


def _of_lists(path: tuple[str, ...], before: list[Any], after: list[Any]) -> list[Difference]:
    gone = [one for one in before if one not in after]
    come = [one for one in after if one not in before]
    found = [Difference(path, How.REMOVED, one) for one in gone]
    found += [Difference(path, How.ADDED, None, one) for one in come]
    return found or [Difference(path, How.MOVED, before, after)]
