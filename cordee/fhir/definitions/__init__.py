"""What the door says of itself, in FHIR: parameters, operations, profiles, lists of codes.

Everything is drawn from the code and from HL7's tables, never written twice: it is about the door
and about nobody, so whoever the door knows may read it, whatever their scopes.
"""

from collections.abc import Callable
from functools import cache
from zlib import crc32

from cordee.fhir.outcome import Json
from cordee.fhir.writing import encoded

Made = Callable[[], list[Json]]


def served() -> dict[str, Made]:
    """The types of definitions, each with what makes all of them."""
    from cordee.fhir.definitions import operating, parameters, profiles, vocabularies

    return {
        "CodeSystem": vocabularies.systems,
        "OperationDefinition": operating.definitions,
        "SearchParameter": parameters.definitions,
        "StructureDefinition": profiles.definitions,
        "ValueSet": vocabularies.sets,
    }


@cache
def definitions(type_name: str) -> dict[str, Json]:
    """Every definition of a type by its identifier, in its order; each with its version.

    Raises KeyError: definitions are not of that type. TypeError: two have one identifier.
    """
    found: dict[str, Json] = {}
    for one in sorted(served()[type_name](), key=lambda one: str(one["id"])):
        if one["id"] in found:
            raise TypeError(f"two definitions are {type_name}/{one['id']}")
        version = f"{crc32(encoded(one)):08x}"
        head = {"resourceType": type_name, "id": one["id"], "meta": {"versionId": version}}
        found[one["id"]] = {**head, **one}
    return found


def defined(type_name: str, url: str) -> Json | None:
    """The definition that a canonical address names, its version set apart."""
    wanted = url.partition("|")[0]
    return next((one for one in definitions(type_name).values() if one["url"] == wanted), None)
