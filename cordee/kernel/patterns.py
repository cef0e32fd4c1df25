"""A fragment written once per shape: the lines of a long list differ by a few words.

The twin of `access.stencil` for pages: the template is rendered once with marks in place of what
changes from line to line, and each line is that text with its own words put in. ADR 0019.
"""

import re
from collections.abc import Container, Hashable
from functools import cache
from hashlib import blake2b
from typing import Any

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

    def write(self, words: dict[str, Any], **shape: Hashable) -> str:
        """Write one line, words escaped. `shape` is everything that the template decides by."""
        said = {name: _escaped(word) for name, word in words.items()}
        return _written(self, tuple(shape.items())) % said

    def write_again(self, words: dict[str, Any], stands: Container[str], **shape: Hashable) -> str:
        """Write one line with its `etag`, or only say that it stands, where the page has it."""
        made = tuple(shape.items())
        etag = blake2b(repr(words).encode(), key=_key(self, made), digest_size=ETAG).hexdigest()
        if etag in stands:
            return f'<li data-same="{etag}"></li>'
        return self.write(words | {"etag": etag}, **shape)


def etag_of(said: str) -> str:
    """Name what a line says, as it is written today."""
    return blake2b(said.encode(), digest_size=ETAG).hexdigest()


def standing(request: HttpRequest) -> frozenset[str]:
    """The etags of the lines that a page has, when it asks for its list again (lines.js)."""
    return frozenset(request.headers.get("Standing-Lines", "").split())


def _escaped(word: Any) -> str:
    """Most words have nothing to escape, and are written as they are."""
    if isinstance(word, str) and (isinstance(word, Markup) or not _SPECIAL(word)):
        return word
    return str(escape(word))


@cache
def _written(pattern: Pattern, shape: tuple[tuple[str, Hashable], ...]) -> str:
    """The line of that shape, with `%(name)s` where a word goes."""
    line = _INDENT.sub("\n", get_template(pattern.template).render(dict(shape) | pattern.marks))
    return _MARK.sub(r"%(\1)s", line.replace("%", "%%"))


@cache
def _key(pattern: Pattern, shape: tuple[tuple[str, Hashable], ...]) -> bytes:
    """What an etag depends on beside the words: how lines of that shape are written today."""
    return blake2b(_written(pattern, shape).encode()).digest()
