"""The rules of persons, organisations and care (FHIR R4, each resource's own page)."""

from cordee.fhir.shape.invariants.rule import Rule, Values, choice, codings, has

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGY = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_OVER = {(CLINICAL, "resolved"), (CLINICAL, "remission"), (CLINICAL, "inactive")}

_abated = choice("Condition", "abatement")
_measured = choice("Observation", "value")
_aimed = choice("Goal.target", "detail")


def _is_mistaken(value: Values, system: str) -> bool:
    return (system, "entered-in-error") in codings(value.get("verificationStatus"))


def _is_over(value: Values) -> bool:
    return not _abated(value) or not _OVER.isdisjoint(codings(value.get("clinicalStatus")))


def _no_same_code(value: Values) -> bool:
    """Compare the codings of an observation with those of its components, whole (obs-7)."""
    if "component" not in value or not _measured(value):
        return True
    own = value.get("code", {}).get("coding", ())
    return not any(
        coding in own
        for component in value["component"]
        for coding in component.get("code", {}).get("coding", ())
    )


RULES = (
    Rule("pat-1", "Patient.contact", "Un proche a au moins un nom, une coordonnée, une adresse ou "
         "une organisation.",
         lambda v: not {"name", "telecom", "address", "organization"}.isdisjoint(v)),
    Rule("org-1", "Organization", "Une organisation a au moins un nom ou un identifiant.",
         lambda v: has(v, "name") or "identifier" in v),
    Rule("org-2", "Organization", "L’adresse d’une organisation n’est pas un domicile.",
         lambda v: all(one.get("use") != "home" for one in v.get("address", ()))),
    Rule("org-3", "Organization", "Une coordonnée d’organisation n’est pas celle d’un domicile.",
         lambda v: all(one.get("use") != "home" for one in v.get("telecom", ()))),
    Rule("con-1", "Condition.stage", "Un stade a un résumé ou une évaluation.",
         lambda v: "summary" in v or "assessment" in v),
    Rule("con-2", "Condition.evidence", "Un indice a un code ou un détail.",
         lambda v: "code" in v or "detail" in v),
    Rule("con-4", "Condition", "Un problème terminé l’est aussi par son état clinique.",
         _is_over),
    Rule("con-5", "Condition", "Un problème saisi par erreur n’a pas d’état clinique.",
         lambda v: "clinicalStatus" not in v or not _is_mistaken(v, VERIFICATION)),
    Rule("ait-1", "AllergyIntolerance", "Une allergie a un état clinique, sauf par erreur.",
         lambda v: _is_mistaken(v, ALLERGY) or "clinicalStatus" in v),
    Rule("ait-2", "AllergyIntolerance", "Une allergie saisie par erreur n’a pas d’état clinique.",
         lambda v: not _is_mistaken(v, ALLERGY) or "clinicalStatus" not in v),
    Rule("obs-3", "Observation.referenceRange", "Un intervalle de référence a un bas, un haut ou "
         "un texte.", lambda v: "low" in v or "high" in v or has(v, "text")),
    Rule("obs-6", "Observation", "dataAbsentReason ne se donne que si la valeur manque.",
         lambda v: "dataAbsentReason" not in v or not _measured(v)),
    Rule("obs-7", "Observation", "Une valeur et un composant ne peuvent pas porter le même code.",
         _no_same_code),
    Rule("gol-1", "Goal.target", "Une cible chiffrée doit dire ce qu’elle mesure.",
         lambda v: not _aimed(v) or "measure" in v),
    Rule("cpl-3", "CarePlan.activity", "Une action se cite ou se décrit : l’un, pas les deux.",
         lambda v: not ("detail" in v and "reference" in v)),
    Rule("ppc-1", "Consent", "Un consentement cite une règle (policy ou policyRule).",
         lambda v: "policy" in v or "policyRule" in v),
    Rule("cmp-1", "Composition.section", "Une section a un texte, des entrées ou des sections.",
         lambda v: not {"text", "entry", "section"}.isdisjoint(v)),
    Rule("cmp-2", "Composition.section", "Une section n’est dite vide que si elle l’est.",
         lambda v: "emptyReason" not in v or "entry" not in v),
)  # fmt: skip
