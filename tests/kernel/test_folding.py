"""Fewer strokes, the same tables."""

from django.db import models
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from cordee.kernel.folding import fold

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
