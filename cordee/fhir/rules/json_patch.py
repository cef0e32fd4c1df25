"""JSON Patch (RFC 6902): small changes of a document, all of them or none. Pure.

Source: RFC 6902 (opérations) et RFC 6901 (chemins).
"""

import copy
from typing import Any

MOST = 200  # operations of one patch
BUDGET = 100_000  # what all the copies of one patch may weigh: a value weighs one, and its text
LETTERS = 16  # that weigh as much as one value


class Unpatchable(ValueError):
    """A change that does not apply, and why."""


def patched_by(document: Any, changes: Any) -> Any:
    """The document after every change; the one given is left as it was. Raises Unpatchable."""
    if not isinstance(changes, list) or len(changes) > MOST:
        raise Unpatchable(f"a list of {MOST} operations at most is expected")
    found, left = copy.deepcopy(document), BUDGET
    try:
        for change in changes:
            if not isinstance(change, dict):
                raise Unpatchable("an operation is an object")
            if change.get("op") == "copy":
                left -= _weight(_at(found, _steps(change.get("from"))), left)
            found = _applied(found, change)
    except RecursionError:
        raise Unpatchable("the document becomes too deep") from None
    return found


def _weight(value: Any, most: int) -> int:
    """What a copy of a value adds, counted before it is made. Raises Unpatchable: beyond `most`."""
    weight, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        weight += 1
        if isinstance(one, str):
            weight += len(one) // LETTERS
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        if weight + len(waiting) > most:
            raise Unpatchable("too much is copied")
    return weight


def _applied(document: Any, change: dict[str, Any]) -> Any:
    path = _steps(change.get("path"))
    match change.get("op"):
        case "add":
            return _put(document, path, _value(change), adding=True)
        case "replace":
            _at(document, path)
            return _put(document, path, _value(change), adding=False)
        case "remove":
            return _without(document, path)
        case "copy":
            source = _steps(change.get("from"))
            _refuse_into_itself(source, path)
            return _put(document, path, copy.deepcopy(_at(document, source)), adding=True)
        case "move":
            return _moved(document, _steps(change.get("from")), path)
        case "test":
            if _at(document, path) != _value(change):
                raise Unpatchable("a test failed")
            return document
    raise Unpatchable("an operation is add, remove, replace, move, copy or test")


def _moved(document: Any, source: list[str], path: list[str]) -> Any:
    _refuse_into_itself(source, path)
    value = _at(document, source)
    return _put(_without(document, source), path, value, adding=True)


def _refuse_into_itself(source: list[str], path: list[str]) -> None:
    if path[: len(source)] == source and path != source:
        raise Unpatchable("nothing is copied or moved into itself")


def _value(change: dict[str, Any]) -> Any:
    if "value" not in change:
        raise Unpatchable("a value is missing")
    return change["value"]


def _steps(path: Any) -> list[str]:
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise Unpatchable("a path is written /name/0/family")
    return [one.replace("~1", "/").replace("~0", "~") for one in path.split("/")[1:]]


def _at(document: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list):
            document = document[_place(step, len(document) - 1)]
        else:
            raise Unpatchable("a path leads nowhere")
    return document


def _put(document: Any, path: list[str], value: Any, *, adding: bool) -> Any:
    if not path:
        return value
    *way, last = path
    holder = _at(document, way)
    if isinstance(holder, dict):
        holder[last] = value
    elif isinstance(holder, list) and adding:
        holder.insert(len(holder) if last == "-" else _place(last, len(holder)), value)
    elif isinstance(holder, list):
        holder[_place(last, len(holder) - 1)] = value
    else:
        raise Unpatchable("a path leads nowhere")
    return document


def _without(document: Any, path: list[str]) -> Any:
    if not path:
        raise Unpatchable("the whole document is not removed")
    *way, last = path
    holder = _at(document, way)
    if isinstance(holder, dict) and last in holder:
        del holder[last]
    elif isinstance(holder, list):
        del holder[_place(last, len(holder) - 1)]
    else:
        raise Unpatchable("a path leads nowhere")
    return document


def _place(step: str, most: int) -> int:
    if not (step.isascii() and step.isdigit()) or (step != "0" and step.startswith("0")):
        raise Unpatchable("a place in a list is a number")
    if len(step) > 9 or int(step) > most:
        raise Unpatchable("a place beyond the end of a list")
    return int(step)
