"""The protocols that come with the house: working texts, to be validated locally before any use."""

from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).parent / "library"


@cache
def texts() -> dict[str, str]:
    """Return the text of each, by id."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(LIBRARY.glob("*.yaml"))}


# Where one begins from nothing: a protocol that can be read, whose every word is to be changed.
FIRST_LINES = """\
protocole: mon-protocole          # minuscules sans accent, chiffres et tirets
version: '1'
titre: Mon protocole
statut: À valider localement
auteurs:
- Nom et fonction de qui l’écrit
sources:
- texte: Usage de la structure
  date: 2026-11                   # 2026, 2026-11 ou 2026-11-27
  certitude: usage local, à valider
entree:
  criteres:
  - Personne pour qui ce parcours est fait
etapes:
- id: visite
  titre: Premier passage confirmé
  responsable: orientation
  fait: broker.care_confirmed
  horloge: {dans: 2 jours, apres: intake.request_received, base: Usage à valider}
sorties:
- texte: La personne est décédée.
  fait: people.person_died
  annulee_par: people.death_denied
contraintes:
- id: demandeur-rappele
  titre: Chaque demandeur est rappelé
  responsable: orientation
  regle: reponse
  apres: intake.request_received
  attendu: {fait: intake.requester_told, quand: {result: [reached, message]}}
  dans: 48 heures
  sauf: intake.request_cancelled
  pour_chaque: request_id
  base: Usage à valider
"""
