"""What a partner sent and Cordée does not model, put back around what is known now.

Three states of one resource: `sent` by the partner, what Cordée made of it then (`base`), and what
Cordée says now, to this reader (`now`). What has not moved since is given back as it was sent, to
the letter. What moved is what Cordée says; what is withheld from this reader is not there. What
Cordée never understood is given back, and what it adds of its own is added.

Source: règle de la maison, « rien de ce qu’un partenaire envoie n’est perdu ni cru sans examen ».
"""

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from cordee.fhir.shape.tables import choices

MISSING: Any = object()
NAMED_BY = ("system", "use", "url", "code", "type", "reference", "linkId", "id")
"""What tells two elements of a list apart, before the rest of what they say."""
LINES = ", "
"""Between the lines of an address that the house keeps as one."""
NAMES = ("system", "url", "reference", "linkId", "id", "name", "language")
"""What says that two elements of a list that the house does not understand are the same thing."""
MOVED = "address"
"""Of whom the house knows no address, the one that is said now takes the place of the former."""
MOST_WEIGHED = 500 * 500
"""Couples of elements that are compared: two lists of 500 that have nothing in common."""


class TooMany(ValueError):
    """Two lists are too long to say which element of one became which of the other."""


def restored(sent: Any, base: Any, now: Any) -> Any:
    """Give back what was sent, as far as it is still what Cordée says."""
    if isinstance(sent, dict) and isinstance(now, dict):
        return _object(sent, base if isinstance(base, dict) else {}, now)
    if isinstance(sent, list) and isinstance(now, list):
        return _list(sent, base if isinstance(base, list) else [], now)
    return sent if base == now and type(base) is type(now) else now


def kept_from(former: dict[str, Any], base: dict[str, Any], new: dict[str, Any]) -> Any:
    """What a new writing keeps of the former one: what Cordée never understood of it.

    For a partner that writes only what it knows: its silence on the rest is not a removal, and what
    it says in a list that others fill as well (numbers, relatives) takes nothing of theirs.
    """
    return _kept(former, base, new, is_whole=True)


def _kept(former: Any, base: Any, new: Any, *, is_whole: bool = False) -> Any:
    if isinstance(former, dict) and isinstance(new, dict):
        known = base if isinstance(base, dict) else {}
        merged = dict(new)
        for key, value in without_other_choices(former, new).items():
            if key not in merged and key not in known:
                merged[key] = value
            elif key in merged and key in known:
                merged[key] = _kept(value, known[key], merged[key])
            elif key in merged and (key == "extension" or (is_whole and key != MOVED)):
                merged[key] = _kept_beside(value, merged[key])
        return merged
    if isinstance(former, list) and isinstance(new, list) and isinstance(base, list):
        return _kept_list(former, base, new)
    return new


