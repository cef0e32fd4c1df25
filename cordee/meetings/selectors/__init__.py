"""Reads of the room. Each narrows to what the actor may know."""

from cordee.meetings.selectors.around import (
    Choices,
    address_of,
    decision_makers,
    guests_for,
    outsiders,
    who,
)
from cordee.meetings.selectors.dilemmas import (
    dilemmas_of,
    dilemmas_to_forget,
    get_dilemma,
    may_take_part,
    reminder_now,
    took_part,
)
from cordee.meetings.selectors.meetings import (
    Page,
    decision_now,
    get_decision,
    get_line,
    get_meeting,
    is_told,
    meeting_now,
    meetings_of,
    open_meetings_of,
    page_of,
    proposals_for,
    rewrites,
)

__all__ = [
    "Choices",
    "Page",
    "address_of",
    "decision_makers",
    "decision_now",
    "dilemmas_of",
    "dilemmas_to_forget",
    "get_decision",
    "get_dilemma",
    "get_line",
    "get_meeting",
    "guests_for",
    "is_told",
    "may_take_part",
    "meeting_now",
    "meetings_of",
    "open_meetings_of",
    "outsiders",
    "page_of",
    "proposals_for",
    "reminder_now",
    "rewrites",
    "took_part",
    "who",
]
