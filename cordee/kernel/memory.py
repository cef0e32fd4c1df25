"""Memory: where a gesture makes hundreds of thousands of things at once, and what is worked out
again and again."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Generic, TypeVar
from weakref import WeakSet

AskedT = TypeVar("AskedT")
FoundT = TypeVar("FoundT")


@contextmanager
def without_collecting() -> Iterator[None]:
    """Look for no garbage meanwhile: rows in the making hold no cycle, and looking at them again
    and again is a quarter of the processor that a great batch takes."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Lately(Generic[AskedT, FoundT]):
    """A function whose answer follows from its argument alone, which says all of it: what it was
    lately asked is not worked out again.

    Nothing stays in memory: what is not asked again within `seconds` goes, within twice that time,
    and twice `most` answers are held at most. Where nobody asks any more, `forget_the_old` lets it
    go: what runs at intervals in the process calls it.
    """

    def __init__(self, function: Callable[..., FoundT], *, most: int, seconds: float) -> None:
        self.function, self.most, self.seconds = function, most, seconds
        self.young: dict[AskedT, FoundT] = {}
        self.old: dict[AskedT, FoundT] = {}
        self.until = monotonic() + seconds
        _all.add(self)

    def __call__(self, asked: AskedT, *beside: Any) -> FoundT:
        """Give the answer. Threads may ask at once: one that is lost is worked out again.

        `beside`: what says the same as the argument, where it is quicker to work from.
        """
        if len(self.young) >= self.most:
            self._turn(self.young)
        self.forget()
        young, found = self.young, self.young.get(asked)
        if found is None:
            found = self.old.get(asked)
            found = young[asked] = self.function(asked, *beside) if found is None else found
        return found

    def forget(self) -> None:
        """Let go of what was not asked again in time."""
        late = monotonic() - self.until
        if late > 0:
            self._turn({} if late > self.seconds else self.young)

    def _turn(self, old: dict[AskedT, FoundT]) -> None:
        self.old, self.young, self.until = old, {}, monotonic() + self.seconds


_all: "WeakSet[Lately[Any, Any]]" = WeakSet()


def forget_the_old() -> None:
    """Let go of all that was lately worked out and is not asked any more."""
    for one in list(_all):
        one.forget()
