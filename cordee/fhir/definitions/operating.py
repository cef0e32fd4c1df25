"""OperationDefinition: each operation of the house, with what it takes and what it gives."""

from cordee.fhir.definitions.addresses import operation_address
from cordee.fhir.operations import Operation, Part, operations
from cordee.fhir.outcome import Json
from cordee.fhir.registry import mappings

VALIDATE = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
IMPORT = operation_address("Resource", "import")
EXPORTS = {
    "": "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export",
    "Group": "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export",
    "Patient": "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export",
}
"""Those of Bulk Data Access, as they are written there: of the whole, of a group, of persons."""


def definitions() -> list[Json]:
    """Every operation, `$validate`, which every type has, what is exported and imported."""
    exports = [_export(kind, base) for kind, base in EXPORTS.items()]
    return [_validate(), _import(), *exports, *(_operation(one) for one in operations().values())]


def _operation(one: Operation) -> Json:
    return _told(one.type, one.name) | {
        "base": one.definition,
        "affectsState": False,
        "code": one.name,
        "resource": [one.type],
        "system": False,
        "type": one.at_type,
        "instance": one.at_instance,
        "parameter": [*_parts("in", one.takes), *_parts("out", one.gives)],
    }


def _told(type_name: str, name: str) -> Json:
    return {
        "id": f"{type_name}-{name}",
        "url": operation_address(type_name, name),
        "name": f"{type_name}-{name}",
        "status": "active",
        "kind": "operation",
        "publisher": "Cordée",
    }


def _validate() -> Json:
    takes = (Part("resource", "Resource"), Part("mode", "code"), Part("profile", "uri"))
    gives = (Part("return", "OperationOutcome", 1),)
    return _told("Resource", "validate") | {
        "base": VALIDATE,
        "affectsState": False,
        "code": "validate",
        "resource": sorted(mappings()),
        "system": False,
        "type": True,
        "instance": True,
        "parameter": [*_parts("in", takes), *_parts("out", gives)],
    }


def _export(kind: str, base: str) -> Json:
    """What is answered is no resource: a list of files, hence no parameter out."""
    many = ("_type", "_typeFilter", "_elements")
    takes = [Part("_outputFormat", "string"), Part("_since", "instant")]
    return _told(kind or "Resource", "export") | {
        "base": base,
        "affectsState": False,
        "code": "export",
        **({"resource": [kind]} if kind else {}),
        "system": not kind,
        "type": kind == "Patient",
        "instance": kind == "Group",
        "parameter": [
            *_parts("in", tuple(takes)),
            *({"name": one, "use": "in", "min": 0, "max": "*", "type": "string"} for one in many),
        ],
    }


def _import() -> Json:
    """HL7 publishes none: ours, of what most servers that have it take."""
    kind = (Part("type", "code", 1),)
    return _told("Resource", "import") | {
        "affectsState": True,
        "code": "import",
        "system": True,
        "type": False,
        "instance": False,
        "parameter": [
            *_parts("in", (Part("inputFormat", "code"), Part("inputSource", "uri"))),
            _of_parts("storageDetail", 0, "1", kind),
            _of_parts("input", 1, "*", (*kind, Part("url", "uri", 1))),
            *_parts("out", (Part("return", "OperationOutcome", 1),)),
        ],
    }


def _of_parts(name: str, least: int, most: str, parts: tuple[Part, ...]) -> Json:
    return {"name": name, "use": "in", "min": least, "max": most, "part": _parts("in", parts)}


def _parts(use: str, parts: tuple[Part, ...]) -> list[Json]:
    return [
        {"name": one.name, "use": use, "min": one.least, "max": "1", "type": one.type}
        for one in parts
    ]
