"""How quick this machine is now: others whom one does not see share its cores, and an hour may be
worth half of another. Figures of two runs are compared beside it."""

import time

ADDITIONS = 5_000_000


def pace() -> float:
    """Return the processor time of five million additions of Python, the best of three, in ms."""
    return min(_added() for _ in range(3)) * 1000


def _added() -> float:
    began, total = time.process_time(), 0
    for one in range(ADDITIONS):
        total += one
    return time.process_time() - began
