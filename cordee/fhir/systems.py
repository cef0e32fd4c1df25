"""The code systems that the mappings write, beside those of the French guides (`france.py`)."""

from cordee.fhir.datatypes import coding, concept, extension
from cordee.fhir.outcome import Json
from cordee.fhir.rules import sensitivity

CANONICAL = "https://cordee.fr/fhir/"
"""Before the type and the name of all that the house defines."""

STRUCTURES = CANONICAL + "StructureDefinition/"
"""Before the name of an extension of the house."""

FILE, LINE = STRUCTURES + "import-file", STRUCTURES + "import-line"
"""Where what an import refused stands: the number of its file, and of the line there."""

OURS = CANONICAL + "CodeSystem/"
"""Before the name of a list of the house: « care-kind », « alert-signal »…"""

PROFESSIONS = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
CONFIDENTIALITY = sensitivity.CONFIDENTIALITY
ENCOUNTER_CLASS = sensitivity.ACT_CODE
DISCHARGE = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
CONDITION_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CONDITION_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
GOAL_ACHIEVEMENT = "http://terminology.hl7.org/CodeSystem/goal-achievement"
PARTICIPATION_MODE = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
UCUM = "http://unitsofmeasure.org"


def worded(system: str, code: str, text: str) -> Json:
    """A code of HL7, whose own display is English, with how it is said here."""
    return concept(system, code) | {"text": text}


def ours(name: str) -> str:
    """The address of a list of codes of the house."""
    return OURS + name


def told(name: str, code: str, text: str) -> Json:
    """An extension of the house that holds one code of the list of the same name."""
    return extension(STRUCTURES + name, "Coding", coding(ours(name), code, text))
