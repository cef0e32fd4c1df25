"""What a call is called in the journal: an interaction and a type, never what it was about."""

TYPES = frozenset(
    [
        "Account",
        "ActivityDefinition",
        "AdverseEvent",
        "AllergyIntolerance",
        "Appointment",
        "AppointmentResponse",
        "AuditEvent",
        "Basic",
        "Binary",
        "BodyStructure",
        "Bundle",
        "CapabilityStatement",
        "CarePlan",
        "CareTeam",
        "ChargeItem",
        "Claim",
        "ClinicalImpression",
        "CodeSystem",
        "Communication",
        "CommunicationRequest",
        "CompartmentDefinition",
        "Composition",
        "ConceptMap",
        "Condition",
        "Consent",
        "Contract",
        "Coverage",
        "DetectedIssue",
        "Device",
        "DeviceRequest",
        "DiagnosticReport",
        "DocumentManifest",
        "DocumentReference",
        "Encounter",
        "Endpoint",
        "EpisodeOfCare",
        "Flag",
        "FamilyMemberHistory",
        "Goal",
        "Group",
        "GuidanceResponse",
        "HealthcareService",
        "ImagingStudy",
        "Immunization",
        "ImplementationGuide",
        "Library",
        "Linkage",
        "List",
        "Location",
        "Measure",
        "Media",
        "Medication",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationRequest",
        "MedicationStatement",
        "MessageDefinition",
        "MessageHeader",
        "NamingSystem",
        "NutritionOrder",
        "Observation",
        "OperationDefinition",
        "OperationOutcome",
        "Organization",
        "OrganizationAffiliation",
        "Parameters",
        "Patient",
        "Person",
        "PlanDefinition",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "Provenance",
        "Questionnaire",
        "QuestionnaireResponse",
        "RelatedPerson",
        "RequestGroup",
        "RiskAssessment",
        "Schedule",
        "SearchParameter",
        "ServiceRequest",
        "Slot",
        "Specimen",
        "StructureDefinition",
        "StructureMap",
        "Subscription",
        "Substance",
        "SupplyDelivery",
        "SupplyRequest",
        "Task",
        "TestReport",
        "TestScript",
        "ValueSet",
        "VisionPrescription",
    ]
)
"""Resources of FHIR R4. What is in their place and is not one may be a name: it is not kept."""
OPERATIONS = frozenset(
    ["$validate", "$everything", "$match", "$apply", "$extract", "$populate", "$export"]
    + ["$import"]
    + ["$events", "$status"]
)
WHOLE = {"GET": "search-system", "POST": "transaction"}
OF_A_TYPE = {"GET": "search", "POST": "create", "PUT": "update", "PATCH": "patch"}
OF_ONE = {"GET": "read", "HEAD": "read", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
OTHER = "other"


def named(method: str, path: str) -> tuple[str, str]:
    """Name a call under `/fhir/` by its method and path. Gives the interaction and the type."""
    steps = [one for one in path.split("/") if one][1:]
    kind = steps[0] if steps and steps[0] in TYPES else ""
    rest = steps[1:] if kind else steps
    if operation := next((one for one in rest if one in OPERATIONS), ""):
        return operation, kind
    if "_history" in rest:
        return ("vread" if rest[-1] != "_history" else "history"), kind
    if not kind:
        return _of_nothing(method, rest), ""
    if not rest or rest == ["_search"]:
        return ("search" if rest else OF_A_TYPE.get(method, OTHER)), kind
    return (OF_ONE.get(method, OTHER) if len(rest) == 1 else OTHER), kind


def _of_nothing(method: str, rest: list[str]) -> str:
    if not rest:
        return WHOLE.get(method, OTHER)
    return "capabilities" if rest == ["metadata"] else OTHER
