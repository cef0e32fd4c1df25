"""How fast a partner may ask: a bucket that refills. Pure; who keeps it says where."""

from dataclasses import dataclass

BURST = 20  # seconds of its rate that may come at once


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left at a moment, in calls."""

    left: float
    at: float


def taken(bucket: Bucket | None, per_minute: float, at: float) -> tuple[Bucket, float]:
    """Take one call. Gives the bucket, and the seconds to wait: 0 when the call may pass."""
    rate = per_minute / 60
    most = max(1.0, rate * BURST)
    before = bucket or Bucket(most, at)
    left = min(most, before.left + max(0.0, at - before.at) * rate)
    if left < 1:
        return Bucket(left, at), (1 - left) / rate
    return Bucket(left - 1, at), 0.0
