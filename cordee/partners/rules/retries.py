"""When what did not leave is tried again, and when it is not tried any more.

Our choice: a receiver that is mended within a day is told everything without anybody’s hand: an
address that is moved, a key that is renewed, a road that is cut answer 404, 401 or a redirection
for an hour. Only what RFC 9110 says of the words themselves, or for ever, is not tried again: 410
(gone), 413 (too large), 422 (not processable).
"""

from dataclasses import dataclass
from datetime import timedelta

FIRST, LONGEST = timedelta(seconds=10), timedelta(hours=1)
MOST_TRIES = 48
"""With these waits: more than a day, whatever the luck."""
LEASE = timedelta(minutes=1)
"""Longer than a sending, cut after ten seconds, and what is read before it: past it, who was
sending is taken for dead, and it is sent again under the same number."""
FOR_GOOD = frozenset({410, 413, 422})
UNREACHABLE, REFUSED, FAILED, OURS = "unreachable", "refused", "failed", "ours"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered: its status, 0 when nothing came; and when it wants to be asked."""

    status: int
    retry_after: str = ""
    is_ours: bool = False
    """Nothing was asked: it is the house that fails."""

    @property
    def is_taken(self) -> bool:
        """Whether it was taken."""
        return 200 <= self.status < 300

    @property
    def is_lasting(self) -> bool:
        """Whether the same words would be refused again."""
        return self.status in FOR_GOOD

    @property
    def fault(self) -> str:
        """What was wrong, as a code."""
        if self.is_ours:
            return OURS
        if not self.status:
            return UNREACHABLE
        refused = 300 <= self.status < 500  # a redirection is never followed
        return f"{REFUSED if refused else FAILED}.{self.status}"


def wait(tries: int, luck: float, answer: Answer | None = None) -> timedelta:
    """How long until the next try: doubled each time, then each hour; `luck`, in [0, 1), spreads
    those that failed together. A receiver that names a delay of an hour at most is heard."""
    doubled: int = 2 ** min(max(tries - 1, 0), 12)
    usual = min(LONGEST, FIRST * doubled)
    spread = usual * (0.75 + luck / 2)
    asked = answer.retry_after.strip() if answer else ""
    if asked.isascii() and asked.isdigit() and len(asked) < 6:
        return max(spread, min(timedelta(seconds=int(asked)), LONGEST))
    return spread


def is_over(tries: int, answer: Answer) -> bool:
    """Say whether it is not tried any more."""
    return answer.is_lasting or tries >= MOST_TRIES


def in_words(fault: str) -> str:
    """What was wrong, for who reads a page."""
    kind, _, status = fault.partition(".")
    if kind == UNREACHABLE:
        return "l’adresse ne répond pas"
    if kind == OURS:
        return "Cordée n’a pas su la préparer"
    if kind == REFUSED:
        return f"l’adresse refuse (réponse {status})"
    return f"l’adresse est en panne (réponse {status})"
