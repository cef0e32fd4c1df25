"""The rules of sight and deed, registered by each `policy.py`. What nobody ruled on is shut."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet, UUIDField
from django.http import Http404

from cordee.access.about import Question, asking, note
from cordee.access.actor import Actor, Purpose, Role
from cordee.access.conditions import narrowed
from cordee.access.models import Account, PreviousState, Seal
from cordee.access.stencil import (
    Said,
    Stencil,
    Unsteady,
    filled_up,
    marked,
    refusing,
    run_together,
    shape_of,
)
from cordee.kernel.base import any_of
from cordee.kernel.errors import Forbidden, Unruled
from cordee.kernel.models import DatabaseRoles, Latch, ThreadHead
from cordee.kernel.once import keep, once

if TYPE_CHECKING:
    from cordee.access.fetched import Fetch

Scope = Callable[[Actor], Q]
Rule = Callable[[Actor, Any], bool]
ModelT = TypeVar("ModelT", bound=Model)

_scopes: dict[type[Model], Scope] = {}
_rules: dict[str, Rule] = {}

NOTHING = Q(pk__in=[])


def sees(model: type[Model]) -> Callable[[Scope], Scope]:
    """Register who sees which rows of a table: a function from the actor to a filter."""

    def register(scope: Scope) -> Scope:
        if model in _scopes:
            raise Unruled(f"two scopes for {model._meta.label}")
        _scopes[model] = scope
        return scope

    return register


def allows(verb: str) -> Callable[[Rule], Rule]:
    """Register who may do a verb to a thing: a function from actor and thing to yes or no."""

    def register(rule: Rule) -> Rule:
        if verb in _rules:
            raise Unruled(f"two rules for {verb}")
        _rules[verb] = rule
        return rule

    return register


def everyone(actor: Actor) -> Q:
    """Scope of reference data: every row, for whoever is there."""
    return Q()


def signed_in(actor: Actor) -> Q:
    """Scope of what any account may see, and no visitor."""
    return NOTHING if actor.role in (Role.ANONYMOUS, Role.GUEST) else Q()


def nobody(actor: Actor) -> Q:
    """Scope of technical tables: no door shows them; jobs do."""
    return Q() if actor.role is Role.SYSTEM else NOTHING


def through_organization(path: str) -> Scope:
    """Scope of what belongs to the actor's organisations."""

    def scope(actor: Actor) -> Q:
        return Q() if actor.role is Role.SYSTEM else Q(**{f"{path}__in": actor.organizations})

    return scope


def through_territory(path: str) -> Scope:
    """Scope of what lies in the actor's territories."""

    def scope(actor: Actor) -> Q:
        return Q() if actor.role is Role.SYSTEM else Q(**{f"{path}__in": actor.territories})

    return scope


def scope_of(model: type[Model]) -> Scope:
    """The scope of a table. Raises Unruled when nobody ruled."""
    try:
        return _scopes[model]
    except KeyError:
        raise Unruled(f"no scope for {model._meta.label}") from None


def visible(queryset: QuerySet[ModelT], actor: Actor) -> QuerySet[ModelT]:
    """Narrow rows to those that the actor may see."""
    told = _judged.get()
    if told is not None and told[:2] == (queryset.model, actor):
        return queryset.filter(pk__in=any_of(told[2], "uuid")) if told[2] else queryset.none()
    return narrowed(queryset, scope_of(queryset.model), actor)


_judged: ContextVar[tuple[type[Model], Actor, Collection[UUID]] | None] = ContextVar(
    "judged", default=None
)


@contextmanager
def judged(model: type[Model], actor: Actor, keys: Collection[UUID] | None) -> Iterator[None]:
    """Within, the rows of a table that an actor may see are those: of all that is asked for, they
    were judged already, by a statement planned once (`seen_about`, `sees_row`). None: nobody was.

    A queryset that judges them plans its conditions each time: ten times what running it costs.
    """
    token = _judged.set(None if keys is None else (model, actor, keys))
    try:
        yield
    finally:
        _judged.reset(token)


def is_allowed(actor: Actor, verb: str, subject: Any = None) -> bool:
    """Say whether a verb is allowed: for showing a button. Raises Unruled without a rule.

    Emergency is sight, never deed: whoever looks through that door may do nothing.
    """
    try:
        rule = _rules[verb]
    except KeyError:
        raise Unruled(f"no rule for {verb}") from None
    return actor.purpose is not Purpose.EMERGENCY and bool(rule(actor, subject))


def require(actor: Actor, verb: str, subject: Any = None) -> None:
    """Raise Forbidden unless the verb is allowed."""
    if not is_allowed(actor, verb, subject):
        raise Forbidden(verb)


@once
def sees_row(actor: Actor, model: type[Model], pk: UUID | str) -> bool:
    """Say whether the actor may see one row. One query, planned once per connection."""
    key = model._meta.pk.to_python(pk)
    if (model, actor.role) not in _unsteady:
        try:
            return bool(_seen(actor=actor, model=model, pk=key))
        except Unsteady:  # its scope asks the database itself
            _unsteady.add((model, actor.role))
    return _row(actor, model, key).exists()


_unsteady: set[tuple[type[Model], Role]] = set()


def _row(actor: Actor, model: type[Model], pk: UUID) -> QuerySet[Any, Any]:
    return visible(model._default_manager.filter(pk=pk), actor).values_list("pk")


_seen = Stencil(_row, shapes=5_000)  # those of every table, by role, share them


