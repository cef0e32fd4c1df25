"""A resource without some of what it says, wherever it says it, and without what that empties."""

from collections.abc import Callable
from typing import Any

GONE: Any = object()


def pruned(value: Any, goes: Callable[[dict[str, Any]], bool]) -> Any:
    """Give the same without the objects that go; GONE where nothing else was said.

    An extension whose value went says nothing, and goes too.
    """
    if isinstance(value, list):
        return [one for one in (pruned(one, goes) for one in value) if one is not GONE] or GONE
    if not isinstance(value, dict):
        return value
    inside = {key: pruned(one, goes) for key, one in value.items()}
    kept = {key: one for key, one in inside.items() if one is not GONE}
    emptied = len(kept) < len(value) and not kept.keys() - {"url"}
    return GONE if goes(value) or emptied else kept
