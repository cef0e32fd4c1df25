"""Who may ask how fast: kept in the memory of each process, which takes its share of the rate.

Not in PostgreSQL: a row that every call of a partner changes would make its calls wait for each
other, and the limit protects the house from a loop gone wrong, not a price list. A process that
starts again forgets; so many machines serve, so many times the rate.
"""

from datetime import datetime
from math import ceil
from threading import Lock

from django.conf import settings

from cordee.partners.rules.flow import Bucket, taken

KEPT = 10_000
_buckets: dict[object, Bucket] = {}
_lock = Lock()


def seconds_to_wait(who: object, per_minute: int, now: datetime) -> int:
    """Take one call of somebody's rate. Gives the seconds to wait, 0 when it may pass."""
    share = per_minute / max(1, settings.CORDEE.processes)
    with _lock:
        if len(_buckets) >= KEPT and who not in _buckets:
            _buckets.clear()
        _buckets[who], wait = taken(_buckets.get(who), share, now.timestamp())
    return ceil(wait)


def forget() -> None:
    """Begin again: a test, a process that was just forked."""
    with _lock:
        _buckets.clear()
