"""Where each task stands on the worklist, and when. Pure: no table, no clock.

Source : règles d’organisation du guichet (Cordée), à valider localement. Aucune n’est une règle de
soin : l’urgence vient du tri, qui fixe un délai d’organisation.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

NOW, TONIGHT, SOON, NORMAL, PLANNED = range(5)

URGENCY_OF_DELAY = {"tonight": TONIGHT, "h24": SOON, "h72": NORMAL, "planned": PLANNED}


@dataclass(frozen=True)
class Place:
    """The box of a kind of task, how urgent it is by itself, and within how long it is wanted."""

    box: str
    urgency: int | None = None  # None: as urgent as the request it belongs to
    within: timedelta | None = None


PLACES = {
    "qualify": Place("requests", SOON, timedelta(minutes=15)),
    "release_hold": Place("alerts", NOW, timedelta(minutes=30)),
    "await_answer": Place("answers"),
    "confirm_identity": Place("answers", NOW, timedelta(minutes=10)),
    "decide_later_offer": Place("answers", None, timedelta(minutes=30)),
    "call_back": Place("tasks", None, timedelta(minutes=30)),
    "choose_alternative": Place("alerts", NOW, timedelta(minutes=30)),
    "tell_withdrawal": Place("alerts", NOW, timedelta(minutes=15)),
    "get_confirmation": Place("alerts", NOW, timedelta(minutes=30)),
    "close_request": Place("tasks", PLANNED, timedelta(days=1)),
    "review_stopped": Place("alerts", NOW, timedelta(hours=1)),
    "review_emergency": Place("alerts", SOON, timedelta(days=7)),
    "read_text": Place("messages", NOW, timedelta(minutes=15)),
    "delivery_failed": Place("messages", TONIGHT, timedelta(hours=1)),
    "carrier_down": Place("messages", NOW, timedelta(minutes=30)),
}

# Only what no fact will ever settle may be ticked off by hand: a call-back is done when it is
# written down where the requester's request is, not when somebody wants it off the list.
SETTLED_BY_HAND = {"review_stopped", "read_text", "delivery_failed", "carrier_down"}

UNDATED = timedelta(days=30)


def due_at(kind: str, since_at: datetime, deadline_at: datetime | None = None) -> datetime | None:
    """When a task is wanted: its own delay, or the deadline of what it belongs to if sooner."""
    within = PLACES[kind].within
    own = since_at + within if within else None
    return min((moment for moment in (own, deadline_at) if moment), default=None)


def sorts_at(since_at: datetime, due: datetime | None) -> datetime:
    """The one order of the worklist: by what is due; the undated come a month after they began."""
    return due or since_at + UNDATED


def urgency_of(kind: str, delay: str = "") -> int:
    """The urgency of a kind of task: its own, else the one of the request's delay."""
    own = PLACES[kind].urgency
    return own if own is not None else URGENCY_OF_DELAY.get(delay, NORMAL)


SNOOZES = {
    "30min": "30 minutes",
    "2h": "2 heures",
    "soir": "ce soir, 18:00",
    "demain": "demain, 9:00",
}


def snooze_until(choice: str, now: datetime) -> datetime:
    """When a task comes back. `now` knows its zone: hours of the day are local ones.

    Raises KeyError for a choice that is not offered.
    """
    evening = now.replace(hour=18, minute=0, second=0, microsecond=0)
    tomorrow = (now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    return {
        "30min": now + timedelta(minutes=30),
        "2h": now + timedelta(hours=2),
        "soir": evening if evening > now else tomorrow,
        "demain": tomorrow,
    }[choice]
