"""Where each task stands on the worklist, and when. Pure: no table, no clock.

Source : règles d’organisation du guichet (Cordée), à valider localement. Aucune n’est une règle de
soin : l’urgence vient du tri, qui fixe un délai d’organisation.
"""

from collections.abc import Callable
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
    "warn_who_comes": Place("alerts", NOW, timedelta(minutes=15)),
    "tell_winner": Place("alerts", NOW, timedelta(minutes=15)),
    "close_request": Place("tasks", PLANNED, timedelta(days=1)),
    "meet_service": Place("alerts", NOW, timedelta(minutes=30)),
    "review_stopped": Place("alerts", NOW, timedelta(hours=1)),
    "place_gone": Place("alerts", NOW, timedelta(hours=1)),
    "review_emergency": Place("alerts", SOON, timedelta(days=7)),
    "tell_emergency": Place("alerts", SOON, timedelta(days=1)),
    "compare_records": Place("tasks", PLANNED, timedelta(days=7)),
    "review_merge": Place("tasks", PLANNED, timedelta(days=7)),
    "verify_measure": Place("alerts", SOON, timedelta(days=3)),
    "follow_action": Place("tasks", PLANNED),
    "answer_action": Place("answers", SOON, timedelta(days=2)),
    "give_line": Place("tasks", SOON, timedelta(days=2)),
    "review_plan": Place("tasks", PLANNED),
    "reassess": Place("tasks", PLANNED),
    "fill_part": Place("tasks", PLANNED),
    "chase_part": Place("tasks", SOON, timedelta(days=2)),
    "review_reinforced": Place("tasks", PLANNED),
    "prevent_rupture": Place("tasks", NORMAL),
    "repair_rupture": Place("alerts", SOON),
    "approve_protocol": Place("tasks", PLANNED, timedelta(days=7)),
    "follow_decision": Place("tasks", PLANNED),
    "hold_meeting": Place("tasks", PLANNED),
    "read_note": Place("tasks", PLANNED),
    "read_received": Place("messages", TONIGHT, timedelta(days=1)),
    "read_given": Place("messages", SOON, timedelta(days=3)),
    "read_urgent_liaison": Place("messages", NOW, timedelta(hours=1)),
    "read_liaison": Place("messages", SOON, timedelta(days=1)),
    "answer_alert": Place("alerts", NOW, timedelta(minutes=30)),
    "look_at_alert": Place("alerts", SOON, timedelta(days=1)),
    "follow_alert": Place("tasks", PLANNED, timedelta(days=7)),
    "answer_need": Place("tasks", SOON, timedelta(days=1)),
    "answer_safety": Place("alerts", NOW, timedelta(minutes=30)),
    "follow_equipment": Place("tasks", PLANNED),
    "review_trial": Place("tasks", PLANNED),
    "read_urgent_aside": Place("messages", NOW, timedelta(hours=1)),
    "read_aside": Place("messages", SOON, timedelta(days=1)),
    "read_text": Place("messages", NOW, timedelta(minutes=15)),
    "delivery_failed": Place("messages", TONIGHT, timedelta(hours=1)),
    "carrier_down": Place("messages", NOW, timedelta(minutes=30)),
}

# Only what no fact will ever settle may be ticked off by hand: a call-back is done when it is
# written down where the requester's request is, not when somebody wants it off the list.
SETTLED_BY_HAND = {
    *("meet_service", "review_stopped", "place_gone", "review_merge", "tell_winner"),
    *("read_text", "delivery_failed", "carrier_down", "answer_action", "read_note"),
    *("read_received", "read_given", "chase_part"),
}

# What follows from where a request and its search stand; the rest is opened by a fact, once.
DERIVED = frozenset(PLACES) - {
    "decide_later_offer",
    "meet_service",
    "review_stopped",
    "place_gone",
    "tell_winner",
    "review_emergency",
    "tell_emergency",
    *("compare_records", "review_merge", "verify_measure"),
    *("follow_action", "answer_action", "give_line", "review_plan"),
    *("reassess", "review_reinforced"),
    *("fill_part", "chase_part"),
    *("prevent_rupture", "repair_rupture"),
    "approve_protocol",
    *("follow_decision", "hold_meeting", "read_note"),
    *("read_received", "read_given"),
    *("answer_alert", "look_at_alert", "follow_alert", "answer_need"),
    *("follow_equipment", "review_trial", "answer_safety"),
    *("read_text", "delivery_failed", "carrier_down"),
    *("read_liaison", "read_urgent_liaison"),
    *("read_aside", "read_urgent_aside"),
}
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

STANDS = {
    "qualify": "Reçue",
    "release_hold": "Retenue",
    "await_answer": "En recherche",
    "confirm_identity": "Place tenue",
    "decide_later_offer": "Offre plus tardive",
    "call_back": "Réponse à dire",
    "choose_alternative": "À orienter",
    "tell_withdrawal": "Recherche reprise",
    "get_confirmation": "Trouvée",
    "warn_who_comes": "Besoin changé",
    "close_request": "Réponse dite",
    "meet_service": "Reçue aussi ailleurs",
    "review_stopped": "Arrêtée",
    "place_gone": "Trouvée, à vérifier",
    "tell_winner": "Trouvée, à prévenir",
    "delivery_failed": "Message non remis",
}
"""Where a request stands, as the kind of task that `owed` draws from it says: nothing more is read
for it. What is about no request says nothing."""

ABOUT = {
    "compare_records": "Fiches en double",
    "carrier_down": "Opérateur de SMS",
    "read_received": "Remise de suivis",
    "read_given": "Remise de suivis",
    "approve_protocol": "Parcours type",
    "give_line": "Plan ou réunion d’une personne",
    "follow_action": "Plan personnalisé",
    "answer_action": "Plan personnalisé",
    "follow_decision": "Décision de réunion",
    "read_note": "Note de réflexion",
    "fill_part": "Évaluation à plusieurs",
    "chase_part": "Évaluation à plusieurs",
    "read_liaison": "Cahier de liaison",
    "read_urgent_liaison": "Cahier de liaison",
    "answer_safety": "Sécurité des aides",
    "read_aside": "Visites à domicile",
    "read_urgent_aside": "Visites à domicile",
}
"""What is said in place of a name, where nobody is meant, or nobody may be named."""

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
