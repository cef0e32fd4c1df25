"""The links between entries of a bundle, and those that a search must find. Pure.

FHIR R4, http.html, transaction: a link to the `fullUrl` of an entry becomes the address of what the
entry made, wherever it stands: a reference, a uri, a link of a narrative.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

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


def needed_by(value: Any, urls: frozenset[str]) -> frozenset[str]:
    """Return which addresses of entries a resource speaks of."""
    found: set[str] = set()
    _gather(value, urls, found)
    return frozenset(found)


def _gather(value: Any, urls: frozenset[str], found: set[str]) -> None:
    if isinstance(value, str):
        if value in urls:
            found.add(value)
        elif "<" in value:
            found |= urls.intersection(QUOTED.findall(value))
    elif isinstance(value, dict):
        for one in value.values():
            _gather(one, urls, found)
    elif isinstance(value, list):
        for one in value:
            _gather(one, urls, found)


def linked(value: Any, known: Mapping[str, str]) -> Any:
    """Return a resource where each known address is the one it became."""
    if not known:
        return value
    return _mapped(value, lambda text: known.get(text) or _in_narrative(text, known))


def _in_narrative(text: str, known: Mapping[str, str]) -> str:
    if "<" not in text:
        return text
    return QUOTED.sub(lambda found: '"' + known.get(found[1], found[1]), text)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(one, change) for name, one in value.items()}
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    return change(value) if isinstance(value, str) else value
