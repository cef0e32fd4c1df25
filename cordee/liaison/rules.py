"""What a note of the notebook says of itself: how much it matters, who reads it, where it is told.

Sources :
- R.1110-1 du CSP : chacun lit ce que sa mission demande ; la catégorie d’information d’une note
  décide de qui la lit, comme pour le reste du dossier (`people/rules/sharing.py`) ;
- les délais et ce qui se dit sur une liste de tâches sont une règle d’organisation de Cordée, à
  valider localement.
"""

import re
from collections.abc import Mapping

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


def about(origin: str) -> str:
    """The thing of another room that a note is about, "room/kind/id"; "" for what is not one."""
    return origin if LINKED.fullmatch(origin) else ""


def linked(data: Mapping[str, str]) -> str:
    """What an address says that a note is about."""
    return about(str(data.get("sur", "")))
