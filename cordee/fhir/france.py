"""The addresses that the French guides give to what they name.

Source: guide d’implémentation FR Core (hl7.fr), paquet `hl7.fhir.fr.core`.
"""

CORE = "https://hl7.fr/ig/fhir/core/"
STRUCTURE = CORE + "StructureDefinition/"

PATIENT = STRUCTURE + "fr-core-patient"
PATIENT_INS = STRUCTURE + "fr-core-patient-ins"
RELATED_PERSON = STRUCTURE + "fr-core-related-person"

IDENTITY_RELIABILITY = STRUCTURE + "fr-core-identity-reliability"
BIRTH_LIST_OF_GIVEN_NAMES = STRUCTURE + "fr-core-patient-birth-list-given-name"
INSEE_CODE = STRUCTURE + "fr-core-address-insee-code"
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"

IDENTITY_STATUS = CORE + "CodeSystem/fr-core-cs-v2-0445"
IDENTIFIER_TYPE = CORE + "CodeSystem/fr-core-cs-v2-0203"
COMMUNES = "https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune"

RPPS = "https://rpps.esante.gouv.fr"
IDNPS = "urn:oid:1.2.250.1.71.4.2.1"
IDNST = "urn:oid:1.2.250.1.71.4.2.2"
FINESS = "https://finess.esante.gouv.fr"
