"""A second opinion on sharing, written from the law and not from `rules`: it replays a history.

It knows nothing of the program: a history is a list of plain tuples, read backwards each time.
Words are those of the issue: categories « identity, coordination, care, mental_health, social ».
"""

from collections.abc import Sequence

Event = tuple[object, ...]
NOT_A_CARER = {"social", "home_help"}


def last(history: Sequence[Event], *beginning: object) -> Event | None:
    """Find the latest event that begins like this."""
    for event in reversed(history):
        if event[: len(beginning)] == beginning:
            return event
    return None


def membership(history: Sequence[Event], who: str) -> str | None:
    """Say on which ground someone is in the circle now, or nothing when they are not."""
    for event in reversed(history):
        if event[0] == "leave" and event[1] == who:
            return None
        if event[0] == "join" and event[1] == who:
            return str(event[2])
    return None


def in_emergency(history: Sequence[Event], who: str) -> bool:
    """An access opened, that nobody ended, that two hours have not ended, that no refusal ended."""
    for event in reversed(history):
        if event == ("open", who):
            return True
        if event in (("end", who), ("two hours",), ("oppose emergency",)):
            return False
    return False


def state(history: Sequence[Event]) -> str:
    """Say who may speak for the person today."""
    found = last(history, "becomes")
    return str(found[1]) if found else "adult"


def last_word(
    history: Sequence[Event], category: str, audience: str
) -> tuple[str | None, str | None]:
    """Read the last word on one cell: what, and by whom."""
    found = last(history, "says", category, audience)
    return (str(found[3]), str(found[4])) if found else (None, None)


def may_read(history: Sequence[Event], who: str, role: str, category: str) -> bool:
    """Say whether the law lets this one read, at the end of this history."""
    if in_emergency(history, who) and category in ("identity", "coordination", "care"):
        return True
    if role == "orienteuse":
        return _as(history, who, "coordination", category) or _at_the_desk(history, category)
    return _as(history, who, role, category)


def _refused_coordination(history: Sequence[Event]) -> bool:
    found = last(history, "coordination")
    return found is not None and found[1] == "refused"


def _at_the_desk(history: Sequence[Event], category: str) -> bool:
    opposed = last_word(history, "identity", "desk")[0] == "opposed"
    return category == "identity" and not opposed and not _refused_coordination(history)


def _as(history: Sequence[Event], who: str, audience: str, category: str) -> bool:
    ground = membership(history, who)
    word, speaker = last_word(history, category, audience)
    if ground is None or word == "opposed":
        return False
    if audience == "coordination" and _refused_coordination(history):
        return False
    now = state(history)
    counts = {"person": True, "parent": now == "minor", "representative": now == "represented"}
    if word == "consented" and counts.get(str(speaker), False):
        return True
    if ground == "" or category in ("mental_health", "social"):
        return False  # outside the team, or protected: nothing without consent
    if category == "care":
        return audience not in NOT_A_CARER and last(history, "informed") is not None
    return True