def _kept_beside(former: Any, new: Any) -> Any:
    """Of a list that the house never understood, what stays beside what is said now: all that is
    not said anew. An element that merely looks like another is another: a son does not take the
    phone of his sister."""
    if not (_holds_objects(former) and _holds_objects(new)):
        return new
    again = {
        place: there
        for place, there in pairs(former, new).items()
        if former[place] == new[there]
        or any(former[place].get(key, MISSING) == new[there].get(key) for key in NAMES)
    }
    merged = list(new)
    for place, value in enumerate(former):
        if place not in again:
            merged.append(value)
        elif not _is_replaced(value, new[again[place]]):
            merged[again[place]] = _kept(value, {}, new[again[place]])
    return merged


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _is_replaced(former: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether nothing of an element goes with what takes its name: another number of one system,
    or a whole resource."""
    return "resourceType" in new or former.get("value", MISSING) != new.get("value", MISSING)


def without_other_choices(sent: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The same without what would say an element twice, in two types: R4 has one `value[x]`, at the
    top of a resource as within a part or an extension."""
    known = choices()
    if now.keys().isdisjoint(known.keys()):  # of most parts
        return sent
    said = {known[name]: _spoken(name) for name in now if name in known}
    return {
        key: value
        for key, value in sent.items()
        if said.get(known.get(key, ""), _spoken(key)) == _spoken(key)
    }


def _spoken(key: str) -> str:
    return key.removeprefix("_")


def _object(sent: dict[str, Any], base: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in without_other_choices(sent, now).items():
        was, is_now = base.get(key, MISSING), now.get(key, MISSING)
        if is_now is not MISSING:
            found[key] = _met(value, is_now) if was is MISSING else restored(value, was, is_now)
        elif was is MISSING:
            found[key] = value  # never understood, hence never changed
    return found | {key: value for key, value in now.items() if key not in sent}


def _met(sent: Any, now: Any) -> Any:
    """What the house has come to say where it said nothing: a list grows, the rest gives way."""
    if isinstance(sent, list) and isinstance(now, list):
        return sent + [one for one in now if one not in sent]
    return now


def _list(sent: list[Any], base: list[Any], now: list[Any]) -> list[Any]:
    if is_on_one_line(sent, base):
        return sent if base == now else now
    was = pairs(sent, base)
    left = list(now)
    found = []
    for place, value in enumerate(sent):
        if place not in was:
            found.append(value)
            continue
        known = base[was[place]]
        current = _taken(known, left)
        if current is MISSING:
            continue
        if is_worded(value, known):
            found.append(value if current == known else current)
        else:
            found.append(restored(value, known, current))
    return found + left


def _taken(known: Any, left: list[Any]) -> Any:
    """Take out of what is left the element that is, or became, a known one."""
    if known in left:
        return left.pop(left.index(known))
    best = max(left, key=lambda one: likeness(known, one), default=MISSING)
    if best is MISSING or likeness(known, best) <= 0:
        return MISSING
    left.remove(best)
    return best


def _kept_list(former: list[Any], base: list[Any], new: list[Any]) -> list[Any]:
    if is_on_one_line(former, base):
        return new
    was, again = pairs(former, base), pairs(former, new)
    merged = list(new)
    for place, value in enumerate(former):
        if place in again:
            known = base[was[place]] if place in was else {}
            merged[again[place]] = _kept(value, known, new[again[place]])
        elif place not in was:
            merged.append(value)
    return merged


def longest(value: Any) -> int:
    """How many elements the longest list has, at any depth."""
    if isinstance(value, dict):
        return max(map(longest, value.values()), default=0)
    if isinstance(value, list):
        return max(len(value), *map(longest, value)) if value else 0
    return 0


def pairs(ours: Sequence[Any], theirs: Sequence[Any]) -> dict[int, int]:
    """Say which elements of two lists are the same thing: the likest first, each once.

    Raises TooMany: more couples are to be weighed than a partner may ask for.
    """
    found = _same(ours, theirs)
    taken = set(found.values())
    left = [place for place in range(len(ours)) if place not in found]
    others = [there for there in range(len(theirs)) if there not in taken]
    if len(left) * len(others) > MOST_WEIGHED:
        raise TooMany
    couples = ((-likeness(ours[one], theirs[two]), one, two) for one in left for two in others)
    for _, place, there in sorted(one for one in couples if one[0] < 0):
        if place not in found and there not in taken:
            found[place] = there
            taken.add(there)
    return found


def _same(ours: Sequence[Any], theirs: Sequence[Any]) -> dict[int, int]:
    """Say which elements of two lists are alike to the letter, without comparing them all."""
    known: dict[str, list[int]] = {}
    for there in range(len(theirs) - 1, -1, -1):
        known.setdefault(_written(theirs[there]), []).append(there)
    found = {}
    for place, one in enumerate(ours):
        if same := known.get(_written(one)):
            found[place] = same.pop()
    return found


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def likeness(one: Any, other: Any) -> float:
    """Say how much two elements say the same; zero or less: they are not the same thing."""
    if one == other:
        return 100.0
    if not isinstance(one, dict) or not isinstance(other, dict):
        return 0.0
    if is_worded(one, other):
        return 1.0
    shared = [key for key in one if key in other]
    if any(one[key] != other[key] for key in NAMED_BY if key in shared and _plain(one[key])):
        return 0.0
    same = sum(1.0 for key in shared if one[key] == other[key])
    alike = sum(0.5 for key in shared if one[key] != other[key] and not _plain(one[key]))
    named = any(key in NAMED_BY for key in shared)
    return same + alike + (0.25 if named or shared else 0.0)


def is_on_one_line(texts: Sequence[Any], line: Sequence[Any]) -> bool:
    """Say whether a list is one text that says these in turn: an address of several lines.

    All of it was understood, and none of it stays behind when the house says another.
    """
    said = [one for one in texts if one is not None]  # only an extension stands for the others
    words = [*said, *line]
    if len(line) != 1 or len(texts) < 2 or not all(isinstance(one, str) for one in words):
        return False
    return line[0].split() == LINES.join(said).split()  # type: ignore[no-any-return]


def is_worded(parts: Any, line: Any) -> bool:
    """Say whether one element is the words of another on one line: a name in parts, and its text.

    What the house keeps on one line it says as a text alone; the parts say no more than it does.
    """
    if not isinstance(parts, dict) or not isinstance(line, dict) or line.keys() != {"text"}:
        return False
    words = str(line["text"]).split()
    return "text" not in parts and bool(words) and set(words) <= set(_words(parts))


def _words(value: Any) -> Iterator[str]:
    """The words that an element holds, at whatever depth."""
    if isinstance(value, str):
        yield from value.split()
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(_words, value.values()))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(_words, value))


def _plain(value: Any) -> bool:
    return not isinstance(value, (dict, list))
