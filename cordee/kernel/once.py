"""Asked once while one page is put together: its parts ask the same of the same person."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from inspect import unwrap
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_answers: ContextVar[dict[Any, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Keep the answers of `once` functions until the end, and not a moment longer.

    For what only reads: nothing is forgotten when a gesture writes. Within another, they are one.
    """
    kept = _answers.get()
    token = _answers.set({} if kept is None else kept)
    try:
        yield
    finally:
        _answers.reset(token)


def once(function: Callable[P, R]) -> Callable[P, R]:
    """Answer again what was answered for the same arguments, inside `asked_once`; elsewhere, ask.

    Arguments must be hashable. What raises is asked again.
    """

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        kept = _answers.get()
        if kept is None:
            return function(*args, **kwargs)
        key = (function, args, tuple(sorted(kwargs.items())) if kwargs else ())
        if key not in kept:
            kept[key] = function(*args, **kwargs)
        answer: R = kept[key]
        return answer

    return asked


def keep(function: Callable[..., R], answer: R, *args: Any, **kwargs: Any) -> None:
    """Keep what a `once` function would answer, where it was found with the answers of others."""
    kept = _answers.get()
    if kept is not None:
        kept.setdefault((unwrap(function), args, tuple(sorted(kwargs.items()))), answer)
