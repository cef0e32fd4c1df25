"""What the room reads, for an actor."""

from cordee.vigilance.selectors.phones import (
    Sender,
    answered_aside,
    coming_visits,
    get_phone,
    phones_of,
    sender,
    told_of,
)
from cordee.vigilance.selectors.planning import Read, found, own_services
from cordee.vigilance.selectors.visits import (
    Marking,
    aside,
    get_refused,
    get_visit,
    marking,
    to_come,
    visit_now,
    visits_of,
    words_of,
)

__all__ = [
    "Marking",
    "Read",
    "Sender",
    "answered_aside",
    "aside",
    "coming_visits",
    "found",
    "get_phone",
    "get_refused",
    "get_visit",
    "marking",
    "own_services",
    "phones_of",
    "sender",
    "to_come",
    "told_of",
    "visit_now",
    "visits_of",
    "words_of",
]
