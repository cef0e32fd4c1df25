"""Every table is shut until somebody rules on it; every promise of the database has a test."""

import ast
import re

import pytest
from django.apps import apps
from django.db import models

from cordee.access import policy
from cordee.access.records import Record
from cordee.kernel.errors import Unruled
from tests.architecture.house import ROOT, calls, first_text, rooms, sources

TESTS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(ROOT.glob("tests/**/*.py"))
    if "architecture" not in path.parts
)


def our_models():
    return [model for app in rooms() for model in apps.get_app_config(app).get_models()]


def our_records():
    return [model for model in our_models() if issubclass(model, Record)]


def test_there_are_records_to_look_at():
    assert len(our_records()) > 10


@pytest.mark.parametrize("model", our_records(), ids=lambda model: model._meta.label)
def test_every_record_has_a_scope(model):
    assert model in policy._scopes, f"say in policy.py who sees {model.__name__}"


@pytest.mark.parametrize("model", our_records(), ids=lambda model: model._meta.label)
def test_every_column_of_a_record_is_classed(model):
    inherited = {field.name for field in Record._meta.get_fields()} | {
        "id",
        "created_at",
        "updated_at",
        "version",
    }
    columns = {field.name for field in model._meta.concrete_fields} - inherited
    columns |= {
        field.name
        for field in model._meta.many_to_many
        if field.remote_field.through._meta.auto_created
    }
    classed = model.privacy.columns()
    assert columns == set(classed), (
        f"not classed: {columns - classed}; unknown: {classed - columns}"
    )


def verbs_used():
    return sorted(
        {
            (first_text(call), source.name)
            for source in sources()
            for call in calls(source.tree, "action")
            if first_text(call)
        }
    )


def test_there_are_verbs_to_look_at():
    assert len(verbs_used()) > 10


@pytest.mark.parametrize(("verb", "file"), verbs_used())
def test_every_verb_has_a_rule(verb, file):
    assert verb in policy._rules, f"{file} does {verb!r}: say in policy.py who may"


@pytest.mark.parametrize(("verb", "file"), verbs_used())
def test_a_verb_is_named_after_its_room(verb, file):
    room = file.split("/")[1]
    assert re.fullmatch(rf"{room}\.[a-z_]+", verb)


def test_every_rule_is_that_of_a_verb_somewhere():
    used = "\n".join(source.text for source in sources() if source.layer != "policy")
    ours = [verb for verb in policy._rules if not verb.startswith("test.")]
    idle = [verb for verb in ours if f'"{verb}"' not in used]
    assert not idle, f"a rule that nobody asks: {idle}"


def test_a_verb_nobody_ruled_on_is_shut(anybody):
    with pytest.raises(Unruled):
        policy.require(anybody, "nobody.knows_this", None)


def test_a_table_nobody_ruled_on_is_shut(anybody):
    class Orphan(models.Model):  # noqa: DJ008
        class Meta:
            app_label = "kernel"
            managed = False

    try:
        with pytest.raises(Unruled):
            policy.visible(Orphan.objects.all(), anybody)
    finally:
        apps.all_models["kernel"].pop("orphan")
        apps.clear_cache()


def our_constraints():
    return [
        (model._meta.label, constraint.name)
        for model in our_models()
        for constraint in model._meta.constraints
    ]


@pytest.mark.parametrize(("model", "name"), our_constraints())
def test_the_name_of_a_constraint_is_a_sentence(model, name):
    room = model.split(".")[0]
    assert name.startswith(f"{room}_")
    assert len(name.split("_")) >= 4, "room, table, and what is promised"


@pytest.mark.parametrize(("model", "name"), our_constraints())
def test_every_constraint_has_a_test_that_breaks_it(model, name):
    assert name in TESTS, f"{model}: no test names {name}"


def test_every_order_ends_on_the_key():
    """Two rows with the same date must not dance between two pages."""
    found = []
    for source in sources():
        for call in calls(source.tree, "order_by"):
            last = call.args[-1] if call.args else None
            if isinstance(last, ast.Constant) and isinstance(last.value, str):
                key = last.value.lstrip("-").split("__")[-1]
                if key not in {"pk", "id", "code", "rpps", "fact_id"}:
                    found.append(f"{source.name}:{call.lineno} ends on {last.value!r}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_a_default_order_ends_on_the_key(model):
    if order := model._meta.ordering:
        assert str(order[-1]).lstrip("-") in {"pk", "id", "code"}


@pytest.fixture
def anybody():
    from tests.support import stranger

    return stranger()
