"""What a door may do, and what only a door may do."""

import ast
import importlib
import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.house import DOORS, calls, first_text, sources

CLOCKS = {"now", "utcnow", "today", "localdate", "localtime", "time"}
# The frame that every door crosses once, and the two processes that are doors themselves.
CLOCK_READERS = {
    "cordee.fhir.subscriptions.stream",
    "cordee.web.live",
    "cordee.web.middleware",
    "cordee.web.sign_in",  # called by the library, from its own views
    "cordee.kernel.queue",
    "cordee.kernel.http",
    "cordee.kernel.templating",
}
TABLE = {"objects", "_base_manager", "_default_manager"}


def test_doors_never_reach_into_a_table():
    found = [
        f"{source.name}:{node.lineno}"
        for source in sources()
        if source.layer in DOORS
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in TABLE
    ]
    assert not found, f"a door gets through a selector and does through a service: {found}"


def test_only_doors_read_the_clock():
    found = [
        f"{source.name}:{call.lineno}"
        for source in sources()
        if source.layer not in DOORS and source.dotted not in CLOCK_READERS
        for call in calls(source.tree, *CLOCKS)
        if _reads_the_clock(call)
    ]
    assert not found, f"take `now` as an argument: {found}"


def test_only_jobs_commands_and_demonstration_loaders_are_the_system():
    found = [
        f"{source.name}:{node.lineno}"
        for source in sources()
        if source.layer not in {"jobs", "management", "demo"}
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "cordee.access.actor"
        and any(alias.name == "SYSTEM" for alias in node.names)
    ]
    assert not found, f"somebody must answer for a gesture: {found}"


def test_every_job_called_by_name_exists():
    missing = []
    for source in sources():
        for call in calls(source.tree, "later"):
            name = first_text(call)
            if name and name.startswith("cordee.") and not _exists(name):
                missing.append(f"{source.name}:{call.lineno} {name}")
    assert not missing


def test_every_fact_listened_to_is_published_by_a_room_below():
    kinds = {
        keyword.value.value: source.room
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        for keyword in node.keywords
        if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
    }
    orphans = [
        f"{source.name}:{call.lineno} {kind}"
        for source in sources()
        for call in calls(source.tree, "listens")
        for kind in _texts(call)
        if kind not in kinds or kinds[kind] == source.room
    ]
    assert kinds, "no room publishes anything"
    assert not orphans


def test_a_fact_is_named_after_its_room_in_the_past():
    wrong = [
        f"{source.name}:{node.lineno} {keyword.value.value}"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        for keyword in node.keywords
        if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
        if not re.fullmatch(rf"{source.room}\.[a-z_]+", str(keyword.value.value))
    ]
    assert not wrong


@pytest.mark.parametrize("layer", ["views"])
def test_a_view_is_a_function_that_says_its_method(layer):
    """Every view of our rooms carries `require_GET`, `require_POST` or `require_http_methods`."""
    silent = []
    for name, view in _our_views():
        if not hasattr(view, "__wrapped__"):
            silent.append(name)
    assert not silent


def test_every_address_of_ours_has_a_name():
    nameless = [
        str(pattern.pattern) for pattern in _patterns() if _ours(pattern) and not pattern.name
    ]
    assert not nameless


def _patterns(resolver=None):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern)
        elif isinstance(pattern, URLPattern):
            yield pattern


def _ours(pattern: URLPattern) -> bool:
    return getattr(pattern.callback, "__module__", "").startswith("cordee.")


def _our_views():
    return [(p.lookup_str, p.callback) for p in _patterns() if _ours(p)]


def _reads_the_clock(call: ast.Call) -> bool:
    """`timezone.now()`, `datetime.now(tz)`, `date.today()`, `localdate()` without an argument."""
    if not isinstance(call.func, ast.Attribute):
        return getattr(call.func, "id", "") in {"localdate", "localtime"} and not call.args
    owner = ast.unparse(call.func.value)
    if call.func.attr in {"localdate", "localtime"}:
        return not call.args
    return owner.split(".")[-1] in {"timezone", "datetime", "date", "time"}


def _exists(dotted: str) -> bool:
    module, _, name = dotted.rpartition(".")
    try:
        return hasattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        return False


def _texts(call: ast.Call) -> list[str]:
    return [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
