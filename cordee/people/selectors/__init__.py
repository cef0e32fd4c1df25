"""Reads of the room, by noun. Each narrows to what the actor may know."""

from cordee.people.selectors.circle import (
    circle_of,
    coordinator_of_reference,
    current_stay,
    own_spaces_of_account,
    relatives_of,
    usual_nurse_of,
)
from cordee.people.selectors.emergency import (
    get_grant,
    grants,
    grants_to_review,
    own_open_grants,
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
    "get_grant",
    "get_person",
    "grants",
    "grants_to_review",
    "own_open_grants",
    "own_spaces_of_account",
    "persons",
    "possible_duplicates",
    "relatives_of",
    "search",
    "usual_nurse_of",
]
