"""The four marks of a visit and the coded signs: the words that everybody reads.

Source: the published account of Autono’vie (four marks after each visit: the visit, health, morale,
fitness). Five levels and the list of signs are ours: no published grid is copied.
"""

from enum import StrEnum

LOWEST, HIGHEST = 1, 5

LEVELS = {1: "Très mal", 2: "Mal", 3: "Moyen", 4: "Bien", 5: "Très bien"}
"""A level in words: the lowest is the worst, for the four marks alike."""

MARKS = {
    "visit": "La visite",
    "health": "La santé",
    "morale": "Le moral",
    "fitness": "La forme",
}
"""The four marks, in the order in which they are asked."""


class Kind(StrEnum):
    """What was sent: a visit that is marked, or a need that somebody raises by itself."""

    VISIT = "visit"
    NEED = "need"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Codes and words, for a column."""
        return [(cls.VISIT.value, "visite"), (cls.NEED.value, "besoin signalé")]


SIGNS = {
    "eats_little": "Mange peu",
    "fell": "A chuté",
    "refuses_care": "Refuse les soins",
    "alone": "Solitude",
    "home_unsafe": "Logement dangereux",
    "carer_exhausted": "Proche à bout",
    "medicines_missed": "Médicaments non pris",
    "pain": "Douleur",
    "confused": "Confusion",
    "wound": "Plaie",
    "wants_to_talk": "Veut parler",
    "needs_equipment": "Matériel à prévoir",
    "other_help": "Aide à ajouter",
}
"""Coded signs that may be ticked; those of a need are among them."""

NEEDS = ("needs_equipment", "other_help", "wants_to_talk", "carer_exhausted", "home_unsafe")
"""What is offered first when a need is raised by itself."""
