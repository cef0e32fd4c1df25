"""What the person who typed the command sees: one line per step, its duration, plain sentences."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(sentence: str = "") -> None:
    """Print a line at once, even into a file or a pipe."""
    print(sentence, flush=True)


def detail(line: str) -> None:
    """Print what a step says of itself, set back."""
    if line.strip():
        say(f"      {line.strip()}")


@contextmanager
def step(name: str) -> Iterator[None]:
    """Show a step while it runs and how long it took."""
    began = time.monotonic()
    say(f"  … {name}")
    try:
        yield
    except BaseException:
        say(f"  ✗ {name}")
        raise
    seconds = f"{time.monotonic() - began:.1f}".replace(".", ",")
    say(f"  ✓ {name} ({seconds} s)")
