"""The guide says what the screens say: each word quoted, address and key stands in the code."""

import ast
import re
from uuid import uuid4

import pytest
from django.urls import Resolver404, resolve

from tests.architecture.house import ROOT

PAGES = sorted((ROOT / "docs" / "guide").glob("*.md"))
QUOTED = re.compile(r"«\s([^»]+?)\s»")
NAMED = re.compile(r"`([^`]+)`")


def plain(text: str) -> str:
    """Text without the differences that a screen does not show: spaces, apostrophes, capitals."""
    text = re.sub(r'\{\{\s*"\\u00a0"\s*\}\}|\\u00a0|\\u202f|&nbsp;', " ", text)
    return re.sub(r"\s+", " ", text.replace("'", "’")).casefold()


def said_by_python(path) -> list[str]:
    """Each string of a module, those written in several pieces read as one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@pytest.fixture(scope="module")
def screens() -> str:
    """All that our screens can say."""
    pages = [path for kind in ("jinja", "html") for path in (ROOT / "cordee").glob(f"**/*.{kind}")]
    scripts = (ROOT / "frontend" / "src").glob("**/*.js")
    modules = (ROOT / "cordee").glob("**/*.py")
    written = [path.read_text(encoding="utf-8") for path in (*pages, *scripts)]
    spoken = [
        text for path in modules if "migrations" not in path.parts for text in said_by_python(path)
    ]
    return plain("\n".join([*written, *spoken]))


@pytest.fixture(scope="module")
def keys() -> set[str]:
    """Every key that a screen names."""
    pages = (ROOT / "cordee").glob("**/*.jinja")
    return {key for path in pages for key in re.findall(r'key\("([^"]+)"', path.read_text("utf-8"))}


def test_there_is_a_page_for_each_user():
    assert [path.stem for path in PAGES] == [
        "administration",
        "aide-a-domicile",
        "coordination",
        "infirmiere",
        "lisez-moi",
        "orienteuse",
        "personne",
        "protection-des-donnees",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_each_word_it_quotes_is_on_a_screen(page, screens):
    quoted = QUOTED.findall(page.read_text(encoding="utf-8"))
    assert quoted
    assert [words for words in quoted if plain(words) not in screens] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_each_address_and_each_key_it_names_exists(page, keys):
    wrong = []
    for named in NAMED.findall(page.read_text(encoding="utf-8")):
        if named != "/" and named.startswith("/"):
            try:
                resolve(named.replace("…", str(uuid4())))
            except Resolver404:
                wrong.append(named)
        elif named not in keys:
            wrong.append(named)
    assert wrong == []
