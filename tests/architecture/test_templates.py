"""Templates: used, small, and without a line of script or style inside."""

import re

from tests.architecture.house import PACKAGE, ROOT, sources, templates

EVENT = re.compile(r"<[a-z][^>{}]*\son[a-z]+\s*=", re.IGNORECASE)
CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG = re.compile(r"<[^>]*>", re.DOTALL)
WORDS = re.compile(r'"([^"\n]*)"')
CLASSES = re.compile(r'class="([^"]*)"')
# Templates that a library or the framework asks for by their name.
ASKED_BY_NAME = re.compile(
    r"(^|/)(account|mfa|socialaccount|usersessions|allauth|registration)/|^(400|403|404|409|429|500|503)\.(jinja|html)$"
)


def test_every_template_is_used():
    used = "\n".join([source.text for source in sources()] + [_text(path) for path in templates()])
    used += "\n".join(_text(path) for path in ROOT.glob("config/*.py"))
    unused = [
        _name(path)
        for path in templates()
        if not ASKED_BY_NAME.search(_name(path)) and f'"{_name(path)}"' not in used
    ]
    assert not unused


def test_a_fragment_starts_with_an_underscore_and_only_a_fragment():
    wrong = []
    for path in templates():
        whole = "{% extends" in _text(path) or "<html" in _text(path) or "{% macro" in _text(path)
        if (
            path.name != "ui.jinja"
            and whole == path.name.startswith("_")
            and not ASKED_BY_NAME.search(_name(path))
        ):
            wrong.append(_name(path))
    assert not wrong, "a file that extends nothing is a fragment, and starts with _"


def test_no_script_nor_style_is_written_in_a_page():
    wrong = []
    for path in templates():
        text = _text(path)
        inline = re.search(r"<script(?![^>]*\bsrc=)", text) or re.search(r"<style\b", text)
        if inline or re.search(r"\sstyle\s*=", text) or EVENT.search(text) or "hx-on" in text:
            wrong.append(_name(path))
    assert not wrong, "the content policy refuses it: app.css and app.js are the places"


def test_nothing_is_marked_safe_without_saying_why():
    """`|safe` needs a comment on its line or on the one above."""
    wrong = []
    for path in templates():
        lines = _text(path).splitlines()
        for number, line in enumerate(lines):
            around = line + (lines[number - 1] if number else "")
            if re.search(r"\|\s*safe\b|autoescape\s+(false|off)", line) and "{#" not in around:
                wrong.append(f"{_name(path)}:{number + 1}")
    assert not wrong


def test_python_never_declares_a_text_safe():
    wrong = [s.name for s in sources() if re.search(r"\bmark_safe\(|\bSafeString\(", s.text)]
    assert not wrong


def test_every_form_that_changes_something_carries_its_token():
    wrong = []
    for path in templates():
        for form in re.findall(r"<form\b.*?</form>", _text(path), re.DOTALL):
            posts = re.search(r"method=[\"']?post", form, re.IGNORECASE)
            if posts and not re.search(r"csrf_input|csrf_token", form):
                wrong.append(_name(path))
    assert not wrong


def test_on_a_phone_each_cell_of_a_pathway_says_its_column():
    wrong = []
    for path in templates():
        if path.relative_to(PACKAGE).parts[0] in {"pathways", "protocols"}:
            mute = re.findall(r"<td\b(?![^>]*data-head=)", _text(path))
            wrong += [_name(path)] if mute else []
    assert not wrong, "a line of a table becomes a card: data-head names the column"


def test_on_a_phone_a_bare_figure_says_its_column():
    """A line of a table is a card there, without the heads: « 288 10 5,5 » said nothing."""
    bare = re.compile(r'<td class="number">(?:\{\{[^}]*\}\})+</td>')
    assert [_name(path) for path in templates() if bare.search(_text(path))] == []


def test_each_class_of_a_page_is_drawn():
    """A class that no sheet knows promises a look: lines as they were typed ran into one."""
    sources_of_look = [*(ROOT / "frontend" / "src").rglob("*.[cj]s*"), *PACKAGE.rglob("*.css")]
    sheets = "".join(map(_text, sources_of_look))
    drawn = {*re.findall(r"\.([a-z][\w-]*)", sheets), "button--quiet"}  # a button as it stands
    wrong = []
    for path in templates():
        for written in CLASSES.findall(CODE.sub("§", _text(path))):
            names = [name for name in written.split() if "§" not in name]
            wrong += [
                f"{_name(path)}: {name}"
                for name in names
                if not {name, name.split("__")[0]} & drawn  # a part of a block that is drawn
            ]
    assert not wrong


def test_no_article_stands_before_a_day_that_may_be_said_as_yesterday():
    """« depuis le aujourd’hui » was read on the page of a search: after an article, `dated`."""
    article = re.compile(r"""\b(?:[dD]u|[lL]e|[aA]u)\s(?:\{\{ ?|" ~ \()[^|}]*\| day\b""")
    assert [_name(path) for path in templates() if article.search(_text(path))] == []


def test_french_punctuation_has_its_unbreakable_space():
    """Before : ; ! ? » and after « a space that never breaks; the curved apostrophe."""
    wrong = []
    for path in templates():
        text = TAG.sub("\n", CODE.sub("§", _text(path)))
        in_code = [word for code in CODE.findall(_text(path)) for word in WORDS.findall(code)]
        for line in [*text.splitlines(), *in_code]:
            if re.search(r"(^|[\w§).]) [:;!?»](?=\s|$|<)|« |[A-Za-zÀ-ÿ]'[A-Za-zÀ-ÿ]", line):
                wrong.append(f"{_name(path)}: {line.strip()[:80]}")
    assert not wrong, "\n".join(wrong)


def _name(path) -> str:
    return str(path.relative_to(PACKAGE)).split("/templates/", 1)[1]


def _text(path) -> str:
    return path.read_text(encoding="utf-8")
