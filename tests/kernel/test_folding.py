"""Fewer strokes, the same tables."""

import pytest
from django.db import connection, models
from django.db.migrations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    RunSQL,
)
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from cordee.kernel.folding import fold, fold_migrations
from cordee.kernel.sketching import Sketched, sketch

TABLE = CreateModel("Thing", [("id", models.BigAutoField(primary_key=True))])
INDEX = AddIndex("thing", models.Index(fields=["id"], name="thing_by_id"))
POSITIVE = AddConstraint(
    "thing", models.CheckConstraint(condition=models.Q(id__gt=0), name="thing_is_positive")
)


def names(operations):
    return [type(operation).__name__ for operation in operations]


def test_a_table_is_created_with_its_constraints_and_indexes():
    (table,) = fold([TABLE, INDEX, POSITIVE])
    assert table.options["indexes"] == [INDEX.index]
    assert table.options["constraints"] == [POSITIVE.constraint]
    assert "constraints" not in TABLE.options


def test_nothing_moves_across_sql_that_a_constraint_may_need():
    operations = [TABLE, RunSQL("SELECT 1"), POSITIVE]
    assert names(fold(operations)) == ["CreateModel", "RunSQL", "AddConstraint"]


def test_nothing_moves_across_a_change_of_the_same_table():
    later = AddField("thing", "age", models.IntegerField(default=0))
    assert names(fold([TABLE, later, INDEX])) == ["CreateModel", "AddField", "AddIndex"]


def test_every_migration_of_the_house_ends_in_the_same_state():
    for (app, _), migration in MigrationLoader(None).disk_migrations.items():
        if not type(migration).__module__.startswith("cordee."):
            continue
        one, other = ProjectState(), ProjectState()
        shorter = fold(migration.operations)
        try:
            for operation in migration.operations:
                operation.state_forwards(app, one)
        except KeyError:
            continue  # changes a table of an earlier migration: nothing to fold there
        for operation in shorter:
            operation.state_forwards(app, other)
        assert drawn(one) == drawn(other), migration


def drawn(state):
    return {
        key: (
            list(model.fields),
            sorted(constraint.name for constraint in model.options["constraints"]),
            sorted(index.name for index in model.options["indexes"]),
        )
        for key, model in state.models.items()
    }


@pytest.mark.django_db
def test_a_state_sketched_draws_each_model_as_the_whole_does():
    """The table that each model makes, with the tables that its columns refer to."""
    whole, sketched = MigrationLoader(None).project_state(), MigrationLoader(None).project_state()
    sketch(sketched)
    for app, name in sorted(whole.models)[::4]:
        expected, found = whole.apps.get_model(app, name), sketched.apps.get_model(app, name)
        assert shape(found) == shape(expected), expected
    assert "apps" in sketched.__dict__  # so that Django draws nothing else meanwhile
    sketched.clear_delayed_apps_cache()  # as Django does before Python runs, and at the end
    assert len(sketched.apps.get_models()) == len(whole.apps.get_models())


def shape(model):
    if model._meta.swapped:
        return []  # a table that nobody makes: another stands for it
    with connection.schema_editor(collect_sql=True) as editor:
        editor.create_model(model)
    return editor.collected_sql + [str(one) for one in editor.deferred_sql]


def test_a_column_that_others_refer_to_is_changed_among_all_the_models():
    wider = AlterField("thing", "id", models.BigIntegerField(primary_key=True))
    told = AlterField("thing", "age", models.IntegerField(help_text="en années"))
    assert not Sketched(wider).is_narrow
    assert Sketched(told).is_narrow


def test_what_is_folded_to_migrate_is_afterwards_as_it_was_written():
    written = operations_of_the_house()
    with fold_migrations():
        assert {type(one) for one in operations_of_the_house()} == {Sketched}
    assert [type(one) for one in operations_of_the_house()] == [type(one) for one in written]


def operations_of_the_house():
    disk = MigrationLoader(None).disk_migrations.values()
    return [operation for migration in disk for operation in migration.operations]
