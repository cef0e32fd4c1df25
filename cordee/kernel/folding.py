"""Migrate in fewer strokes: a table is created with its constraints and indexes, not before them.

Each stroke costs Django a drawing of models in memory (see `sketching`), and the server a table to
go through. The tables are the same; only the number of strokes changes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db.migrations import AddConstraint, AddIndex, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from cordee.kernel.sketching import Sketched


@contextmanager
def fold_migrations() -> Iterator[None]:
    """Meanwhile, every migration of this process is folded, and its models only sketched."""
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values()
    written = {type(migration): migration.operations for migration in disk}
    for migration, operations in written.items():
        migration.operations = [Sketched(one) for one in fold(operations)]
    try:
        yield
    finally:
        for migration, operations in written.items():
            migration.operations = operations


def fold(operations: Sequence[Operation]) -> list[Operation]:
    """Move constraints and indexes into the creation of their table, when nothing stands between.

    SQL or Python in between may make what a constraint needs: nothing is moved across them.
    """
    folded: list[Operation] = []
    created: dict[str, CreateModel] = {}
    for operation in operations:
        table = created.get(getattr(operation, "model_name_lower", ""))
        if isinstance(operation, CreateModel):
            operation = _copy(operation)
            created[operation.name_lower] = operation
        elif table and isinstance(operation, AddConstraint):
            table.options["constraints"].append(operation.constraint)
            continue
        elif table and isinstance(operation, AddIndex):
            table.options["indexes"].append(operation.index)
            continue
        elif table:
            del created[operation.model_name_lower]  # type: ignore[attr-defined]
        elif not hasattr(operation, "model_name_lower"):
            created.clear()
        folded.append(operation)
    return folded


def _copy(operation: CreateModel) -> CreateModel:
    lists = {name: list(operation.options.get(name, ())) for name in ("constraints", "indexes")}
    options = {**operation.options, **lists}
    return CreateModel(
        operation.name, operation.fields, options, operation.bases, operation.managers
    )
