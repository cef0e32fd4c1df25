"""Heures calmes : heure murale du territoire, changements d’heure compris."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def is_quiet(at: datetime, begins: time, ends: time, zone: ZoneInfo = PARIS) -> bool:
    """Say whether the wall clock stands in quiet hours; equal bounds mean there are none."""
    wall = at.astimezone(zone).time()
    if begins <= ends:
        return begins <= wall < ends
    return wall >= begins or wall < ends


def quiet_ends_at(at: datetime, begins: time, ends: time, zone: ZoneInfo = PARIS) -> datetime:
    """Give the first moment, not before `at`, when texts may leave."""
    moment = at
    while is_quiet(moment, begins, ends, zone):
        moment = _next_wall(moment, ends, zone)
    return moment


def _next_wall(after: datetime, wall: time, zone: ZoneInfo) -> datetime:
    """Give the next time this wall clock is shown: twice in autumn, shifted in spring."""
    today = after.astimezone(zone).date()
    for days in (0, 1):
        for fold in (0, 1):
            shown = datetime.combine(today + timedelta(days=days), wall, zone).replace(fold=fold)
            moment = shown.astimezone(UTC)
            if moment > after:
                return moment
    raise AssertionError("a day always shows every wall clock, or skips it")
