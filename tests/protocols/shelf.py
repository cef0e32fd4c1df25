"""The protocols that are shipped, read; and a small one to write tests with."""

from datetime import datetime, timedelta
from functools import cache

from cordee.protocols import shipped
from cordee.protocols.rules.clocks import PARIS
from cordee.protocols.rules.conformance import Happening
from cordee.protocols.rules.protocol import Protocol
from cordee.protocols.rules.reading import read
from cordee.protocols.vocabulary import known_kinds

CALL = "liaison.contact_made"
OUT = "people.person_discharged"
ADMITTED = "people.person_admitted"
DIED = "people.person_died"

HEAD = """
protocole: essai
version: '1'
titre: Essai
statut: À valider localement
auteurs: [Une équipe]
sources:
- {texte: Usage, date: '2026', certitude: "usage local, à valider"}
entree:
  criteres: [Tout le monde]
"""
NO_STEP = "etapes: []\n"
STEP = """
etapes:
- id: appel
  titre: Appeler
  responsable: coordination
  fait: liaison.contact_made
"""
ANSWER = """
contraintes:
- id: appel-apres-sortie
  titre: Appeler après la sortie
  responsable: coordination
  regle: reponse
  apres: people.person_discharged
  attendu: liaison.contact_made
  dans: 1 jour
  base: Usage
"""


@cache
def library() -> dict[str, Protocol]:
    """The protocols that are shipped, by id."""
    return {id_: read(text, kinds=known_kinds()) for id_, text in shipped.texts().items()}


def protocol(*parts: str) -> Protocol:
    """A protocol of these parts, after the usual head."""
    return read(HEAD + "".join(parts), kinds=known_kinds())


def rule(text: str) -> str:
    """No step, and one constraint of which only what matters is said."""
    return (
        NO_STEP
        + "contraintes:\n- id: regle\n  titre: Règle\n  responsable: coordination\n  base: Usage\n"
        + "\n".join(f"  {line.strip()}" for line in text.strip().splitlines())
    )


def paris(text: str) -> datetime:
    """« 2026-03-28 14:05 », in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def fact(number: int, kind: str, at: str, *, recorded: str = "", **data) -> Happening:
    """A fact at a moment of Paris, recorded at once unless it is said when."""
    moment = paris(at)
    known = paris(recorded) if recorded else moment + timedelta(seconds=1)
    return Happening(number, kind, moment, known, data)
