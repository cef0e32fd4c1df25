"""The frame of every gesture: one lock, one rule, one trace, one commit."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial, wraps
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.fetched import Fetch
from cordee.access.policy import require
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.facts import Gesture, current_gesture, during
from cordee.kernel.prepared import run

verbs: dict[str, Callable[..., Any]] = {}


@contextmanager
def gesture(*, actor: Actor, verb: str, now: datetime) -> Iterator[None]:
    """Open a transaction in which records may be written, in the name of an actor.

    For bulk imports and demonstration data; everything else is an `@action`.
    """
    with _opened(actor, verb, now, _tell_database):
        yield


@contextmanager
def _opened(
    actor: Actor,
    verb: str,
    now: datetime,
    tell: Callable[[Gesture], None],
    *,
    is_part: bool = False,
) -> Iterator[None]:
    outer, ends_here = current_gesture(), not connection.in_atomic_block
    inner = Gesture(actor.reference(), verb, actor.origin.value, now)
    with transaction.atomic(savepoint=not (is_part and outer)), during(inner):
        tell(inner)
        yield
        if not ends_here:  # the commit does it, as the rollback has already done after an error
            _tell_database(outer)


def action(
    verb: str, *, on: str | None, lock: tuple[str, ...] | None = None, is_part: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a service function a checked, traced, atomic gesture on its `on` argument.

    `lock` names what is locked, in order: the `on` argument itself by its name, or paths from it
    ("solicitation", "solicitation.person"). By default the subject alone. `is_part`: inside another
    gesture, what it refuses undoes that one as well. The function must take `actor` and `now` by
    keyword. Raises Forbidden, after tracing it, when the rule says no.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*, actor: Actor, now: datetime, **arguments: Any) -> Any:
            subject = arguments[on] if on else None
            tell = _tell_database if on else partial(_tell_and_trace, actor)
            try:
                with _opened(actor, verb, now, tell, is_part=is_part):
                    if on and isinstance(subject, Model):
                        names = (on,) if lock is None else lock
                        subject = arguments[on] = _locked(subject, on, names)
                    require(actor, verb, subject)
                    if on:
                        trace.did(actor, verb, subject)
                    return function(actor=actor, now=now, **arguments)
            except Forbidden as refusal:
                if current_gesture() is None:
                    trace.refused(actor, refusal.verb, subject)
                    refusal.traced = True
                raise

        verbs[verb] = run
        run.verb = verb  # type: ignore[attr-defined]
        return run

    return decorate


def _tell_database(gesture: Gesture | None) -> None:
    run("SELECT set_config('cordee.gesture', %s, true)", [_named(gesture) if gesture else ""])


def _tell_and_trace(actor: Actor, gesture: Gesture) -> None:
    """Tell which gesture begins and trace it, which is about no row that is still to be locked: by
    one statement. Where its rule then says no, its line goes with the rest."""
    trace.begun(actor, gesture.verb, _named(gesture))


def _named(gesture: Gesture) -> str:
    return json.dumps({"actor": gesture.actor, "verb": gesture.verb, "origin": gesture.origin})


def _locked(subject: Model, on: str, names: tuple[str, ...]) -> Model:
    """Lock the named rows in order, and return the subject read again under its lock."""
    parents: dict[str, Model] = {}
    for name in names:
        if name == on:
            subject = _reload(subject)
            continue
        parent: Any = subject
        for step in name.split("."):
            parent = getattr(parent, step)
        if parent is not None:
            parents[name] = _reload(parent)
    for name, parent in parents.items():
        holder: Any = subject
        *path, last = name.split(".")
        for step in path:
            holder = getattr(holder, step)
        setattr(holder, last, parent)
    return subject


def _reload(row: Model) -> Model:
    held: Model | None = _held(type(row))([row.pk]).get(row.pk)
    if held is None:
        raise DomainError(
            "access.gone",
            "Ce que vous vouliez modifier vient d’être retiré. Rien n’a été modifié : revenez en "
            "arrière pour voir où en sont les choses.",
        )
    return held


@cache
def _held(model: type[Model]) -> Fetch:
    return Fetch(lambda: model._base_manager.select_for_update(of=("self",)))
