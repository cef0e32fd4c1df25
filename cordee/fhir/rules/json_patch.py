"""JSON Patch (RFC 6902): small changes of a document, all of them or none. Pure.

Source: RFC 6902 (opérations) et RFC 6901 (chemins).
"""

import copy
from typing import Any

MOST = 200  # operations of one patch


class Unpatchable(ValueError):
    """A change that does not apply, and why."""


def patched_by(document: Any, changes: Any) -> Any:
    """The document after every change; the one given is left as it was. Raises Unpatchable."""
    if not isinstance(changes, list) or len(changes) > MOST:
        raise Unpatchable(f"a list of {MOST} operations at most is expected")
    found = copy.deepcopy(document)
    for change in changes:
        if not isinstance(change, dict):
            raise Unpatchable("an operation is an object")
        found = _applied(found, change)
    return found


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
            value = copy.deepcopy(_at(document, _steps(change.get("from"))))
            return _put(document, path, value, adding=True)
        case "move":
            return _moved(document, _steps(change.get("from")), path)
        case "test":
            if _at(document, path) != _value(change):
                raise Unpatchable("a test failed")
            return document
    raise Unpatchable("an operation is add, remove, replace, move, copy or test")


def _moved(document: Any, source: list[str], path: list[str]) -> Any:
    if path[: len(source)] == source and path != source:
        raise Unpatchable("nothing is moved into itself")
    value = _at(document, source)
    return _put(_without(document, source), path, value, adding=True)


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
