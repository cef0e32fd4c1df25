"""Reads of the room, by noun. Each narrows to what the actor may know."""

from cordee.people.selectors.circle import (
    circle_of,
    coordinator_of_reference,
    current_stay,
    own_spaces_of_account,
    relatives_of,
    usual_nurse_of,
)
from cordee.people.selectors.persons import (
    Found,
    get_person,
    persons,
    possible_duplicates,
    search,
)

__all__ = [
    "Found",
    "circle_of",
    "coordinator_of_reference",
    "current_stay",
    "get_person",
    "own_spaces_of_account",
    "persons",
    "possible_duplicates",
    "relatives_of",
    "search",
    "usual_nurse_of",
]
