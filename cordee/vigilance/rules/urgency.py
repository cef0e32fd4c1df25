"""What one visit alone says at once: a very low mark, an urgent sign, or « urgent ».

Règle de Cordée, à valider par chaque service : aucun texte ne fixe ces signes. Elle ne dépend ni de
la personne qui note, ni du budget d’alertes : ce qui est dit urgent n’attend jamais.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

VERY_LOW = 1
"""The lowest of five levels: « Très mal »."""

URGENT_SIGNS = ("fell", "confused", "wound", "home_unsafe")
"""Signs for which nobody waits for a second visit, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Immediate:
    """What is raised at once: « urgent » said, urgent signs, marks at their lowest."""

    said_urgent: bool
    signs: tuple[str, ...]
    marks: tuple[str, ...]

    @property
    def weight(self) -> int:
        """How many reasons there are; « urgent » said by who was there counts for three."""
        return 3 * self.said_urgent + 2 * len(self.signs) + len(self.marks)


def immediate(
    marks: Mapping[str, int | None], signs: Iterable[str], *, urgent: bool
) -> Immediate | None:
    """Say what a visit raises at once; None when it raises nothing.

    `marks`: level 1 to 5 by mark, or None when it was not given. `signs`: coded signs; those that
    are not known raise nothing.
    """
    ticked = set(signs)
    told = tuple(sign for sign in URGENT_SIGNS if sign in ticked)
    lowest = tuple(name for name, level in marks.items() if level == VERY_LOW)
    if not (urgent or told or lowest):
        return None
    return Immediate(urgent, told, lowest)
