"""Where each task stands on the worklist, and when. Pure: no table, no clock.

Source : règles d’organisation du guichet (Cordée), à valider localement. Aucune n’est une règle de
soin : l’urgence vient du tri, qui fixe un délai d’organisation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cordee.pathways.rules.kinds import KINDS as KINDS
from cordee.pathways.rules.kinds import NORMAL, SOON, TONIGHT
from cordee.pathways.rules.kinds import PLANNED as PLANNED

URGENCY_OF_DELAY = {"tonight": TONIGHT, "h24": SOON, "h72": NORMAL, "planned": PLANNED}
SETTLED_BY_HAND = frozenset(code for code, kind in KINDS.items() if kind.by_hand)
# What follows from where a request and its search stand; the rest is opened by a fact, once.
DERIVED = frozenset(code for code, kind in KINDS.items() if kind.is_derived)
GIVEN_UP = ("refused", "cancelled", "handed_on")
SEEKING, TAKEN = ("open", "held"), ("filled", "confirmed")


@dataclass(frozen=True)
class Rope:
    """Where a request and its search stand, in their own codes; `search` is "" without one."""

    state: str
    held: bool = False
    light: bool = False
    told: bool = False  # the requester knows the last outcome
    is_news: bool = False  # something came of the request since it was received
    is_hidden: bool = False  # the person refuses coordination: the desk sees them no more
    search: str = ""
    is_same: bool = True  # the request names whoever said yes
    is_same_day: bool = True  # and when they come
    asks_again: bool = False  # the need changed since the yes
    offers_later: bool = False  # whoever said yes comes later than asked: the desk decides
    is_settled: bool = True  # the request was confirmed since, by the desk
    is_late: bool = False  # whoever said yes has not said when they come
    is_fresh: bool = False  # the search began after the request came back to the desk


def disagreement(rope: Rope) -> str:
    """Say what the request or its search must do next to agree; "" when they do.

    A request that is over or held is searched no more, and keeps who was found while it is held.
    Otherwise the search is right: it knows who said yes, and who does not come.
    """
    if rope.state in GIVEN_UP:
        return "stop" if rope.search in (*SEEKING, *TAKEN) else ""
    if not rope.search or rope.state == "received":
        return ""
    if rope.search in SEEKING and rope.held and rope.state == "qualified":
        return "stop"
    if rope.state == "qualified":
        return _from_qualified(rope)
    if rope.state == "searching":
        return "find" if rope.search in TAKEN else "" if rope.search in SEEKING else "unfill"
    return _once_found(rope)


def _from_qualified(rope: Rope) -> str:
    if rope.search in TAKEN:
        return "find"
    nobody = rope.search == "exhausted" and rope.is_fresh and not rope.held
    return "search" if rope.search in SEEKING or nobody else ""


def _once_found(rope: Rope) -> str:
    if rope.search not in TAKEN or not rope.is_same:
        return "reopen"
    if rope.search == "confirmed":
        is_said = rope.state != "found" and rope.is_same_day
        return "" if is_said else "confirm"
    if rope.state == "found":
        return ""
    return "date" if rope.is_settled else "unconfirm"


def owed(rope: Rope) -> frozenset[str]:
    """Say which tasks a request asks for, as it stands: while it is open, never none of them
    unless a search or whoever said yes is awaited."""
    if rope.state in GIVEN_UP:
        return frozenset() if rope.told or rope.is_hidden else frozenset({"call_back"})
    if rope.state == "closed":
        return frozenset()
    held = frozenset({"release_hold"}) if rope.held else frozenset()
    return held | _OWED[rope.state](rope)


def _of_qualified(rope: Rope) -> frozenset[str]:
    if rope.held:
        return frozenset()
    return _to_end(rope) if rope.light else frozenset({"choose_alternative"})


def _of_searching(rope: Rope) -> frozenset[str]:
    identity = {"confirm_identity"} if rope.search == "held" else set()
    again = {"tell_withdrawal"} if rope.is_news and not rope.told else set()
    return frozenset({"await_answer", *identity, *again})


def _of_found(rope: Rope) -> frozenset[str]:
    if rope.asks_again:
        return frozenset({"warn_who_comes"})
    tell = set() if rope.told else {"call_back"}
    if rope.offers_later:
        return frozenset(tell | {"decide_later_offer"})
    return frozenset(tell | ({"get_confirmation"} if rope.is_late else set()))


def _to_end(rope: Rope) -> frozenset[str]:
    return frozenset({"close_request" if rope.told else "call_back"})


_OWED: dict[str, Callable[[Rope], frozenset[str]]] = {
    "received": lambda rope: frozenset() if rope.held else frozenset({"qualify"}),
    "qualified": _of_qualified,
    "searching": _of_searching,
    "found": _of_found,
    "confirmed": _to_end,
}

UNDATED = timedelta(days=30)


def due_at(kind: str, since_at: datetime, deadline_at: datetime | None = None) -> datetime | None:
    """When a task is wanted: its own delay, or the deadline of what it belongs to if sooner; where
    somebody chooses the day, that day."""
    within = None if deadline_at and KINDS[kind].by_choice else KINDS[kind].within
    own = since_at + within if within else None
    return min((moment for moment in (own, deadline_at) if moment), default=None)


def sorts_at(since_at: datetime, due: datetime | None) -> datetime:
    """The one order of the worklist: by what is due; the undated come a month after they began."""
    return due or since_at + UNDATED


def urgency_of(kind: str, delay: str = "") -> int:
    """The urgency of a kind of task: its own, else the one of the request's delay."""
    own = KINDS[kind].urgency
    return own if own is not None else URGENCY_OF_DELAY.get(delay, NORMAL)


def is_past_at(visit: datetime) -> datetime:
    """When a visit is past: its day, whole. `visit` knows its zone: days are local ones."""
    return (visit + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


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