def seen_among(actor: Actor, model: type[Model], keys: Collection[UUID]) -> set[UUID]:
    """Say which of many rows the actor may see. One query, planned once for a few lengths."""
    return {pk for (pk,) in _among(actor=actor, model=model, keys=filled_up(keys))}


@Stencil
def _among(actor: Actor, model: type[Model], keys: list[UUID]) -> QuerySet[Any, Any]:
    rows = model._default_manager.filter(pk__in=any_of(keys, "uuid"))
    return visible(rows, actor).order_by("pk").values_list("pk")


@once
def seen_about(actor: Actor, model: type[Model], person_id: UUID, *, path: str) -> tuple[Any, ...]:
    """Give the keys of the rows about somebody that the actor may see. One query, planned once per
    connection: a list fetched by its keys is planned in a tenth of the time of one with its sight.

    `path`: the field that leads from the table to the person.
    """
    note(model, path)
    try:
        rows = _about(**_told(actor, model, person_id, path))
    except Unsteady:  # its scope asks the database itself
        rows = list(_keys_about(actor=actor, model=model, path=path, person_id=person_id))
    return tuple(pk for (pk,) in rows)


def _told(actor: Actor, model: type[Model], person_id: UUID, path: str) -> dict[str, Any]:
    answers = tuple((one, one(actor, person_id)) for one in questions_of(actor, model, path))
    told = {"actor": actor, "model": model, "path": path}
    return told | {"person_id": person_id, "answers": answers}


def see_about(actor: Actor, person_id: UUID, tables: Collection[tuple[type[Model], str]]) -> None:
    """Ask `seen_about` of many tables at once, within `asked_once`. One query for all those whose
    keys are of one kind and whose scope asks the database nothing."""
    asked: dict[tuple[type[Model], str], Said] = {}
    for model, path in tables:
        if isinstance(model._meta.pk, UUIDField):
            with suppress(Unsteady):
                asked[model, path] = _about.said(**_told(actor, model, person_id, path))
    for (model, path), rows in zip(asked, run_together(asked.values()), strict=True):
        keep(seen_about, tuple(rows), actor, model, person_id, path=path)


def questions_of(actor: Actor, model: type[Model], path: str) -> list[Question]:
    """What the scope of a table asks of the person that its rows lead to, by shape of the actor."""
    scope = scope_of(model)
    shape = (scope, path, shape_of(actor, []))
    if shape not in _asked:
        with asking(path.removesuffix("_id")) as told, refusing():
            scope(marked(actor, []))
        _asked[shape] = list(dict.fromkeys(told.met))
    return _asked[shape]


_asked: dict[object, list[Question]] = {}


def _rows_about(
    actor: Actor,
    model: type[Model],
    path: str,
    person_id: UUID,
    answers: tuple[tuple[Question, bool], ...] = (),
) -> QuerySet[Any]:
    with asking(path.removesuffix("_id"), dict(answers)):
        return model._default_manager.filter(scope_of(model)(actor), **{path: person_id})


def _keys_about(**told: Any) -> QuerySet[Any, Any]:
    return _rows_about(**told).order_by().values_list("pk")


_about = Stencil(_keys_about, shapes=5_000)


class SomeAbout:
    """What `narrow` takes of the rows about somebody that an actor may see, as plain values: a few
    of thousands, of which `seen_about` would give every key. One query, planned once, which does
    not judge row by row what may be known of her.

    `path`: the field that leads from the table to the person.
    """

    def __init__(
        self, model: type[Model], path: str, narrow: Callable[..., QuerySet[Any, Any]]
    ) -> None:
        self.model, self.path, self.narrow = model, path, narrow
        self.asking = Stencil(lambda given, **told: narrow(_rows_about(**told), **given))

    def __call__(self, actor: Actor, person_id: UUID, **given: Any) -> list[tuple[Any, ...]]:
        """Give the rows; `given` is what `narrow` asks beside them."""
        told = _told(actor, self.model, person_id, self.path)
        try:
            return self.asking(given=given, **told)
        except Unsteady:  # its scope asks the database itself
            return list(self.narrow(_rows_about(**told), **given))


def get_visible(
    actor: Actor, source: "type[ModelT] | QuerySet[ModelT] | Fetch", pk: UUID | str
) -> ModelT:
    """Fetch one row that the actor may see. What is invisible does not exist: Http404, traced.

    Two queries: that of sight is planned once, a row fetched with it would plan it each time. The
    row that hides takes as long as the one that does not exist. The second is planned once as well
    where it is given as a `Fetch`.
    """
    from cordee.access import trace

    if isinstance(source, type):
        source = source._default_manager.all()
    seen = sees_row(actor, source.model, pk)
    if isinstance(source, QuerySet):
        found = source.filter(pk=pk).first() if seen else None
    else:
        found = source.one(source.model._meta.pk.to_python(pk)) if seen else None
    if found is None:
        trace.refused(actor, f"{source.model._meta.label_lower}.read", subject_id=pk)
        raise Http404
    return found


@allows("access.tell_seals")
def is_the_house(actor: Actor, subject: None) -> bool:
    """Cordée itself, each night."""
    return actor.role is Role.SYSTEM


sees(Account)(signed_in)
for technical in (Seal, PreviousState, ThreadHead, DatabaseRoles, Latch):
    sees(technical)(nobody)


@allows("access.announce_retention")
def _announce_retention(actor: Actor, subject: Any) -> bool:
    return actor.role is Role.SYSTEM
