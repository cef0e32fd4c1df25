"""Memory, where a gesture makes hundreds of thousands of things at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
