"""What this door does, drawn from the registry: CapabilityStatement."""

from collections.abc import Iterator
from datetime import datetime

from cordee.fhir.call import PREFIX
from cordee.fhir.contract import Mapping
from cordee.fhir.datatypes import concept
from cordee.fhir.definitions.addresses import parameter_address
from cordee.fhir.definitions.looking import LOOKED
from cordee.fhir.definitions.operating import EXPORTS, IMPORT, VALIDATE
from cordee.fhir.operations import operations
from cordee.fhir.outcome import Json
from cordee.fhir.registry import mappings
from cordee.fhir.search.compiler import parameters_of
from cordee.fhir.search.parameters import Reference
from cordee.fhir.shape.claims import written
from cordee.fhir.writing import instant
from cordee.partners.discovery import described

FHIR_VERSION = "4.0.1"
SECURITY = "http://terminology.hl7.org/CodeSystem/restful-security-service"
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
OAUTH = {
    "authorize": "authorization_endpoint",
    "token": "token_endpoint",
    "introspect": "introspection_endpoint",
    "revoke": "revocation_endpoint",
}
GUIDES = ("https://hl7.fr/ig/fhir/core/ImplementationGuide/hl7.fhir.fr.core",)
BULK = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"


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
        "instantiates": [BULK],
        "implementationGuide": list(GUIDES),
        "rest": [
            {
                "mode": "server",
                "documentation": _documentation(),
                "security": _security(base),
                "interaction": [
                    {"code": code} for code in ("transaction", "batch", "history-system")
                ],
                "operation": [
                    {"name": "export", "definition": EXPORTS[""]},
                    {"name": "import", "definition": IMPORT},
                ],
                "resource": sorted(_resources(), key=lambda one: str(one["type"])),
            }
        ],
    }


def _documentation() -> str:
    """What no element says: `supportedProfile` would claim whole what is checked in part."""
    held = mappings()
    checked = sorted(
        f"{one['url']}|{one['guide'].rpartition(', ')[2]}"
        for one in written()
        if one["type"] in held and (held[one["type"]].create or held[one["type"]].update)
    )
    return (
        "Names are searched by POST [type]/_search: no address holds one. Of what comes in and "
        f"claims them, these profiles are checked, in part: {', '.join(checked)}."
    )


def _security(base: str) -> Json:
    """How one comes in. Source: SMART App Launch 1.0.0, « Conformance », `oauth-uris`."""
    offered, root = described(), base.removesuffix(PREFIX)
    addresses = [
        {"url": name, "valueUri": address if ":" in address else root + address}
        for name, key in OAUTH.items()
        if (address := offered[key])
    ]
    return {
        "extension": [{"url": OAUTH_URIS, "extension": addresses}],
        "cors": True,
        "service": [concept(SECURITY, "SMART-on-FHIR")],
    }


def _resources() -> Iterator[Json]:
    yield from map(_resource, mappings().values())
    yield from map(_definitions, LOOKED)


def _definitions(type_name: str) -> Json:
    """What the door says of itself: it is read and searched, by whoever is known."""
    found: Json = {
        "type": type_name,
        "interaction": [{"code": code} for code in ("read", "vread", "search-type")],
        "versioning": "versioned",
        "readHistory": False,
        "updateCreate": False,
        "conditionalCreate": False,
        "conditionalRead": "not-match",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "searchParam": [
            _parameter(type_name, name, one.type) for name, one in LOOKED[type_name].items()
        ],
        "documentation": "Drawn from the code of the door; about nobody.",
    }
    asked = _asked(type_name)
    return found | ({"operation": asked} if asked else {})


def _parameter(type_name: str, name: str, kind: str) -> Json:
    return {"name": name, "definition": parameter_address(type_name, name), "type": kind}


def _asked(type_name: str) -> list[Json]:
    return [
        {"name": one.name, "definition": one.definition}
        for one in operations().values()
        if one.type == type_name
    ]


def _resource(mapping: Mapping) -> Json:
    done = mapping.interactions
    found: Json = {
        "type": mapping.type,
        "interaction": [{"code": code} for code in done],
        "versioning": "versioned-update" if mapping.asks_version else "versioned",
        "readHistory": mapping.has_history,
        "updateCreate": False,
        "conditionalCreate": mapping.create is not None,
        "conditionalRead": "not-match",
        "conditionalUpdate": "update" in done,
        "conditionalDelete": "single" if "delete" in done else "not-supported",
        "referencePolicy": ["literal", "local"],
        "operation": operations_of(mapping),
        "searchInclude": includes_of(mapping),
        "searchRevInclude": revincludes_of(mapping),
        "searchParam": [
            _parameter(mapping.type, name, one.type) for name, one in parameters_of(mapping).items()
        ],
    }
    if mapping.profiles:
        found["supportedProfile"] = list(mapping.profiles)
    if mapping.note:
        found["documentation"] = mapping.note
    return {key: value for key, value in found.items() if value not in ([], "")}


def operations_of(mapping: Mapping) -> list[Json]:
    """What may be asked of this type beside reading and writing."""
    validate = {"name": "validate", "definition": VALIDATE}
    of_type = EXPORTS.get(mapping.type)
    exports = [{"name": "export", "definition": of_type}] if of_type else []
    return [validate, *exports, *_asked(mapping.type)]


def includes_of(mapping: Mapping) -> list[str]:
    """What a search of this type may bring along."""
    led = [
        name
        for name in mapping.search
        for one in (table.search[name] for table in mapping.tables)
        if isinstance(one, Reference) and set(one.paths) & set(mappings())
    ]
    return [f"{mapping.type}:{name}" for name in dict.fromkeys(led)]


def revincludes_of(mapping: Mapping) -> list[str]:
    """What refers to this type and may be brought along."""
    referring = [
        f"{other.type}:{name}"
        for other in mappings().values()
        for name in other.search
        for one in (table.search[name] for table in other.tables)
        if isinstance(one, Reference) and mapping.type in one.paths
    ]
    return list(dict.fromkeys(referring))
