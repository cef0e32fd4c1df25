"""Scores of evaluations → Observation: what the house counted, never what was sent.

One Observation for each evaluation that gave a result: its main measure is the value, the others
are components, and the answers that it comes from are named (`derivedFrom`). What nobody verified
is said (`note`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.assessments import selectors
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules import kept
from cordee.assessments.rules.aggir import CISIS, CISIS_OF_GIR
from cordee.assessments.rules.results import Band, Result
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import coding, concept, filled, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.resources.questionnaire_response import labels_of
from cordee.fhir.search.either import Field, Never
from cordee.fhir.search.parameters import (
    CODED,
    NOTHING,
    Asking,
    Choice,
    Moment,
    Parameter,
    Reference,
    token_of,
)
from cordee.fhir.systems import OBSERVATION_CATEGORY, UCUM, ours, worded

MEASURES, BANDS = ours("measure"), ours("band")
SCORE = "{score}"  # of UCUM: a number that is a score, and has no unit
GIR = "gir"
Status = QuestionnaireResponse.Status
STATUSES = {
    "final": Status.COMPLETED,
    "amended": Status.AMENDED,
    "entered-in-error": Status.ENTERED_IN_ERROR,
}
SAID = {one: word for word, one in STATUSES.items()}


def observation_of(row: QuestionnaireResponse) -> Json:
    """The result of an evaluation that gave one. No query."""
    main, *others = kept.read_back(row.results)
    return {
        **{key: one for key, one in {"meta": labels_of(row)}.items() if one},
        "status": SAID[Status(row.status)],
        **measured(main, others),
        "subject": reference("Patient", row.person_id),
        "effectiveDateTime": said(row.authored_at),
        "issued": said(row.saved_at),
        "performer": [{"display": row.author.name}],
        "derivedFrom": [reference("QuestionnaireResponse", row.pk, row.questionnaire.title)],
    }


def measured(main: Result, others: Iterable[Result]) -> Json:
    """What was measured, all that does not depend on whom: a score is of an evaluation."""
    return filled(
        {
            "category": [worded(OBSERVATION_CATEGORY, "survey", "questionnaire")],
            **_value(main),
            "note": [{"text": text} for text in _notes([main, *others])],
            "method": {"text": main.source} if main.source else {},
            "component": [_value(one) for one in others],
        }
    )


def _value(one: Result) -> Json:
    quantity = {"value": _number(one), "unit": one.unit or "points", "system": UCUM, "code": SCORE}
    if one.unit:
        quantity = {"value": _number(one), "unit": one.unit}
    return filled(
        {
            "code": concept(MEASURES, one.code, one.label) | {"text": one.label},
            "valueQuantity": quantity,
            "interpretation": [_interpretation(one, one.band)] if one.band else [],
            "referenceRange": [{"text": f"Sur {one.out_of.normalize():f}"}] if one.out_of else [],
        }
    )


def _number(one: Result) -> Any:
    return int(one.value) if one.value == one.value.to_integral_value() else one.value


def _interpretation(one: Result, band: Band) -> Json:
    codes = [coding(BANDS, f"{one.code}.{band.code}", band.label)]
    if one.code == GIR and (known := CISIS_OF_GIR.get(int(one.value))):
        codes.append(coding(CISIS, known, f"GIR {int(one.value)}"))
    return {"coding": codes, "text": band.label}


def _notes(results: Iterable[Result]) -> list[str]:
    return list(dict.fromkeys(one.caution for one in results if one.caution))


# --- the table of scores, beside that of visits -------------------------------------------------


def rows(actor: Actor) -> QuerySet[QuestionnaireResponse]:
    """The evaluations that gave a result, of those that the actor may read."""
    given = selectors.responses(actor).filter(status__in=STATUSES.values())
    return given.exclude(results=[])


def to_fhir(rows: Sequence[QuestionnaireResponse], seeing: Seeing) -> list[Json]:
    """Results as they were kept. No query."""
    return [observation_of(one) for one in rows]


def gave_a_result(row: QuestionnaireResponse, actor: Actor) -> bool:
    """What it was before it gave one is no observation."""
    return row.status in SAID and bool(row.results)


@dataclass(frozen=True)
class Component(Parameter):
    """A measure beside the main one."""

    type: ClassVar[str] = "token"
    modifiers: ClassVar[frozenset[str]] = CODED

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        system, code = token_of(value)
        found = Q(results__1__isnull=False)
        if code:
            found = Q(results__contains=[{"code": code}]) & ~Q(results__0__code=code)
        if system not in (None, MEASURES):
            found = NOTHING
        return ~found if modifier == "not" else found


PERSON = Reference({"Patient": "person"})
SCORES = Mapping(
    type="Observation",
    model=QuestionnaireResponse,
    rows=rows,
    to_fhir=to_fhir,
    past=gave_a_result,
    search={
        "category": Choice({"survey": Q()}, OBSERVATION_CATEGORY),
        "code": Field("results__0__code", MEASURES),
        "component-code": Component(),
        "date": Moment("authored_at"),
        "derived-from": Reference({"QuestionnaireResponse": "pk"}),
        "encounter": Never("reference"),
        "patient": PERSON,
        "performer": Never("reference"),
        "status": Choice(
            {word: Q(status=one) for word, one in STATUSES.items()},
            "http://hl7.org/fhir/observation-status",
        ),
        "subject": PERSON,
    },
)
