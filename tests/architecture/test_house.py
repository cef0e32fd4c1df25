"""Sizes, names and things that are not done here."""

import ast
import re
from collections import Counter
from importlib import import_module

import pytest

from tests.architecture.house import PACKAGE, ROOT, functions, rooms, sources, templates

VAGUE = {"utils", "helpers", "common", "core", "misc", "shared", "tools"}


def test_there_is_a_house_to_look_at():
    assert {"kernel", "access", "directory", "people", "web"} <= set(rooms())
    assert len(sources()) > 40


@pytest.mark.parametrize("room", rooms())
def test_a_room_says_in_one_sentence_what_it_is_for(room):
    tree = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
    sentence = ast.get_docstring(tree) or ""
    assert sentence.strip(), f"cordee/{room}/__init__.py says nothing"
    assert "\n\n" not in sentence, f"cordee/{room}/__init__.py: one sentence, not a chapter"
    assert len(tree.body) == 1, f"cordee/{room}/__init__.py holds code: it has a better place"


def test_no_file_is_longer_than_500_lines():
    ours = [*(source.path for source in sources()), *ROOT.glob("config/*.py")]
    ours += [*ROOT.glob("host/**/*.py"), *ROOT.glob("tools/*.py")]
    long = {str(path.relative_to(ROOT)): _lines(path) for path in ours if _lines(path) > 500}
    assert not long


def test_no_test_file_is_longer_than_600_lines():
    long = {str(path): _lines(path) for path in ROOT.glob("tests/**/*.py") if _lines(path) > 600}
    assert not long


def test_no_template_is_longer_than_120_lines_and_no_fragment_than_60():
    stop = {
        str(path.relative_to(ROOT)): _lines(path)
        for path in templates()
        if path.name != "ui.jinja" and _lines(path) > (60 if path.name.startswith("_") else 120)
    }
    assert not stop


def test_no_function_is_longer_than_40_lines_and_no_view_than_15():
    long = []
    for source in sources():
        stop = 15 if source.layer == "views" else 40
        for function in functions(source.tree):
            length = _body_lines(function)
            if length > stop:
                long.append(f"{source.name}:{function.lineno} {function.name} is {length} lines")
    assert not long, "\n".join(long)


def test_what_a_module_says_it_gives_is_there_and_said_once():
    """No checker looks at it: a name that is not there breaks whoever takes them all."""
    wrong, said = [], 0
    for source in sources():
        module = import_module(source.dotted) if "__all__" in source.text else None
        names = list(getattr(module, "__all__", ()))
        said += len(names)
        twice = [name for name, times in Counter(names).items() if times > 1]
        gone = [name for name in names if not hasattr(module, name)]
        wrong += [f"{source.name}: {name}" for name in [*twice, *gone]]
    assert not wrong, "\n".join(wrong)
    assert said > 500


def test_no_file_has_a_name_that_says_nothing():
    vague = [source.name for source in sources() if source.path.stem in VAGUE]
    assert not vague


def test_nobody_listens_to_signals():
    pattern = re.compile(r"django\.dispatch|models\.signals|@receiver\b")
    assert not [source.name for source in sources() if pattern.search(source.text)]


def test_no_model_overrides_save_or_delete():
    found = []
    for source in sources():
        if source.layer != "models":
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                names = {child.name for child in node.body if isinstance(child, ast.FunctionDef)}
                if names & {"save", "delete"}:
                    found.append(f"{source.name}: {node.name}")
    assert not found


def test_there_are_no_generic_foreign_keys():
    pattern = re.compile(r"GenericForeignKey|GenericRelation")
    assert not [source.name for source in sources() if pattern.search(source.text)]


def test_every_lock_says_of_what():
    """`select_for_update()` without `of` locks every joined table."""
    found = []
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and _called(node) == "select_for_update":
                given = {keyword.arg for keyword in node.keywords}
                if not given & {"of", None}:
                    found.append(f"{source.name}:{node.lineno}")
    assert not found


def test_rules_are_pure():
    """A rule imports neither the framework, nor the clock, nor the table."""
    found = []
    for source in sources():
        if source.layer == "rules":
            for name in _imported(source.tree):
                if re.match(
                    r"django|procrastinate|psycopg|cordee\..*\.(models|selectors|services)", name
                ):
                    found.append(f"{source.name} imports {name}")
    assert not found


def test_every_public_function_of_a_service_selector_or_rule_has_a_docstring():
    found = [
        f"{source.name}:{node.lineno} {node.name}"
        for source in sources()
        if source.layer in {"services", "selectors", "rules"}
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]
    assert not found, "\n".join(found)


def _imported(tree: ast.Module) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _lines(path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a body, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
