"""What an application asks for, in the words of who is asked: no jargon of machines."""

from collections.abc import Callable

from cordee.partners.rules.scopes import FHIR_USER, OFFLINE, OPENID, Scope, Scopes

TYPES = {
    "*": "Tout ce que Cordée montre par cette porte",
    "Patient": "L’identité des personnes accompagnées",
    "RelatedPerson": "Leurs proches",
    "Practitioner": "Les professionnels de l’annuaire",
    "PractitionerRole": "L’exercice des professionnels",
    "Organization": "Les structures de l’annuaire",
    "Location": "Les lieux",
    "HealthcareService": "Les services",
    "Group": "La liste des personnes suivies par une structure",
    "CareTeam": "Les cercles de soins",
    "Consent": "Les choix sur le partage",
    "ServiceRequest": "Les demandes",
    "Task": "Ce qui est à faire",
    "Communication": "Les notes et messages",
    "CommunicationRequest": "Les messages à envoyer",
    "DocumentReference": "Le cahier de liaison",
    "Questionnaire": "Les questionnaires",
    "QuestionnaireResponse": "Les évaluations",
    "Observation": "Les scores, notes de visite et mesures",
    "Condition": "Les besoins et problèmes de santé",
    "Goal": "Les objectifs du plan",
    "CarePlan": "Les plans",
    "PlanDefinition": "Les parcours types",
    "Bundle": "Les documents et messages reçus",
    "DetectedIssue": "Les ruptures de parcours",
    "Flag": "Les alertes",
    "Encounter": "Les séjours et visites",
    "Slot": "Les créneaux",
    "Schedule": "Les agendas",
    "Appointment": "Les rendez-vous",
    "Subscription": "Les abonnements",
    "AuditEvent": "Les traces de consultation",
    "Provenance": "La provenance des données",
}
OF_ONE = {
    "*": "Tout ce que Cordée montre de la personne par cette porte",
    "Patient": "L’identité de la personne",
    "RelatedPerson": "Ses proches",
    "CareTeam": "Son cercle de soins",
    "Consent": "Ses choix sur le partage",
    "ServiceRequest": "Ses demandes",
    "Task": "Ce qui est à faire pour elle",
    "DocumentReference": "Son cahier de liaison",
    "QuestionnaireResponse": "Ses évaluations",
    "Observation": "Ses scores, notes de visite et mesures",
    "Condition": "Ses besoins et problèmes de santé",
    "Goal": "Les objectifs de son plan",
    "CarePlan": "Ses plans",
    "Bundle": "Les documents et messages reçus à son sujet",
    "Communication": "Les notes et messages à son sujet",
    "DetectedIssue": "Les ruptures de son parcours",
    "Flag": "Ses alertes",
    "Encounter": "Ses séjours et visites",
    "Appointment": "Ses rendez-vous",
    "AuditEvent": "Qui a consulté ce qui la concerne",
}
"""The same, asked about one person: nobody else is to be thought of."""


def lines(scopes: Scopes, part_of: Callable[[Scope], str]) -> list[tuple[str, str]]:
    """What is asked: of what, to do what, and of which part only (`part_of` says it)."""
    named = TYPES | OF_ONE if scopes.is_of_one_person else TYPES
    found = [
        (named.get(one.type, f"Ressource {one.type}"), one.words.capitalize() + part_of(one))
        for one in scopes.resources
    ]
    if scopes.others & {OPENID, FHIR_USER}:
        found.append(("Qui vous êtes", "Un identifiant, et votre fiche si vous en avez une"))
    return found


def goes_on(scopes: Scopes) -> bool:
    """Whether it goes on when nobody is in front of the screen."""
    return OFFLINE in scopes.others


def writes(scopes: Scopes) -> bool:
    """Whether it may change something."""
    return any(set(one.interactions) & set("cud") for one in scopes.resources)
