"""A document or a message in words, for who reads it on a page: text alone, nothing of its markup.

What a partner wrote is shown as its words and never as its own page: a narrative is XHTML, and may
hold anything. What has no narrative is said to have none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

Json = dict[str, Any]
INLINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdo", "big", "cite", "code", "dfn", "em", "i", "img", "q"),
        *("samp", "small", "span", "strong", "sub", "sup", "tt", "u", "var"),
    }
)
CELLS = ("td", "th")
UNSEEN = ("script", "style", "title")
DEEPEST = 12  # sections within sections: what is deeper is shown there


@dataclass(frozen=True)
class Part:
    """A part of a document: its title, its paragraphs, how deep it stands."""

    title: str
    paragraphs: tuple[str, ...]
    depth: int = 0


@dataclass(frozen=True)
class Letter:
    """What is read of a document or a message."""

    title: str
    on: str = ""
    authors: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


def title_of(bundle: Json) -> str:
    """How a Bundle that was kept whole calls itself; nothing when it does not. Never raises for one
    whose shape was checked."""
    first: Json = next(
        (one["resource"] for one in bundle.get("entry", []) if "resource" in one), {}
    )
    event = first.get("eventCoding", {})
    said = (first.get("title"), event.get("display"), event.get("code"), first.get("eventUri"))
    return next(filter(None, said), "")


def letter_of(bundle: Json) -> Letter:
    """Read a Bundle that was kept whole. Never raises for one whose shape was checked."""
    entries = [one for one in bundle.get("entry", []) if "resource" in one]
    first = entries[0]["resource"] if entries else {}
    names = {one.get("fullUrl", ""): one["resource"] for one in entries}
    if first.get("resourceType") != "Composition":
        return _message(title_of(bundle), first, entries)
    opening = [Part("", text)] if (text := _paragraphs(first)) else []
    return Letter(
        title=title_of(bundle),
        on="/".join(reversed(first.get("date", "")[:10].split("-"))),
        authors=tuple(filter(None, (_author(one, names) for one in first.get("author", [])))),
        parts=(*opening, *_sections(first.get("section", []), 0)),
    )


def _message(title: str, head: Json, entries: list[Json]) -> Letter:
    """A message: what happened, as its sender codes it, and the narratives of what it brings."""
    source = head.get("source", {})
    authors = (source.get("name") or source.get("software") or source.get("endpoint", ""),)
    parts = tuple(Part("", text) for one in entries if (text := _paragraphs(one["resource"])))
    return Letter(title, "", tuple(filter(None, authors)), parts)


def _author(said: Json, names: dict[str, Json]) -> str:
    if text := said.get("display"):
        return str(text)
    named = names.get(said.get("reference", ""), {}).get("name", "")
    if isinstance(named, str):
        return named
    one = named[0] if named else {}
    words = [one.get("text")] if one.get("text") else [*one.get("given", []), one.get("family", "")]
    return " ".join(filter(None, words))


def _sections(some: list[Json], depth: int) -> Iterator[Part]:
    for one in some:
        yield Part(one.get("title", ""), _paragraphs(one), min(depth, DEEPEST))
        yield from _sections(one.get("section", []), depth + 1)


def _paragraphs(resource: Json) -> tuple[str, ...]:
    reader = _Words()
    reader.feed(resource.get("text", {}).get("div", ""))
    reader.close()
    return tuple(reader.paragraphs)


@dataclass
class _Words(HTMLParser):
    """The words of a narrative, paragraph by paragraph; cells of a row stand on one line."""

    paragraphs: list[str] = field(default_factory=list)
    _line: list[str] = field(default_factory=list)
    _unseen: int = 0

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in CELLS:
            self._line += [" · "] if self._line else []
        elif tag not in INLINE:
            self._end()

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag not in INLINE and tag not in CELLS:
            self._end()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._line.append(data)

    def close(self) -> None:
        super().close()
        self._end()

    def _end(self) -> None:
        text = " ".join("".join(self._line).split())
        if text.strip(" ·"):
            self.paragraphs.append(text)
        self._line = []
