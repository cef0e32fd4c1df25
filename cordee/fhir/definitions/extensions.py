"""The extensions that the house writes of its own: where each stands, and what it holds.

A test reads every golden resource: an extension of the house that is missing here fails it.
"""

from dataclasses import dataclass

from cordee.assessments.rules.urls import CATEGORY, SCORING
from cordee.fhir.systems import FILE, LINE, STRUCTURES
from cordee.protocols.rules.plan_definition import OURS as PROTOCOL


@dataclass(frozen=True)
class Extension:
    """One extension: its address, its French name, where it stands, and the type of its value.

    Without a type, it holds parts, each a text or parts again. `codes`: the list of the house.
    """

    url: str
    title: str
    on: tuple[str, ...]
    type: str = "string"
    codes: str = ""

    @property
    def id(self) -> str:
        """How it is named here: the last words of its address."""
        return self.url.removeprefix(STRUCTURES).removeprefix("urn:cordee:").replace(":", "-")


def _coded(name: str, title: str, *on: str) -> Extension:
    return Extension(STRUCTURES + name, title, on, "Coding", name)


def _of_protocol(word: str, title: str, *on: str, parts: bool = False) -> Extension:
    return Extension(PROTOCOL + word, title, on, "" if parts else "string")


WHOLE, STEP = "PlanDefinition", "PlanDefinition.action"
SOURCE, SIGNAL = "PlanDefinition.relatedArtifact", "PlanDefinition.action.trigger"
EXTENSIONS = (
    _coded("circle-ground", "Ce qui fonde une place dans le cercle", "CareTeam.participant"),
    _coded("collected-how", "Comment un choix a été recueilli", "Consent"),
    _coded("medium", "Par quel moyen une information est partagée", "Consent.provision"),
    _coded("speaker", "En quelle qualité quelqu’un a fait un choix", "Consent.performer"),
    _coded("trace-verb", "Le geste qui fut tracé, dit à qui contrôle", "AuditEvent"),
    _coded("origin", "Par quelle porte une ligne est entrée", "Provenance"),
    Extension(
        STRUCTURES + "territory-commune", "Une commune d’un territoire", ("Location",), "Coding"
    ),
    Extension(
        FILE, "Le fichier d’un import qui est en cause", ("OperationOutcome",), "positiveInt"
    ),
    Extension(LINE, "La ligne de ce fichier", ("OperationOutcome",), "positiveInt"),
    Extension(CATEGORY, "Catégorie d’information d’un questionnaire", ("Questionnaire",), "code"),
    Extension(SCORING, "Calcul du score par Cordée", ("Questionnaire",), "code"),
    _of_protocol("obligations", "Obligations d’un protocole", WHOLE, parts=True),
    _of_protocol("indicateurs", "Indicateurs d’un protocole", WHOLE, parts=True),
    _of_protocol("sorties", "Sorties d’un protocole", WHOLE, parts=True),
    _of_protocol("contraintes", "Contraintes d’un protocole", WHOLE, parts=True),
    _of_protocol("critere", "Critère d’entrée dans un protocole", WHOLE),
    _of_protocol("statut", "Statut d’un protocole, dans les mots de ses auteurs", WHOLE),
    _of_protocol("fait", "Fait qui accomplit une étape", STEP, parts=True),
    _of_protocol("deja", "Ce qui accomplit une étape avant l’entrée", STEP, parts=True),
    _of_protocol("base", "D’où court un délai", STEP),
    _of_protocol("prevenir", "Combien de temps avant l’échéance prévenir", STEP),
    _of_protocol("quand", "À quelle condition un fait compte", SIGNAL, parts=True),
    _of_protocol("date", "Date d’une source", SOURCE),
    _of_protocol("certitude", "Certitude d’une source", SOURCE),
)
