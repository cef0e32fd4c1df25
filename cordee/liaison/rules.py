"""What a note of the notebook says of itself: how much it matters, who reads it, where it is told.

Sources :
- R.1110-1 du CSP : chacun lit ce que sa mission demande ; la catégorie d’information d’une note
  décide de qui la lit, comme pour le reste du dossier (`people/rules/sharing.py`) ;
- les délais et ce qui se dit sur une liste de tâches sont une règle d’organisation de Cordée, à
  valider localement.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cordee.people.rules.labels import Coded
from cordee.people.rules.sharing import Category


class Importance(Coded):
    """How much a note matters to who reads it."""

    ORDINARY = "ordinary", "ordinaire"
    IMPORTANT = "important", "importante"
    URGENT = "urgent", "urgente"


class Way(Coded):
    """How somebody was sought."""

    CALL = "call", "appel téléphonique"
    VISIT = "visit", "visite"
    MESSAGE = "message", "message"


class Whom(Coded):
    """With whom a contact was sought."""

    PERSON = "person", "la personne"
    RELATIVE = "relative", "un proche"
    PROFESSIONAL = "professional", "un professionnel"


class Result(Coded):
    """What came of it."""

    REACHED = "reached", "contact établi"
    NOT_REACHED = "not_reached", "personne n’a répondu"


LONGEST = 24 * 60
"""Minutes of the longest contact: a visit of a day."""
QUICK = (5, 10, 15, 30, 60)
"""The lengths that are chosen in one tap, in minutes: a use of ours, to be validated locally."""
CATEGORIES = (Category.COORDINATION, Category.CARE, Category.SOCIAL, Category.MENTAL_HEALTH)
ASKS_TO_BE_READ = frozenset({Importance.IMPORTANT, Importance.URGENT})
ON_A_WORKLIST = frozenset({Category.COORDINATION, Category.CARE})
"""A line of a worklist would tell that something protected was written: it opens none."""
NAMED_THERE = frozenset({Category.COORDINATION})
"""A line is read as coordination: one about care names nobody, and its page says the rest."""
LINKED = re.compile(r"plans/(plan|action)/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_waited_for(importance: str, category: str) -> bool:
    """Say whether a note that is not read stands on worklists."""
    return importance in ASKS_TO_BE_READ and category in ON_A_WORKLIST


def said_length(minutes: int) -> str:
    """Say a length of so many minutes as one says it: « 15 min », « 1 h », « 3 h 20 »."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}\u00a0min"
    return f"{hours}\u00a0h\u00a0{rest:02}" if rest else f"{hours}\u00a0h"


@dataclass(frozen=True)
class Tally:
    """Contacts that were tried: reached or not, and the minutes of those that carry a length."""

    reached: int = 0
    missed: int = 0
    timed: int = 0
    minutes: int = 0

    @property
    def made(self) -> int:
        """All of them."""
        return self.reached + self.missed

    @property
    def length(self) -> str:
        """The time noted, as one says it; nothing when no contact carries a length."""
        return said_length(self.minutes) if self.timed else ""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.reached + other.reached,
            self.missed + other.missed,
            self.timed + other.timed,
            self.minutes + other.minutes,
        )


def about(origin: str) -> str:
    """The thing of another room that a note is about, "room/kind/id"; "" for what is not one."""
    return origin if LINKED.fullmatch(origin) else ""


def linked(data: Mapping[str, str]) -> str:
    """What an address says that a note is about."""
    return about(str(data.get("sur", "")))
