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

# Facts that the notebook, pathways and the hospital will publish, with
# the codes that their data will hold. A protocol may already speak of them; a kind leaves this list
# when a room publishes it (what the room says then counts, not this).
TO_COME = {
    "hospital.discharged": frozenset({"destination"}),
    "messaging.note_written": frozenset({"importance"}),
    "pathways.contact_made": frozenset({"who", "result"}),
}

# What the thread will show of them.
NAMES_TO_COME = {
    "assessments.reassessment_due": "Une évaluation est à refaire.",
    "hospital.discharged": "La personne sort de l’hôpital.",
    "messaging.note_written": "Une note du cahier de liaison a été écrite.",
    "pathways.contact_made": "La personne ou son entourage a été contacté.",
}
