"""Migrate without drawing every model in memory again at each stroke.

Django keeps all models drawn while it migrates, and draws again those that are tied to a changed
one: most of them, hundreds of times, which was most of the time of a first start. A stroke only
asks for one model: it is drawn when asked for, with what it stands on. What leans on it matters to
one kind of stroke alone, a change of a column that others may refer to: that one draws everything.
"""

from collections.abc import Iterator
from typing import Any

from django.db.migrations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    RemoveConstraint,
    RemoveIndex,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState, StateApps
from django.db.migrations.utils import resolve_relation

Key = tuple[str, str]
ASK_FOR_ONE = (
    *(CreateModel, AddField, AlterField, AddIndex, RemoveIndex, AddConstraint, RemoveConstraint),
)


class Sketched(Operation):
    """An operation whose models are drawn when it asks for them."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.atomic = operation.atomic  # type: ignore[misc]  # Django reads it of the operation
        self.is_narrow = isinstance(operation, ASK_FOR_ONE) and not _is_leant_on(operation)

    def describe(self) -> str:
        return self.operation.describe()

    def state_forwards(self, app_label: str, state: Any) -> None:
        state.__dict__.pop("apps", None)  # while it is there, Django keeps it up to date
        self.operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for state in (from_state, to_state):
            state.__dict__.pop("apps", None)
            if self.is_narrow:
                sketch(state)
        self.operation.database_forwards(app_label, schema_editor, from_state, to_state)
        sketch(to_state)  # or Django would draw everything before the next migration


class Sketch:
    """What stands for the models of a state: each is drawn when it is asked for."""

    def __init__(self, state: ProjectState) -> None:
        self.state = state

    def get_model(self, app_label: str, model_name: str) -> Any:
        models = self.state.models
        drawn = {key: models[key] for key in around(models, (app_label, model_name.lower()))}
        return StateApps(list(self.state.real_apps), drawn).get_model(app_label, model_name)

    def clone(self) -> "Sketch":
        return self  # for an instant: the stroke that copied its state sketches it anew


def sketch(state: Any) -> None:
    """Put a sketch where a state keeps its models.

    Said to be delayed, it is left for the whole drawing by Django itself wherever Python looks at
    the models: in a migration, and at the end.
    """
    state.__dict__["apps"], state.is_delayed = Sketch(state), True


def around(models: dict[Key, ModelState], key: Key) -> set[Key]:
    """A model, and all that it stands on."""
    reached: set[Key] = set()
    waiting = {key}
    while waiting:
        one = waiting.pop()
        reached.add(one)
        waiting |= (set(_named_by(models[one])) & models.keys()) - reached
    return reached


def _named_by(state: ModelState) -> Iterator[Key]:
    """The models that a model has in its fields and its bases."""
    own = state.app_label, state.name_lower
    for field in state.fields.values():
        remote = field.remote_field
        for other in (getattr(remote, "model", None), getattr(remote, "through", None)):
            if other:
                yield resolve_relation(other, *own)
    yield from (resolve_relation(base, *own) for base in state.bases if isinstance(base, str))


def _is_leant_on(operation: Operation) -> bool:
    """Columns that refer to one that is unique change with it, and those that refer to these."""
    if not isinstance(operation, AlterField):
        return False
    return operation.field.primary_key or operation.field.unique
