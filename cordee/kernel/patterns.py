"""A fragment written once per shape: the lines of a long list differ by a few words.

The twin of `access.stencil` for pages: the template is rendered once with marks in place of what
changes from line to line, and each line is that text with its own words put in. ADR 0019.
"""

import re
from collections.abc import Container, Hashable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import get_template
from django.utils.functional import Promise
from markupsafe import Markup, escape

ETAG = 8  # octets: a line that said something else is not taken for this one
_INDENT = re.compile(r"\s*\n\s*")
_MARK = re.compile("\0(\\w+)\0")
_SPECIAL = re.compile("[&<>'\"]").search


class Pattern:
    """A template, and the names of what changes from line to line: its words."""

    def __init__(self, template: str, *words: str) -> None:
        self.template = template
        self.marks = {word: _mark(word) for word in words}

    def write(self, words: dict[str, str], **shape: Hashable) -> str:
        """Write one line, words escaped. `shape` is everything that the template decides by."""
        return _written(self, tuple(shape.items())).text % _escaped(words)

    def write_named(self, words: dict[str, str], **shape: Hashable) -> "Named":
        """Write one line that bears its `etag`."""
        written, said = _written(self, tuple(shape.items())), _escaped(words)
        # No word holds a NUL: PostgreSQL keeps none.
        etag = blake2b("\0".join(said.values()).encode(), key=written.key, digest_size=ETAG)
        said["etag"] = etag.hexdigest()
        return Named(said["etag"], written.text % said)


class Named(NamedTuple):
    """A line that bears its etag."""

    etag: str
    text: str

    def unless(self, stands: Container[str]) -> str:
        """Give it, or only say that it stands, where the page has it."""
        return f'<li data-same="{self.etag}"></li>' if self.etag in stands else self.text


class _Written(NamedTuple):
    """A line of some shape, with `%(name)s` where a word goes."""

    text: str
    key: (
        bytes  # what an etag depends on beside the words: how lines of that shape are written today
    )


def etag_of(said: str) -> str:
    """Name what a line says, as it is written today."""
    return blake2b(said.encode(), digest_size=ETAG).hexdigest()


def standing(request: HttpRequest) -> frozenset[str]:
    """The etags of the lines that a page has, when it asks for its list again (lines.js)."""
    return frozenset(request.headers.get("Standing-Lines", "").split())


Words = Mapping[str, str | tuple[str, ...]]
Told = tuple[tuple[str, Hashable], ...]
PAGES, THEMES = 500, ("light", "dark")


def write_page(
    request: HttpRequest, template: str, shape: Mapping[str, Hashable], words: Words
) -> str:
    """Write a page that is asked for all day long, and to which nothing is to be said once.

    It is written once for each set of all that its template is told, but for its words. Of what the
    frame says, what is made as it is written (proofs, whose page it is) is a word, and made again
    each time. A word that is empty is of the shape: the template may decide by it. The request is
    known to the template by its theme alone.
    """
    frame = _frame_of(template, request)
    late = {name: said for name, said in frame.items() if isinstance(said, Promise)}
    told = [(name, said) for name, said in frame.items() if name not in late]
    given = {name: said for name, said in words.items() if said}
    if any("" in said for said in given.values() if not isinstance(said, str)):
        raise ValueError("an empty word within a list: the template could not tell")
    page = _page(
        template,
        settings.ROOT_URLCONF,
        _theme_of(request),
        (*told, *shape.items(), *[(name, said) for name, said in words.items() if not said]),
        (*late, *[(name, _length(said)) for name, said in given.items()]),
    )
    said = _each(given) | {name: str(late[name]) for name in page.names.intersection(late)}
    return page.text % _escaped(said)


def _frame_of(template: str, request: HttpRequest) -> dict[str, Any]:
    """What is told to any page, by those whom the settings name."""
    frame: dict[str, Any] = {}
    for tell in get_template(template).backend.template_context_processors:  # type: ignore[attr-defined]
        frame |= tell(request)
    return frame


def _theme_of(request: HttpRequest) -> str:
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else ""


def _length(said: str | tuple[str, ...]) -> int | None:
    return None if isinstance(said, str) else len(said)


def _each(words: Words) -> dict[str, str]:
    """Words by the name of their mark: those of a list are named by their place in it."""
    alone = {name: said for name, said in words.items() if isinstance(said, str)}
    listed = {name: said for name, said in words.items() if not isinstance(said, str)}
    return alone | {
        f"{name}_{place}": one for name, said in listed.items() for place, one in enumerate(said)
    }


class _Page(NamedTuple):
    """A page with `%(name)s` where a word goes, and which words it says."""

    text: str
    names: frozenset[str]


class _Reader(NamedTuple):
    """What the frame asks of a request. Of no hour: what is said of one would stay written."""

    COOKIES: dict[str, str]

    @property
    def now(self) -> datetime:
        raise LookupError("a kept page is told no hour: say it in a word")


@lru_cache(maxsize=PAGES)
def _page(template: str, urlconf: str, theme: str, told: Told, words: tuple[Any, ...]) -> _Page:
    marks: dict[str, Any] = {}
    for word in words:
        name, length = word if isinstance(word, tuple) else (word, None)
        listed = [_mark(f"{name}_{place}") for place in range(length or 0)]
        marks[name] = _mark(name) if length is None else tuple(listed)
    context = dict(told) | marks | {"request": _Reader({"theme": theme})}
    text = get_template(template).render(context).replace("%", "%%")
    return _Page(_MARK.sub(r"%(\1)s", text), frozenset(_MARK.findall(text)))


def _mark(name: str) -> Markup:
    return Markup(f"\0{name}\0")  # noqa: S704 — a name of ours


def _escaped(words: dict[str, str]) -> dict[str, str]:
    """Most words have nothing to escape, and are written as they are."""
    return {
        name: word if type(word) is Markup or not _SPECIAL(word) else str(escape(word))
        for name, word in words.items()
    }


@cache
def _written(pattern: Pattern, shape: tuple[tuple[str, Hashable], ...]) -> _Written:
    line = _INDENT.sub("\n", get_template(pattern.template).render(dict(shape) | pattern.marks))
    text = _MARK.sub(r"%(\1)s", line.replace("%", "%%"))
    return _Written(text, blake2b(text.encode()).digest())
