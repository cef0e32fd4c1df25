"""What this door does, drawn from the registry: CapabilityStatement."""

from datetime import datetime

from cordee.fhir.contract import Mapping
from cordee.fhir.operations import operations
from cordee.fhir.outcome import Json
from cordee.fhir.registry import mappings
from cordee.fhir.search.compiler import parameters_of
from cordee.fhir.search.parameters import Reference
from cordee.fhir.writing import instant

FHIR_VERSION = "4.0.1"
VALIDATE = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
GUIDES = ("https://hl7.fr/ig/fhir/core/ImplementationGuide/hl7.fhir.fr.core",)


def statement(base: str, now: datetime) -> Json:
    """The CapabilityStatement of this instance."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(now),
        "kind": "instance",
        "software": {"name": "Cordée"},
        "implementation": {"description": "Cordée, porte FHIR R4", "url": base.rstrip("/")},
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "implementationGuide": list(GUIDES),
        "rest": [
            {
                "mode": "server",
                "documentation": "Names are searched by POST [type]/_search: no address holds one.",
                "security": {"cors": True},
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "resource": [_resource(one) for one in mappings().values()],
            }
        ],
    }


def _resource(mapping: Mapping) -> Json:
    done = mapping.interactions
    found: Json = {
        "type": mapping.type,
        "interaction": [{"code": code} for code in done],
        "versioning": "versioned-update" if "update" in done else "versioned",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": "create" in done,
        "conditionalRead": "full-support",
        "conditionalUpdate": "update" in done,
        "conditionalDelete": "single" if "delete" in done else "not-supported",
        "referencePolicy": ["literal", "local"],
        "operation": operations_of(mapping),
        "searchInclude": includes_of(mapping),
        "searchRevInclude": revincludes_of(mapping),
        "searchParam": [
            {"name": name, "type": one.type} for name, one in parameters_of(mapping).items()
        ],
    }
    if mapping.profiles:
        found["supportedProfile"] = list(mapping.profiles)
    if mapping.note:
        found["documentation"] = mapping.note
    return {key: value for key, value in found.items() if value not in ([], "")}


def operations_of(mapping: Mapping) -> list[Json]:
    """What may be asked of this type beside reading and writing."""
    asked = [one for one in operations().values() if one.type == mapping.type]
    named = [{"name": one.name, "definition": one.definition} for one in asked]
    return [{"name": "validate", "definition": VALIDATE}, *named]


def includes_of(mapping: Mapping) -> list[str]:
    """What a search of this type may bring along."""
    return [
        f"{mapping.type}:{name}"
        for name, one in mapping.search.items()
        if isinstance(one, Reference) and set(one.paths) & set(mappings())
    ]


def revincludes_of(mapping: Mapping) -> list[str]:
    """What refers to this type and may be brought along."""
    return [
        f"{other.type}:{name}"
        for other in mappings().values()
        for name, one in other.search.items()
        if isinstance(one, Reference) and mapping.type in one.paths
    ]
