"""Who may ask how fast: kept in the memory of each process, which takes its share of the rate.

Not in PostgreSQL: a row that every call of a partner changes would make its calls wait for each
other, and the limit protects the house from a loop gone wrong, not a price list. A process that
starts again forgets; so many machines serve, so many times the rate.
"""

from datetime import datetime
from math import ceil
from threading import Lock
from uuid import UUID

from django.conf import settings

from cordee.partners.rules.flow import Bucket, taken

KEPT = 10_000
"""Of each kind; beyond it, who came longest ago is forgotten."""
_clients: dict[object, Bucket] = {}
_unknown: dict[object, Bucket] = {}
_lock = Lock()


def seconds_to_wait(who: object, per_minute: int, now: datetime) -> int:
    """Take one call of somebody's rate. Gives the seconds to wait, 0 when it may pass.

    `who`: the identifier of a client; anything else names who is not known, and however many
    those are, no client is forgotten for them.
    """
    share = per_minute / max(1, settings.CORDEE.processes)
    buckets = _clients if isinstance(who, UUID) else _unknown
    with _lock:
        bucket, wait = taken(buckets.pop(who, None), share, now.timestamp())
        if len(buckets) >= KEPT:
            del buckets[next(iter(buckets))]
        buckets[who] = bucket  # last: a dictionary keeps its order
    return ceil(wait)


def forget() -> None:
    """Begin again: a test, a process that was just forked."""
    with _lock:
        _clients.clear()
        _unknown.clear()
