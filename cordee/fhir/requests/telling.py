"""A request as its reader may know it → ServiceRequest."""

from collections.abc import Iterable, Sequence
from typing import Any

from cordee.directory.kinds import CareKind, Profession
from cordee.fhir import france
from cordee.fhir.contract import Seeing
from cordee.fhir.datatypes import concept, filled, period, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.requests.words import (
    ENDED,
    NOT_KNOWN_YET,
    PRIORITIES,
    REASONS,
    RHYTHMS,
    STATUS_REASON,
    WHEN,
)
from cordee.fhir.systems import PROFESSIONS, ours
from cordee.intake import selectors
from cordee.intake.models import CareRequest, Risk, VisitTime, Weight
from cordee.intake.rules import Delay, State


def to_fhir(rows: Sequence[CareRequest], seeing: Seeing) -> list[Json]:
    """Requests as their reader may know them. One query, whatever their number."""
    callers = selectors.callers_of(seeing.actor, rows)
    return [_request(one, callers.get(one.caller_id) if one.caller_id else None) for one in rows]


def _request(row: CareRequest, caller: Any) -> Json:
    return filled(
        {
            "extension": _why_it_ended(row),
            "status": _status(row),
            "intent": "order",
            "category": [
                concept(ours("request-weight"), row.weight, str(Weight(row.weight).label))
            ],
            "priority": PRIORITIES[Delay(row.delay)] if row.delay else "",
            "code": _care(row.kind),
            "orderDetail": [_care(one) for one in row.kinds[1:]] if row.kind else [],
            "subject": reference("Patient", row.person_id) or {"display": NOT_KNOWN_YET},
            **_occurrence(row),
            "authoredOn": said(row.received_at),
            "requester": {"display": caller.said} if caller else {},
            "performerType": _profession(row.profession),
            "performer": list(_performers(row)),
            "locationCode": [concept(france.COMMUNES, row.commune.pk, row.commune.name)]
            if row.commune
            else [],
            "reasonCode": [{"text": row.need}] if row.need else [],
            "note": [{"text": text} for text in _notes(row)],
        }
    )


def _status(row: CareRequest) -> str:
    if (ended := ENDED.get(State(row.state))) is not None:
        return ended
    return "on-hold" if row.held_at else "active"


def _why_it_ended(row: CareRequest) -> list[Json]:
    if not row.end_reason:
        return []
    why = concept(ours("request-end"), row.end_reason, str(REASONS.get(row.end_reason, "")))
    return [{"url": STATUS_REASON, "valueCodeableConcept": why}]


def _care(kind: str) -> Json:
    return concept(ours("care-kind"), kind, str(CareKind(kind).label)) if kind else {}


def _profession(code: str) -> Json:
    return concept(PROFESSIONS, code, str(Profession(code).label)) if code else {}


def _occurrence(row: CareRequest) -> Json:
    """When it is to be given: a rhythm within days, else the days alone."""
    days = period(row.begins_on, row.ends_on)
    repeat = filled(
        {
            **RHYTHMS.get(row.frequency, {}),
            "boundsPeriod": days,
            "duration": row.visit_minutes,
            "durationUnit": "min" if row.visit_minutes else "",
            "when": [WHEN[VisitTime(one)] for one in row.visit_times],
        }
    )
    if not repeat.keys() - {"boundsPeriod"}:
        return {"occurrencePeriod": days}
    if row.frequency and row.frequency not in RHYTHMS:
        return {"occurrenceTiming": {"repeat": repeat, "code": _rhythm(row)}}
    return {"occurrenceTiming": {"repeat": repeat}}


def _rhythm(row: CareRequest) -> Json:
    return {"text": row.get_frequency_display()}


def _performers(row: CareRequest) -> Iterable[Json]:
    yield reference("Organization", row.organization_id, row.organization.name)
    if row.practitioner:
        yield reference("Practitioner", row.practitioner_id, str(row.practitioner))


def _notes(row: CareRequest) -> Iterable[str]:
    """What whoever comes must know: how to get in, and what to be careful about."""
    risks = ", ".join(str(Risk(one).label) for one in row.risks)
    return filter(None, (row.access_notes, risks, row.risk_notes, row.answer_words))
