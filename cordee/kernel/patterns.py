"""A fragment written once per shape: the lines of a long list differ by a few words.

The twin of `access.stencil` for pages: the template is rendered once with marks in place of what
changes from line to line, and each line is that text with its own words put in. ADR 0019.
"""

import re
from collections.abc import Container, Hashable
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

from django.http import HttpRequest
from django.template.loader import get_template
from markupsafe import Markup, escape

ETAG = 8  # octets: a line that said something else is not taken for this one
_INDENT = re.compile(r"\s*\n\s*")
_MARK = re.compile("\0(\\w+)\0")
_SPECIAL = re.compile("[&<>'\"]").search


class Pattern:
    """A template, and the names of what changes from line to line: its words."""

    def __init__(self, template: str, *words: str) -> None:
        self.template = template
        self.marks = {word: Markup(f"\0{word}\0") for word in words}  # noqa: S704 — a name of ours

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
