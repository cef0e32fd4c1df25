"""The guide for users, shown from the very file that the repository keeps: it is written once."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from cordee.kernel.typography import typo

FIRST = "lisez-moi"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the guide: its name in an address, its title, its text."""

    slug: str
    title: str
    text: Markup


@cache
def pages() -> dict[str, Page]:
    """Every page, the one for everybody first."""
    found = sorted(folder().glob("*.md"), key=lambda path: (path.stem != FIRST, path.stem))
    return {path.stem: _page(path) for path in found}


def folder() -> Path:
    """Where the repository keeps it."""
    return Path(settings.ROOT) / "docs" / "guide"


def _page(path: Path) -> Page:
    """Read a page. What is HTML in it is shown as text; what leads out of the guide is no link."""
    reader = MarkdownIt("commonmark", {"html": False})
    tokens = reader.parse("\n\n".join(filter(_is_for_users, _paragraphs(path))))
    title = next(
        after.content for one, after in zip(tokens, tokens[1:], strict=False) if one.tag == "h1"
    )
    for one in tokens:
        one.children = _inside(one.children) if one.children else one.children
    text = reader.renderer.render(tokens, reader.options, {})
    return Page(path.stem, title, Markup(text))  # noqa: S704 — our own file, its HTML escaped


def _paragraphs(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n\n")


def _is_for_users(paragraph: str) -> bool:
    """Pictures, and the tests that replay a page, are for who reads the repository."""
    return not paragraph.startswith("![") and "](../../tests" not in paragraph


def _inside(children: list[Token]) -> list[Token]:
    """Lead from one page of the guide to another, and nowhere else; with the spaces of French."""
    kept: list[Token] = []
    is_left_out = False
    for one in children:
        if one.type == "text":
            one.content = typo(one.content)
        if one.type == "link_open":
            slug = str(one.attrGet("href") or "").removesuffix(".md")
            is_left_out = not (folder() / f"{slug}.md").is_file() or "/" in slug
            if not is_left_out:
                one.attrSet("href", reverse("web:guide_page", args=[slug]))
        if not (is_left_out and one.type in ("link_open", "link_close")):
            kept.append(one)
    return kept
