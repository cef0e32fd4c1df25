"""PlanDefinition `$apply`: what entering a protocol today would mean for somebody.

Source: https://hl7.org/fhir/R4/plandefinition-operation-apply.html. A CarePlan is given, and not
kept: its steps, who each belongs to, and by when, as the engine would count from now on. Somebody
decides of the entry, in Cordée.
"""

from cordee.access import trace
from cordee.access.policy import require
from cordee.fhir.call import Call
from cordee.fhir.datatypes import filled, reference, said
from cordee.fhir.instances import fetched
from cordee.fhir.operations import Operation, Part
from cordee.fhir.operations.given import Given, subject_of
from cordee.fhir.outcome import Json, unprocessable
from cordee.fhir.registry import mapping_of
from cordee.fhir.writing import instant
from cordee.protocols import selectors
from cordee.protocols.rules import conformance
from cordee.protocols.rules.plan_definition import OURS
from cordee.protocols.rules.protocol import Protocol
from cordee.protocols.rules.stations import Station, stations

MADE = "Proposition\u00a0: rien n’est enregistré. Une personne décide de l’entrée, dans Cordée."


def apply(call: Call, pk: str, given: Given) -> Json:
    """The plan that a protocol draws for somebody who would enter now.

    Raises Refusal: the text cannot be read yet (422); Forbidden: who may not have her enter.
    """
    call.require("PlanDefinition", "r")
    version = fetched(call, mapping_of("PlanDefinition"), pk)
    person = subject_of(call, given)
    require(call.actor, "protocols.join", person)
    trace.listed(call.actor, "people.person", [person.pk])
    protocol = selectors.protocol_if_readable(version)
    if protocol is None:
        raise unprocessable(
            "apply.unreadable",
            "Ce protocole est un brouillon qui ne se lit pas encore : il ne s’applique pas.",
            "The protocol is a draft that cannot be read yet.",
            "PlanDefinition.action",
        )
    line = stations(protocol, conformance.begun(protocol, call.now), call.now)
    return {
        "resourceType": "CarePlan",
        "instantiatesCanonical": [f"{OURS}{protocol.id}|{protocol.version}"],
        "status": "draft",
        "intent": "proposal",
        "title": protocol.title,
        "subject": reference("Patient", person.pk),
        "period": {"start": instant(call.now)},
        "created": instant(call.now),
        "activity": [_activity(one) for one in line],
        "note": [{"text": text} for text in _notes(protocol)],
    }


def _activity(one: Station) -> Json:
    return {
        "detail": filled(
            {
                "status": "not-started",
                "description": one.step.title,
                "scheduledPeriod": {"end": said(one.due_at)} if one.due_at else {},
                "performer": [{"display": one.step.role}],
            }
        )
    }


def _notes(protocol: Protocol) -> list[str]:
    criteria = [f"Pour qui\u00a0: {one.text}" for one in protocol.inclusion]
    return [MADE, *criteria, *protocol.obligations]


OPERATIONS = (
    Operation(
        "apply",
        "PlanDefinition",
        "http://hl7.org/fhir/OperationDefinition/PlanDefinition-apply",
        apply,
        takes=(Part("subject", "string", 1),),
        gives=(Part("return", "CarePlan", 1),),
    ),
)
