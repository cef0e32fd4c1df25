"""Reads of the room, by noun. Each narrows to what the actor may know."""

from cordee.people.selectors.choices import (
    Choices,
    choices_of,
    legal_bases,
    may_process,
)
from cordee.people.selectors.circle import (
    circle_of,
    coordinator_of_reference,
    current_stay,
    get_member,
    get_relative,
    get_space,
    is_in_circle,
    is_space_open,
    joinable,
    own_spaces_of_account,
    relatives_of,
    spaces_of,
    usual_nurse_of,
)
from cordee.people.selectors.emergency import (
    get_grant,
    grants,
    grants_to_review,
    own_open_grants,
)
from cordee.people.selectors.notes import notes_of
from cordee.people.selectors.persons import (
    Found,
    get_person,
    persons,
    possible_duplicates,
    search,
)
from cordee.people.selectors.thread import (
    Audited,
    Thread,
    Wanted,
    may_read_openings,
    openings_of,
    thread_of,
    trace_lines,
)

__all__ = [
    "Audited",
    "get_member",
    "get_relative",
    "get_space",
    "is_space_open",
    "spaces_of",
    "is_in_circle",
    "joinable",
    "may_read_openings",
    "Choices",
    "Thread",
    "Wanted",
    "choices_of",
    "legal_bases",
    "may_process",
    "notes_of",
    "openings_of",
    "thread_of",
    "trace_lines",
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
