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

# Facts that the plan, the assessments, the notebook and the pathway will publish. A protocol may
# already speak of them: until they exist, what waits for them is late, as it is said in its text.
TO_COME = frozenset(
    {
        "assessments.response_completed",
        "assessments.reassessment_due",
        "messaging.note_written",
        "pathways.contact_made",
        "pathways.meeting_held",
        "pathways.protocol_joined",
        "pathways.protocol_left",
        "plans.action_added",
        "plans.action_done",
        "plans.objective_reached",
        "plans.plan_agreed",
        "plans.plan_closed",
        "plans.plan_proposed",
        "plans.plan_reviewed",
        "plans.referent_named",
        "hospital.discharged",
    }
)
