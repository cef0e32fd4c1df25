"""The words of a search: parameters with their modifiers and values, and how the page is wanted."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from cordee.fhir.outcome import Refusal, invalid

USUAL, MOST = 20, 200
MANY = 60  # parameters of one search: more is an attack on the planner
MOST_VALUES = 100  # joined by « or » in one parameter
MOST_INCLUDES, MOST_KEYS = 10, 5
OF_THE_PAGE = frozenset(
    {"_sort", "_count", "_include", "_revinclude", "_total", "_summary", "_elements"}
    | {"_format", "_pretty", "_cursor", "_include:iterate", "_revinclude:iterate"}
)
ESCAPED = re.compile(r"(?<!\\),")
UNESCAPE = re.compile(r"\\([\\,|$])")


@dataclass(frozen=True)
class Asked:
    """One parameter: its name, its modifier, the chain after it, and values joined by « or »."""

    name: str
    modifier: str
    chain: str
    values: tuple[str, ...]

    @property
    def said(self) -> str:
        """The parameter as it was written, without its values."""
        modifier = f":{self.modifier}" if self.modifier else ""
        return self.name + modifier + (f".{self.chain}" if self.chain else "")


@dataclass(frozen=True)
class Include:
    """What is brought along: `Task:patient`, `Task:patient:Patient`, and whether it goes on."""

    source: str
    parameter: str
    target: str = ""
    goes_on: bool = False


@dataclass(frozen=True)
class Wanted:
    """A search, understood word by word."""

    asked: tuple[Asked, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    """Parameters, and whether the order is descending."""
    count: int = USUAL
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    total: str = "none"
    summary: str = "false"
    elements: tuple[str, ...] = ()
    cursor: str = ""
    pairs: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def query(self) -> str:
        """The search, written again: for the cursor, never for a log."""
        return urlencode([pair for pair in self.pairs if pair[0] not in ("_cursor", "_format")])


def understood(pairs: Sequence[tuple[str, str]]) -> Wanted:
    """Understand the words of a search. Raises Refusal (400)."""
    if len(pairs) > MANY:
        raise invalid(
            "search.too_many",
            f"Une recherche compte {MANY} paramètres au plus.",
            f"A search has {MANY} parameters at most.",
        )
    if any("\0" in text for pair in pairs for text in pair):
        raise unreadable("\N{REPLACEMENT CHARACTER}")
    includes, revincludes = _includes(pairs, "_include"), _includes(pairs, "_revinclude")
    if len(includes) + len(revincludes) > MOST_INCLUDES:
        raise _too_many("_include", MOST_INCLUDES)
    page = {name: value for name, value in pairs if name in OF_THE_PAGE}
    return Wanted(
        asked=tuple(_asked(*pair) for pair in pairs if pair[0] not in OF_THE_PAGE and pair[1]),
        sort=tuple(_sorted(page.get("_sort", ""))),
        count=page_of(pairs, USUAL, 0),
        includes=includes,
        revincludes=revincludes,
        total=_one_of("_total", page.get("_total") or "none", TOTALS),
        summary=_one_of("_summary", page.get("_summary") or "false", SUMMARIES),
        elements=tuple(filter(None, page.get("_elements", "").split(","))),
        cursor=page.get("_cursor", ""),
        pairs=tuple(pairs),
    )


TOTALS = ("none", "estimate", "accurate")
SUMMARIES = ("true", "text", "data", "count", "false")


def _asked(name: str, value: str) -> Asked:
    if name.startswith("_has:"):
        return Asked("_has", "", name.removeprefix("_has:"), _values(name, value))
    head, _, chain = name.partition(".")
    head, _, modifier = head.partition(":")
    return Asked(head, modifier, chain, _values(head, value))


def _values(name: str, text: str) -> tuple[str, ...]:
    found = tuple(UNESCAPE.sub(r"\1", one) for one in ESCAPED.split(text) if one)
    if len(found) > MOST_VALUES:
        raise _too_many(name, MOST_VALUES)
    return found


def _sorted(text: str) -> Iterable[tuple[str, bool]]:
    found = [(one.lstrip("-"), one.startswith("-")) for one in text.split(",") if one.lstrip("-")]
    if len(found) > MOST_KEYS:
        raise _too_many("_sort", MOST_KEYS)
    return found


def counted(text: str, usual: int, most: int, least: int) -> int:
    """A number as it was asked for, `most` at most; the usual one when nothing is asked.

    Raises ValueError: it is no number, or less than `least`.
    """
    if not text:
        return usual
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise ValueError(text)
    return min(int(text), most)


def page_of(words: Sequence[tuple[str, str]], usual: int, least: int) -> int:
    """How many resources of a page are wanted (`_count`). Raises Refusal (400)."""
    try:
        return counted(dict(words).get("_count", ""), usual, MOST, least)
    except ValueError:
        raise unreadable("_count") from None


def _one_of(name: str, value: str, values: Sequence[str]) -> str:
    if value not in values:
        raise unreadable(name)
    return value


def _includes(pairs: Sequence[tuple[str, str]], name: str) -> tuple[Include, ...]:
    found: dict[Include, None] = {}  # each once, in the order they were asked
    for key, value in pairs:
        if key in (name, f"{name}:iterate"):
            source, parameter, *target = [*value.split(":"), ""][:3]
            found[Include(source, parameter, "".join(target), key != name)] = None
    return tuple(found)


def _too_many(name: str, most: int) -> Refusal:
    name = name[:60]
    return invalid(
        "search.too_many_values",
        f"Le paramètre « {name} » compte {most} valeurs au plus.",
        f"The parameter {name} has {most} values at most.",
        name,
    )


def unreadable(name: str) -> Refusal:
    """A word of a page, of a search or of a history, that is not understood."""
    return invalid(
        "search.page",
        f"Le paramètre « {name} » n’est pas lisible.",
        f"The parameter {name} cannot be read.",
        name,
    )
