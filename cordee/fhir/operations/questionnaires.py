"""Questionnaire `$populate` and QuestionnaireResponse `$extract`: what is known, what is counted.

Sources: http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate and
QuestionnaireResponse-extract. What is proposed is what a screen would propose, with where it comes
from; what is extracted is the score that the house counts. Nothing of either is kept.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from cordee.access import trace
from cordee.access.policy import require
from cordee.assessments import selectors
from cordee.assessments.policy import Undertaking
from cordee.assessments.rules import filling
from cordee.assessments.rules.definition import KIND_OF, Coding, Constant, Item, Quantity
from cordee.assessments.rules.tree import Tree, written
from cordee.directory.rules import PARIS
from cordee.fhir.call import Call
from cordee.fhir.contract import Writing
from cordee.fhir.datatypes import filled, reference
from cordee.fhir.instances import fetched
from cordee.fhir.misshapen import refuse_misshapen
from cordee.fhir.operations import Operation, Part
from cordee.fhir.operations.given import Given, subject_of
from cordee.fhir.outcome import Issue, Json, outcome
from cordee.fhir.registry import mapping_of
from cordee.fhir.resources.questionnaire_response import (
    canonical,
    questionnaire_of,
    understood,
)
from cordee.fhir.scores import measured, observation_of
from cordee.fhir.writing import instant

SDC = "http://hl7.org/fhir/uv/sdc/OperationDefinition/"


# --- $populate ---------------------------------------------------------------------------------


def populate(call: Call, pk: str, given: Given) -> Json:
    """A response that waits to be completed, with what is already known of somebody.

    Raises Refusal, Forbidden: the caller may not ask it of her.
    """
    call.require("QuestionnaireResponse", "r")
    asked = fetched(call, mapping_of("Questionnaire"), pk)
    person = subject_of(call, given)
    require(call.actor, "assessments.begin", Undertaking(person, asked))
    today = call.now.astimezone(PARIS).date()
    blank = selectors.blank(call.actor, person, asked, call.now)
    known = selectors.proposals_of(call.actor, blank, today)
    trace.listed(call.actor, "assessments.questionnaireresponse", [person.pk])
    definition = selectors.definition_of(asked)
    tree = Tree(definition, blank.items)
    told = list(_proposed(tree, known))
    items = filling.filled(definition, written(tree.tops), today=today).items
    response = filled(
        {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": canonical(asked),
            "status": "in-progress",
            "subject": reference("Patient", person.pk),
            "authored": instant(call.now),
            "item": items,
        }
    )
    parameters: list[Json] = [{"name": "response", "resource": response}]
    if told:
        parameters.append({"name": "issues", "resource": outcome(told)})
    return {"resourceType": "Parameters", "parameter": parameters}


def _proposed(tree: Tree, known: Mapping[str, Any]) -> Iterator[Issue]:
    """Put what is known where nothing is answered, and say where each comes from."""
    for node in tree.nodes:
        one = known.get(node.item.link_id)
        constant = _constant(node.item, one.value) if one and not node.answers else None
        if one is None or constant is None:
            continue
        node.answers = [constant]
        name = node.item.link_id.replace("\\", "\\\\").replace("'", "\\'")
        yield Issue(
            "informational",
            "populate.known",
            one.said,
            "The answer is proposed from what is already known; it waits to be confirmed.",
            f"QuestionnaireResponse.repeat(item).where(linkId='{name}')",
            severity="information",
        )


def _constant(item: Item, value: Any) -> Constant | None:
    kind = KIND_OF.get(item.type)
    if kind is None:
        return None
    if kind == "valueCoding":
        return Constant(kind, Coding(str(value)))
    if kind == "valueQuantity":
        known = isinstance(value, Decimal) and item.unit
        return Constant(kind, Quantity(value, item.unit)) if known else None  # type: ignore[arg-type]
    return Constant(kind, value)


# --- $extract ----------------------------------------------------------------------------------


def extract(call: Call, pk: str, given: Given) -> Json:
    """The score of a response that is held here, or of one that is sent and not kept.

    Raises Refusal: hidden or absent (404), answers that are not those asked for (422).
    """
    call.require("QuestionnaireResponse", "r")
    call.require("Observation", "r")
    if pk:
        row = fetched(call, mapping_of("QuestionnaireResponse"), pk)
        trace.read(call.actor, row)
        counts = bool(row.results) and row.status in (*row.WHOLE, row.Status.ENTERED_IN_ERROR)
        if not counts:
            return outcome([NOTHING_COUNTED])
        return {"resourceType": "Observation", **observation_of(row)}
    return _sent(call, given.resource("questionnaire-response", "QuestionnaireResponse"))


def _sent(call: Call, resource: Json) -> Json:
    """What the house would count of answers that it does not keep."""
    refuse_misshapen(resource)
    writing = Writing(call.actor, call.now, resource)
    asked = questionnaire_of(writing)
    items = understood(writing, asked, whole=True)
    definition, today = selectors.definition_of(asked), call.now.astimezone(PARIS).date()
    results = selectors.scored(definition, filling.filled(definition, items, today=today), today)
    if not results:
        return outcome([NOTHING_COUNTED])
    main, *others = results
    said = {"subject": resource.get("subject"), "effectiveDateTime": resource.get("authored")}
    about = filled(said)
    return {
        "resourceType": "Observation",
        "status": "preliminary",
        **measured(main, others),
        **about,
    }


NOTHING_COUNTED = Issue(
    "informational",
    "extract.nothing",
    "Ces réponses ne donnent pas de score : l’instrument n’en compte pas, ou elles ne sont pas "
    "terminées.",
    "Nothing is counted: the instrument has no score, or the response is not complete.",
    severity="information",
)

OPERATIONS = (
    Operation(
        "populate",
        "Questionnaire",
        SDC + "Questionnaire-populate",
        populate,
        takes=(Part("subject", "Reference", 1),),
        gives=(Part("response", "QuestionnaireResponse", 1), Part("issues", "OperationOutcome")),
    ),
    Operation(
        "extract",
        "QuestionnaireResponse",
        SDC + "QuestionnaireResponse-extract",
        extract,
        at_type=True,
        takes=(Part("questionnaire-response", "QuestionnaireResponse"),),
        gives=(Part("return", "Resource", 1),),
    ),
)
