"""Words that a protocol may use: roles, and kinds of facts that rooms are about to publish."""

ROLES = {
    "coordination": "Équipe de coordination",
    "referent": "Référent du plan",
    "orientation": "Infirmière ou infirmier d’orientation",
    "idec": "Infirmière ou infirmier de coordination (IDEC)",
    "medecin_traitant": "Médecin traitant",
    "specialiste": "Médecin spécialiste",
    "infirmier": "Infirmière ou infirmier à domicile",
    "pharmacien": "Pharmacien",
    "reeducation": "Professionnel de rééducation",
    "social": "Travailleur social",
    "etablissement": "Établissement de santé",
    "education": "Équipe d’éducation thérapeutique",
    "personne": "La personne elle-même",
    "proche": "Un proche",
}

# Facts that no room publishes yet, with the codes that their data will hold: a protocol may already
# speak of them. A kind leaves this list when a room publishes it (what the room says then counts).
TO_COME: dict[str, frozenset[str]] = {}

# What the thread will show of them.
NAMES_TO_COME: dict[str, str] = {}
