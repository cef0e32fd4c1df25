"""Plain values out of the library's nodes: what may be compared, added, counted as the same."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import Any

from fhirpathpy.engine.nodes import FP_DateTime, FP_Quantity, FP_Time, FP_TimeBase, ResourceNode

Collection = list[Any]
_TIMES: dict[str, Any] = {
    "date": FP_DateTime,
    "dateTime": FP_DateTime,
    "instant": FP_DateTime,
    "time": FP_Time,
}


def plain(value: Any) -> Any:
    """Return a value without its node: Decimal, text, bool, a date, a quantity, or an object."""
    path = value.path if isinstance(value, ResourceNode) else None
    data = value.data if isinstance(value, ResourceNode) else value
    if isinstance(data, bool):
        return data
    if isinstance(data, int | float):
        return Decimal(str(data))
    if isinstance(data, str) and path in _TIMES:
        return _TIMES[path](data) or data
    if path == "Quantity" and isinstance(data, Mapping) and "value" in data:
        return FP_Quantity(plain(data["value"]), f"'{data.get('code') or data.get('unit', '1')}'")
    return data


def key(value: Any) -> Hashable:
    """Return what two equal values share. Numbers are equal whatever their zeros."""
    found = plain(value)
    if isinstance(found, bool):
        return ("boolean", found)
    if isinstance(found, FP_TimeBase):
        return ("time", str(found))
    if isinstance(found, FP_Quantity):
        return ("quantity", found.value, _unit(found))
    if isinstance(found, Mapping):
        return ("object", tuple(sorted((name, key(one)) for name, one in found.items())))
    if isinstance(found, list):
        return ("list", tuple(key(one) for one in found))
    return found if isinstance(found, Decimal | str) else ("other", str(found))


def _unit(quantity: FP_Quantity) -> str:
    return str(FP_Quantity.timeUnitsToUCUM.get(quantity.unit, quantity.unit))


def same(one: Any, other: Any) -> bool | None:
    """Say whether two values are equal; None when nobody can tell, as a month and a day of it."""
    left, right = times(plain(one), plain(other))
    if isinstance(left, FP_TimeBase) and isinstance(right, FP_TimeBase):
        found: bool | None = left.equals(right)
        return found
    if isinstance(left, FP_Quantity) and isinstance(right, FP_Quantity):
        return left.value == right.value if _unit(left) == _unit(right) else None
    return key(left) == key(right)


def times(left: Any, right: Any) -> tuple[Any, Any]:
    """Read as a date the text that is compared with one."""
    if isinstance(left, FP_TimeBase) and isinstance(right, str):
        return left, _same_kind(left, right)
    if isinstance(right, FP_TimeBase) and isinstance(left, str):
        return _same_kind(right, left), right
    return left, right


def _same_kind(moment: FP_TimeBase, written: str) -> Any:
    kind = FP_DateTime if isinstance(moment, FP_DateTime) else FP_Time
    return kind(written) or written


def order(one: Any, other: Any) -> int | None:
    """Compare two values: -1, 0, 1, None when nobody can tell; TypeError for what has no order."""
    left, right = times(plain(one), plain(other))
    if isinstance(left, FP_TimeBase) and type(left) is type(right):
        return _moments(left, right)
    if isinstance(left, FP_Quantity) and isinstance(right, FP_Quantity):
        if _unit(left) != _unit(right):
            return None
        left, right = left.value, right.value
    numbers = isinstance(left, Decimal) and isinstance(right, Decimal)
    if numbers or (isinstance(left, str) and isinstance(right, str)):
        return int(left > right) - int(left < right)
    raise TypeError("no order between these")


def _moments(left: FP_TimeBase, right: FP_TimeBase) -> int | None:
    """Compare as far as both say: a month is before another, but not before one of its days."""
    if left.equals(right):
        return 0
    found: int | None = left.compare(right)
    return found


def number(collection: Collection) -> Decimal | None:
    """Return the one number of a collection, None when it is empty; TypeError otherwise."""
    if not collection:
        return None
    found = plain(single(collection))
    if not isinstance(found, Decimal):
        raise TypeError("a number is expected")
    return found


def single(collection: Collection) -> Any:
    """Return the one element; TypeError when there are several."""
    if len(collection) != 1:
        raise TypeError("one element is expected")
    return collection[0]


def truth(collection: Collection) -> bool | None:
    """Return the boolean a collection stands for: one element that is no boolean is true."""
    if not collection:
        return None
    found = plain(single(collection))
    return found if isinstance(found, bool) else True


def text(value: Any) -> str:
    """Write a value as FHIR does."""
    found = plain(value)
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, Decimal):
        return f"{found:f}"
    if isinstance(found, Mapping):
        raise TypeError("an object has no text")
    return str(found)
