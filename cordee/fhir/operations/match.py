"""Patient `$match`: who may be the person that a partner describes, and how sure one is.

Source: https://hl7.org/fhir/R4/patient-operation-match.html. The weights are those by which the
house proposes pairs; they were measured on made-up pairs only, and the answer says so. « certain »
is said of one thing: the same INS, qualified here, that a sender which validated the identity
gives, and traits that agree. Who hides from the caller is not there, and changes nothing.
"""

from collections.abc import Sequence

from cordee.access import trace
from cordee.fhir.assembly import assembled
from cordee.fhir.call import Call
from cordee.fhir.misshapen import refuse_misshapen
from cordee.fhir.operations import Operation, Part
from cordee.fhir.operations.given import Given
from cordee.fhir.outcome import Issue, Json, outcome
from cordee.fhir.registry import mapping_of
from cordee.fhir.resources.patient import said_of
from cordee.people import selectors as people
from cordee.people.rules.matching import PROBABLE
from cordee.people.selectors import Found
from cordee.people.services import Identity

USUAL, MOST = 10, 20
GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"


def match(call: Call, pk: str, given: Given) -> Json:
    """Who may be the person described, likeliest first, with a grade. Raises Refusal."""
    call.require("Patient", "s")
    resource = given.resource("resource", "Patient")
    refuse_misshapen(resource)
    identity = Identity(**said_of(resource))
    count = given.number("count", USUAL, MOST)
    likely = people.possible_duplicates(call.actor, identity.traits, limit=count, by_told=True)
    graded = [(one, _grade(call, one, identity.ins)) for one in likely]
    if given.text("onlyCertainMatches") == "true":
        graded = [(one, grade) for one, grade in graded if grade == "certain"]
    entries = _entries(call, graded)
    said = {"resource": outcome([WEIGHTS]), "search": {"mode": "outcome"}}
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(entries),
        "entry": [*entries, said],
    }


def _entries(call: Call, graded: Sequence[tuple[Found, str]]) -> list[Json]:
    mapping = mapping_of("Patient")
    keys = [one.person.pk for one, _ in graded]
    rows = {row.pk: row for row in call.rows(mapping, "s").filter(pk__in=keys)}
    seen = [(one, grade) for one, grade in graded if one.person.pk in rows]
    trace.listed(call.actor, mapping.model._meta.label_lower, list(rows))
    shown = assembled(mapping, [rows[one.person.pk] for one, _ in seen], call.seeing)
    return [
        {
            "fullUrl": f"{call.base}Patient/{resource['id']}",
            "resource": resource,
            "search": {
                "extension": [{"url": GRADE, "valueCode": grade}],
                "mode": "match",
                "score": round(one.score, 4),
            },
        }
        for (one, grade), resource in zip(seen, shown, strict=True)
    ]


def _grade(call: Call, found: Found, claimed: str) -> str:
    if found.score < PROBABLE:
        return "possible"
    same = bool(claimed) and found.person.shown_ins == claimed
    if same and "ins" not in people.withheld(call.actor, found.person):
        return "certain"
    return "probable"


WEIGHTS = Issue(
    "informational",
    "match.weights",
    "Ces ressemblances sont pesées par des poids de jugement, mesurés sur des paires fabriquées "
    "seulement : c’est à une personne de dire s’il s’agit de la même.",
    "Scores rest on judged weights, measured on made-up pairs only: a human decides.",
    severity="information",
)

OPERATIONS = (
    Operation(
        "match",
        "Patient",
        "http://hl7.org/fhir/OperationDefinition/Patient-match",
        match,
        at_instance=False,
        at_type=True,
        takes=(
            Part("resource", "Patient", 1),
            Part("onlyCertainMatches", "boolean"),
            Part("count", "integer"),
        ),
    ),
)
