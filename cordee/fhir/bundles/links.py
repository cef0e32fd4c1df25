"""The links between entries of a bundle, and those that a search must find. Pure.

FHIR R4, http.html, transaction: a link to the `fullUrl` of an entry becomes the address of what the
entry made, wherever it stands: a reference, a uri, a link of a narrative.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(\S+)")
QUOTED = re.compile(r'"([^"]*)(?=")')  # an attribute of a narrative, up to its last quote
Json = dict[str, Any]


def links_in(value: Any) -> Iterator[str]:
    """Give every literal reference of a resource."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "reference" and isinstance(one, str):
                yield one
            else:
                yield from links_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from links_in(one)


class Place(NamedTuple):
    """Where a text stands in a resource: what holds it, under which name or rank; as it came."""

    holder: Any
    key: Any
    text: str


def places_in(value: Any, urls: frozenset[str] | None = None) -> list[Place]:
    """Find every text of a resource: read once, whatever is then asked of its links. `urls`: the
    addresses of the entries that it came with, of which a text is one, or holds one as a narrative
    does, or sets a condition; nothing is asked of the others."""
    found: list[Place] = []
    _gather(value, urls, found)
    return found


def _gather(value: Any, urls: frozenset[str] | None, found: list[Place]) -> None:
    pairs: Any = value.items() if value.__class__ is dict else enumerate(value)
    for key, one in pairs:
        kind = one.__class__  # of what was read from JSON: asked of every value that comes in
        if kind is str:
            if urls is None or one in urls or "<" in one or "?" in one:
                found.append(Place(value, key, one))
        elif kind is dict or kind is list:
            _gather(one, urls, found)


def references(places: Iterable[Place]) -> Iterator[str]:
    """Give every literal reference."""
    return (text for _, key, text in places if key == "reference")


def needed_by(places: Iterable[Place], urls: frozenset[str]) -> frozenset[str]:
    """Return which addresses of entries a resource speaks of."""
    found: set[str] = set()
    for _, _, text in places:
        if text in urls:
            found.add(text)
        elif "<" in text:
            found |= urls.intersection(QUOTED.findall(text))
    return frozenset(found)


def link(places: Iterable[Place], known: Mapping[str, str]) -> None:
    """Write each known address as the one it became; done again, from what came."""
    for holder, key, text in places:
        if text in known:
            holder[key] = known[text]
        elif "<" in text:
            holder[key] = QUOTED.sub(lambda found: '"' + known.get(found[1], found[1]), text)
        elif holder[key] is not text:  # known at a former try, which left nothing
            holder[key] = text


def rewritten(places: Iterable[Place]) -> list[tuple[Any, Any]]:
    """Give what holds each text that links have rewritten, and its name there."""
    return [(holder, key) for holder, key, text in places if holder[key] is not text]
