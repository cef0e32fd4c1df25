"""`$validate`: what would be wrong with a resource, without writing anything of it.

FHIR R4, resource-operation-validate.html: at a type or at a resource; the resource comes alone or
in Parameters, with `mode` (create, update, delete, profile) and `profile`. The answer is always
200: an OperationOutcome whose issues say what is wrong, or that nothing is.
"""

from dataclasses import dataclass

from django.http import HttpResponse

from cordee.access import trace
from cordee.fhir.assembly import assembled
from cordee.fhir.call import Call
from cordee.fhir.instances import fetched
from cordee.fhir.misshapen import issues_of, what_changes_meaning
from cordee.fhir.outcome import Issue, Json, Refusal, invalid, outcome
from cordee.fhir.reading import resource_of
from cordee.fhir.registry import mappings
from cordee.fhir.shape import troubles
from cordee.fhir.shape.claims import known
from cordee.fhir.shape.tables import resource_types
from cordee.fhir.writing import answered

MODES = ("create", "update", "delete", "profile")


@dataclass(frozen=True)
class Asked:
    """What is to be validated, for which purpose, against which profile."""

    resource: Json | None
    mode: str
    profile: str


def validated(call: Call, type_name: str, pk: str = "") -> HttpResponse:
    """Answer `$validate`. Raises Refusal: unreadable, unknown type, hidden or absent (404)."""
    if type_name not in resource_types():
        raise Refusal(404, [NO_TYPE])
    asked = _asked(call)
    resource = asked.resource
    if pk:
        mine = _the_one(call, type_name, pk)
        resource = resource if resource is not None else mine
    if resource is None and asked.mode != "delete":
        raise invalid(
            "validate.nothing",
            "Il faut une ressource à vérifier.",
            "A resource to validate is expected.",
        )
    issues = [*_of_mode(type_name, asked.mode), *_of_shape(type_name, resource, asked.profile)]
    return answered(call.request, outcome(issues or [RIGHT]))


def _the_one(call: Call, type_name: str, pk: str) -> Json:
    """Return the resource of the address, as its caller may see it. Raises Refusal (404)."""
    call.require(type_name, "r")
    mapping = mappings().get(type_name)
    if mapping is None:
        raise Refusal(404, [NO_TYPE])
    row = fetched(call, mapping, pk)
    trace.read(call.actor, row)
    (resource,) = assembled(mapping, [row], call.seeing)
    return resource


def _asked(call: Call) -> Asked:
    """Read the request. Raises Refusal: unreadable, or a mode that does not exist."""
    query = call.request.GET
    mode, profile = query.get("mode", ""), query.get("profile", "")
    if call.request.method == "GET" or not int(call.request.META.get("CONTENT_LENGTH") or 0):
        return _known_mode(Asked(None, mode, profile))
    body = resource_of(call.request)
    if body["resourceType"] != "Parameters":
        return _known_mode(Asked(body, mode, profile))
    given = body.get("parameter")
    named: dict[str, Json] = {
        str(one.get("name")): one
        for one in (given if isinstance(given, list) else [])
        if isinstance(one, dict)
    }
    asked = Asked(
        named.get("resource", {}).get("resource"),
        str(named.get("mode", {}).get("valueCode", mode)),
        str(named.get("profile", {}).get("valueUri", profile)),
    )
    return _known_mode(asked)


def _known_mode(asked: Asked) -> Asked:
    if asked.mode and asked.mode not in MODES:
        raise invalid(
            "validate.mode",
            "« mode » vaut create, update, delete ou profile.",
            "mode is create, update, delete or profile.",
        )
    return asked


def _of_mode(type_name: str, mode: str) -> list[Issue]:
    """Say that this door would not do what is meant."""
    if mode not in ("create", "update", "delete"):
        return []
    mapping = mappings().get(type_name)
    return [] if mapping and mode in mapping.interactions else [NOT_DONE]


def _of_shape(type_name: str, resource: Json | None, profile: str) -> list[Issue]:
    if resource is None:
        return []
    if not isinstance(resource, dict) or resource.get("resourceType") != type_name:
        return [OTHER_TYPE]
    is_known = not profile or profile.partition("|")[0] in known()
    required = [profile.partition("|")[0]] if profile else []
    wrong = [*issues_of(troubles(resource, required)), *what_changes_meaning(resource)]
    return wrong if is_known else [*wrong, NO_PROFILE]


RIGHT = Issue(
    "informational",
    "validate.right",
    "Rien à redire : cette ressource a la forme que FHIR R4 et ses profils connus demandent.",
    "Nothing wrong: the resource has the shape that FHIR R4 and its known profiles ask for.",
    severity="information",
)
NO_TYPE = Issue(
    "not-supported",
    "router.unknown_type",
    "Ce type de ressource n’existe pas dans FHIR R4, ou n’est pas tenu ici.",
    "The type does not exist in FHIR R4, or is not held here.",
)
OTHER_TYPE = Issue(
    "structure",
    "validate.type",
    "La ressource n’est pas du type que dit l’adresse.",
    "The resource is not of the type that the address says.",
    "resourceType",
)
NO_PROFILE = Issue(
    "not-supported",
    "validate.profile",
    "Ce profil n’est pas connu ici : rien n’a été vérifié contre lui.",
    "The profile is not known here: nothing was checked against it.",
)
NOT_DONE = Issue(
    "not-supported",
    "router.interaction",
    "Cette porte ne fait pas cela de ce type de ressource.",
    "This interaction is not supported for this type of resource.",
)
