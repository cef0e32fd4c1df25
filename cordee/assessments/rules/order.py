"""In which order the lines of a definition are settled, and the rings that leave none.

Counted once for a definition and kept: definitions are compared by identity, and few are in use.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cordee.assessments.rules.definition import Definition, Item

Reads = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Plan:
    """The order of the lines, each after all that it reads; `ring` when there is none."""

    order: tuple[str, ...]
    ring: tuple[str, ...] = ()


def planned(definition: Definition) -> Plan:
    """Order the lines by what they read."""
    reads = {link: frozenset(found) for link, found in _reads(definition)}
    order: list[str] = []
    done: set[str] = set()
    for start in reads:
        trail: list[tuple[str, Iterator[str]]] = []
        on_trail: dict[str, None] = {}
        if start not in done:
            trail.append((start, iter(sorted(reads[start]))))
            on_trail[start] = None
        while trail:
            link, rest = trail[-1]
            following = next((one for one in rest if one not in done), None)
            if following is None:
                trail.pop()
                on_trail.pop(link)
                done.add(link)
                order.append(link)
            elif following in on_trail:
                ring = list(on_trail)
                return Plan((), (*ring[ring.index(following) :], following))
            else:
                trail.append((following, iter(sorted(reads[following]))))
                on_trail[following] = None
    return Plan(tuple(order))


def _reads(definition: Definition) -> Iterator[tuple[str, set[str]]]:
    """Yield each line with those that must be settled before it."""
    known = {item.link_id for item, _level in definition.walk()}
    stack: list[tuple[Item, str]] = [(item, "") for item in reversed(definition.items)]
    while stack:
        item, above = stack.pop()
        found = {above} if above else set()
        found |= {one.question for one in item.enable_when}
        yield item.link_id, found & known
        stack.extend((child, item.link_id) for child in reversed(item.items))
