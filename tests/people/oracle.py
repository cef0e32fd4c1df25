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
    """Say on which ground someone is in the circle now, or nothing when they are not.

    A ground is lost by leaving, and in no other way.
    """
    ground = None
    for event in reversed(history):
        if event == ("leave", who):
            break
        if event[:2] == ("join", who):
            ground = ground or str(event[2])
    return ground


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
    history: Sequence[Event], category: str, audience: str, medium: str
) -> tuple[str | None, str | None]:
    """Read the last word on one cell: what, and by whom."""
    found = last(history, "says", category, audience, medium)
    return (str(found[4]), str(found[5])) if found else (None, None)


def is_closed(history: Sequence[Event], category: str, audience: str, medium: str) -> bool:
    """Whether the last word closes this cell. Whose software reads a record reads it here: what is
    closed on a screen is closed to it too."""
    places = ("system", "screen") if medium == "system" else (medium,)
    return any(last_word(history, category, audience, one)[0] == "opposed" for one in places)


def may_read(
    history: Sequence[Event], who: str, role: str, category: str, medium: str = "screen"
) -> bool:
    """Say whether the law lets this one read by this medium, at the end of this history."""
    if role == "person":
        return True
    if role == "relatives":
        return _as_relative(history, who, category, medium)
    opened = ("identity", "coordination", "care")
    if medium == "screen" and category in opened and in_emergency(history, who):
        return True
    if role == "orienteuse":
        return _as(history, who, "coordination", category, medium) or (
            medium in ("screen", "system") and _at_the_desk(history, category, medium)
        )
    return _as(history, who, role, category, medium)


def may_read_of_a_request(
    history: Sequence[Event], who: str, role: str, medium: str = "screen"
) -> bool:
    """Say whether one reads which care a request that they received, or won, is about.

    As care; and before the person was informed too, in her team, unless she opposes it.
    """
    asked = (who, role, "coordination", medium)
    if role in ("person", "relatives") or may_read(history, who, role, "care", medium):
        return may_read(history, who, role, "care", medium) and may_read(history, *asked)
    audience = "coordination" if role == "orienteuse" else role
    opposed = is_closed(history, "care", audience, medium)
    carer = role not in NOT_A_CARER and membership(history, who) not in (None, "")
    return carer and not opposed and may_read(history, *asked)


def _refused_coordination(history: Sequence[Event]) -> bool:
    found = last(history, "coordination")
    return found is not None and found[1] == "refused"


def _waits_for_her_yes(history: Sequence[Event]) -> bool:
    """Coordination rests on her agreement today, and she never said a word of it."""
    basis = last(history, "basis")
    return (basis is not None and basis[1] == "consent") and last(history, "coordination") is None


def _at_the_desk(history: Sequence[Event], category: str, medium: str) -> bool:
    opposed = is_closed(history, "identity", "desk", medium)
    return category == "identity" and not opposed and not _refused_coordination(history)


def _as_relative(history: Sequence[Event], who: str, category: str, medium: str) -> bool:
    """Somebody close reads what the person gave them; who holds her voice, all but protected notes.

    Never against her word, and only while their own space is open.
    """
    if category != "identity" and not _as_relative(history, who, "identity", medium):
        return False
    space = next(
        (one for one in reversed(history) if one[1:] == (who,) and "space" in one[0]), None
    )
    word, speaker = last_word(history, category, "relatives", medium)
    if space != ("opens space", who) or is_closed(history, category, "relatives", medium):
        return False
    if word == "consented" and _counts(history, speaker):
        return True
    voice = {"parent": "minor", "guardian": "represented"}.get(who)
    return voice == state(history) and category not in ("mental_health", "social")


def _counts(history: Sequence[Event], speaker: str | None) -> bool:
    """A consent holds while who gave it still speaks for the person."""
    now = state(history)
    return {
        "person": True,
        "parent": now == "minor",
        "representative": now == "represented",
    }.get(str(speaker), False)


def _as(history: Sequence[Event], who: str, audience: str, category: str, medium: str) -> bool:
    ground = membership(history, who)
    word, speaker = last_word(history, category, audience, medium)
    if category != "identity" and not _as(history, who, audience, "identity", medium):
        return False
    if ground is None or is_closed(history, category, audience, medium):
        return False
    if audience == "coordination" and _refused_coordination(history):
        return False
    if audience == "coordination" and category != "identity" and _waits_for_her_yes(history):
        return False  # whom one is to ask, one knows by name: nothing else
    if word == "consented" and _counts(history, speaker):
        return True
    if ground == "" or category in ("mental_health", "social"):
        return False  # outside the team, or protected: nothing without consent
    if category == "care":
        return audience not in NOT_A_CARER and last(history, "informed") is not None
    return True
