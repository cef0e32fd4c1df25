"""The reference visit, tap by tap, and the time it takes by the keystroke-level model.

Source : S. K. Card, T. P. Moran, A. Newell, “The keystroke-level model for user performance time
with interactive systems”, Communications of the ACM 23 (7), 1980, p. 396-410: M, and the way of
counting. That model has no finger: a tap is counted as its P (to point with a mouse, 1.10 s), which
is the slowest of its operators of pointing and leaves room for gloves.
"""

from dataclasses import dataclass
from decimal import Decimal

GOAL = Decimal(20)

OPERATORS = {
    "T": Decimal("1.10"),  # bring the thumb to a target of 48 px at least, and touch it
    "M": Decimal("1.35"),  # prepare mentally
    "R": Decimal("0.30"),  # wait for the screen (our own budget: nothing is asked of a network)
}


@dataclass(frozen=True)
class Gesture:
    """One thing done on the phone: taps, thoughts, waits."""

    label: str
    taps: int = 1
    thoughts: int = 1
    waits: int = 0

    @property
    def seconds(self) -> Decimal:
        """Return the time the model gives."""
        taps, thoughts = self.taps * OPERATORS["T"], self.thoughts * OPERATORS["M"]
        return taps + thoughts + self.waits * OPERATORS["R"]


# The reference visit, from the list of the day to the list of the day. The four marks are weighed
# one by one; opening and sending ask for no thought of their own. A browser journey plays it.
REFERENCE_VISIT = (
    Gesture("Toucher la visite dans la liste", thoughts=1, waits=1),
    Gesture("La visite", thoughts=1),
    Gesture("La santé", thoughts=1),
    Gesture("Le moral", thoughts=1),
    Gesture("La forme", thoughts=1),
    Gesture("Envoyer", thoughts=0, waits=1),
)
A_SIGN = (Gesture("Ouvrir les signes", thoughts=0), Gesture("Toucher un signe"))
A_NEED = (Gesture("Signaler un besoin", waits=1), Gesture("Toucher le besoin", waits=1))


def duration(script: tuple[Gesture, ...]) -> Decimal:
    """Return the seconds of a whole script."""
    return sum((gesture.seconds for gesture in script), Decimal(0))


def taps(script: tuple[Gesture, ...]) -> int:
    """Return how many taps a script has."""
    return sum(gesture.taps for gesture in script)
