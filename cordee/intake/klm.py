"""The reference call, key by key, and the time it takes by the keystroke-level model.

Source : S. K. Card, T. P. Moran, A. Newell, “The keystroke-level model for user performance time
with interactive systems”, Communications of the ACM 23 (7), 1980, p. 396-410.
The model counts what the hands and the screen do; it does not count the conversation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

GOAL = Decimal(60)

# Seconds. K is the average non-secretary typist (40 words a minute): nobody at the desk is asked
# to be faster. P and D are stated for completeness: the desk needs no pointing device.
OPERATORS = {
    "K": Decimal("0.28"),  # one key, or one modifier held
    "P": Decimal("1.10"),  # point with a mouse
    "H": Decimal("0.40"),  # move a hand to another device
    "M": Decimal("1.35"),  # prepare mentally
    "R": Decimal("0.30"),  # wait for the screen (our own budget, checked by the bench)
}


@dataclass(frozen=True)
class Gesture:
    """One thing done at the desk: the keys as a browser names them, the thoughts, the waits."""

    label: str
    keys: tuple[str, ...]
    thoughts: int = 1
    waits: int = 0

    @property
    def strokes(self) -> int:
        """Count the keys, each modifier and each capital being one more."""
        return sum(_strokes(key) for key in self.keys)

    @property
    def seconds(self) -> Decimal:
        """Return the time the model gives."""
        return (
            self.strokes * OPERATORS["K"]
            + self.thoughts * OPERATORS["M"]
            + self.waits * OPERATORS["R"]
        )


def _strokes(key: str) -> int:
    if len(key) == 1:
        return 2 if key.isupper() else 1
    return len(key.split("+"))


def typed(text: str) -> tuple[str, ...]:
    """Return the keys of a text."""
    return tuple(text)


def duration(script: Iterable[Gesture]) -> Decimal:
    """Return the seconds of a whole script."""
    return sum((gesture.seconds for gesture in script), Decimal(0))


# One key more where coordination asks for the agreement of the person.
AGREEMENT = Gesture("Cocher son accord", ("Alt+a",))

# The reference call: a known doctor, somebody already known, one injection from tonight on.
# The browser journey plays exactly these keys, starting from the queue.
REFERENCE_CALL = (
    Gesture("Ouvrir le poste d’appel", ("n",), waits=1),
    Gesture("Écrire le numéro : l’appelant est reconnu", typed("0612345678")),
    Gesture("Dire qu’il n’y a aucun signe", ("Alt+r",)),
    Gesture("Écrire le début du nom", ("Alt+p", *typed("lefe")), waits=1),
    Gesture("Choisir la personne à droite", ("Alt+j",)),
    Gesture("Choisir le soin", ("Alt+b", *typed("inj"))),
    Gesture("Écrire le besoin", ("Tab", *typed("dix jours, le docteur passe"))),
    Gesture("Choisir le rythme", ("Tab",) * 4 + typed("deux")),
    Gesture("Dire que la prescription est faite", ("Tab", "o")),
    Gesture("Choisir le délai", ("Alt+t", *typed("ce"))),
    Gesture("Enregistrer et chercher", ("Alt+s",), waits=1),
)
