"""A request of care ⇄ ServiceRequest.

What is asked for somebody, from the call to the confirmed care. Where it stands is what the house
says; a partner reads it, and never writes it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import Q
from django.http import Http404

from cordee.access.actor import Actor
from cordee.directory import selectors as directory
from cordee.directory.kinds import CareKind, OrganizationKind, Profession
from cordee.directory.models import Organization
from cordee.fhir import france
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import concept, filled, period, reference, said
from cordee.fhir.outcome import Json, unprocessable
from cordee.fhir.search.parameters import (
    Choice,
    Code,
    Identifier,
    Moment,
    Parameter,
    Reference,
    Span,
)
from cordee.fhir.systems import PROFESSIONS, ours
from cordee.fhir.unchanged import refuse_other_changes
from cordee.intake import selectors, services
from cordee.intake.call import Asked, CallerSaid, NeedSaid
from cordee.intake.forms.need import NeedForm
from cordee.intake.models import (
    CancelReason,
    CareRequest,
    HandOnReason,
    RefusalReason,
    Risk,
    VisitTime,
    Weight,
)
from cordee.intake.rules import LIVE, PARIS, Delay, State
from cordee.kernel.identifiers import uuid7
from cordee.people.models import Person

STATUS_REASON = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
NOT_KNOWN_YET = "Personne à identifier"
ENDED = {
    State.CLOSED: "completed",
    State.REFUSED: "revoked",
    State.CANCELLED: "revoked",
    State.HANDED_ON: "revoked",
}
PRIORITIES = {
    Delay.TONIGHT: "asap",
    Delay.H24: "urgent",
    Delay.H72: "routine",
    Delay.PLANNED: "routine",
}
REASONS = {
    **dict(RefusalReason.choices),
    **dict(CancelReason.choices),
    **dict(HandOnReason.choices),
}
WHEN = {
    VisitTime.MORNING: "MORN",
    VisitTime.NOON: "NOON",
    VisitTime.EVENING: "EVE",
    VisitTime.NIGHT: "NIGHT",
}
RHYTHMS: dict[str, Json] = {
    "once": {"count": 1},
    "daily": {"frequency": 1, "period": 1, "periodUnit": "d"},
    "twice": {"frequency": 2, "period": 1, "periodUnit": "d"},
    "thrice": {"frequency": 3, "period": 1, "periodUnit": "d"},
    "weekly": {"frequency": 1, "frequencyMax": 3, "period": 1, "periodUnit": "wk"},
}


# --- out ---------------------------------------------------------------------------------------


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


# --- in ----------------------------------------------------------------------------------------

LONGEST = 2000
DAY = "%d/%m/%Y"


def create(writing: Writing) -> CareRequest:
    """Receive a request, as from the public form: the desk will say who the person is.

    Idempotent on its identifier: the same words sent again are the same request.
    """
    resource = writing.resource
    _refuse_what_asks_nothing(resource)
    person = writing.refers("subject", "Patient") if "reference" in resource["subject"] else None
    typed = filled(_typed(resource, person))
    need = _need(typed, writing.now)
    caller = _caller(resource, writing.actor)
    asked = Asked(
        caller.kind,
        caller.name,
        need,
        {name: one if isinstance(one, list) else [one] for name, one in typed.items()}
        | {"caller_name": [caller.name], "caller_structure": [caller.structure]},
        key=_key(resource),
    )
    row: Any = services.receive_from_system(
        actor=writing.actor,
        service=_service(writing, need.commune_code),
        caller=caller,
        asked=asked,
        now=writing.now,
    )
    row.said_of = person.pk if person else None
    return row  # type: ignore[no-any-return]


def person_of(row: CareRequest) -> UUID | None:
    """The person of a request; until the desk says who it is, whom its sender says it is for.

    What is kept around the request is read, and erased, as what is known of that person.
    """
    return row.person_id or getattr(row, "said_of", None)


def _refuse_what_asks_nothing(resource: Json) -> None:
    """Only what is asked now is received: no draft, no plan, nothing that is not to be done."""
    status, intent = resource.get("status"), resource.get("intent")
    asks = status == "active" and intent in ("proposal", "order", "original-order")
    if not asks or resource.get("doNotPerform"):
        raise unprocessable(
            "service_request.asks_nothing",
            "Seule une demande active est reçue ici (« status » : active ; « intent » : proposal, "
            "order ou original-order ; sans « doNotPerform »). Rien n’a été enregistré.",
            "Only an active request is received here. Nothing was stored.",
            "ServiceRequest.status",
        )


def _typed(resource: Json, person: Person | None) -> dict[str, Any]:
    """What a request says, as if it had been typed on the public form."""
    repeat = resource.get("occurrenceTiming", {}).get("repeat", {})
    days = resource.get("occurrencePeriod") or repeat.get("boundsPeriod", {})
    start = days.get("start", resource.get("occurrenceDateTime", ""))
    kinds = [_ours(one) for one in (resource.get("code", {}), *resource.get("orderDetail", []))]
    known = [one for one in kinds if one]
    return {
        **_who(resource["subject"], person),
        **_where(resource, person),
        "kind": known[0] if known else "",
        "other_kinds": known[1:],
        "need": _words(resource, is_coded=bool(kinds[0])),
        "begins_on": _typed_day(start),
        "ends_on": _typed_day(days.get("end", "")),
        "frequency": _frequency(repeat),
        "visit_times": [ours.value for ours, one in WHEN.items() if one in repeat.get("when", [])],
        "visit_minutes": str(repeat.get("duration", ""))
        if repeat.get("durationUnit") == "min"
        else "",
    }


def _who(subject: Json, person: Person | None) -> dict[str, str]:
    """Whom the desk will look for: nothing here says who it is for sure."""
    if person is None:
        return {"birth_name": subject.get("display", "")[:120]}
    return {
        "person_id": str(person.pk),
        "birth_name": person.birth_name,
        "first_names": person.first_names,
        "birth_date": person.birth_date.strftime(DAY) if person.birth_date else "",
        "person_phone": person.phone,
    }


def _where(resource: Json, person: Person | None) -> dict[str, str]:
    codes = [
        one.get("code", "")
        for place in resource.get("locationCode", [])
        for one in place.get("coding", [])
        if one.get("system") == france.COMMUNES
    ]
    code = codes[0] if codes else (person.commune_id if person else "") or ""
    if not code:
        return {}
    try:
        return {"commune_code": code, "commune": directory.get_commune(code).name}
    except Http404:
        raise unprocessable(
            "service_request.commune",
            "Cette commune n’existe pas : vérifiez son code INSEE.",
            "The commune is unknown: check its INSEE code.",
            "ServiceRequest.locationCode",
        ) from None


def _ours(concept_said: Json) -> str:
    """The kind of care that one of our codes names; none of another system."""
    for one in concept_said.get("coding", []):
        if one.get("system") == ours("care-kind") and one.get("code") in CareKind.values:
            return str(one["code"])
    return ""


def _words(resource: Json, *, is_coded: bool) -> str:
    """All that is said in words: what has no code here is read by the desk."""
    lines = [] if is_coded else [_text_of(resource.get("code", {}))]
    lines += [_text_of(one) for one in resource.get("orderDetail", []) if not _ours(one)]
    lines += [_text_of(one) for one in resource.get("reasonCode", [])]
    lines += [one.get("text", "") for one in resource.get("note", [])]
    lines.append(resource.get("patientInstruction", ""))
    if resource.get("priority") in URGENT:
        lines.append(f"Urgence dite\u00a0: {URGENT[resource['priority']]}")
    text = "\n".join(filter(None, lines))
    if len(text) > LONGEST:
        raise unprocessable(
            "service_request.too_long",
            f"Ce qui est écrit dépasse {LONGEST} caractères : le service ne le lirait pas en "
            "entier. Rien n’a été enregistré.",
            f"The words of the request exceed {LONGEST} characters. Nothing was stored.",
            "ServiceRequest.reasonCode",
        )
    return text


URGENT = {"urgent": "urgent", "asap": "dès que possible", "stat": "immédiate"}


def _text_of(concept_said: Json) -> str:
    codes = concept_said.get("coding", [])
    coded = [one.get("display", "") or one.get("code", "") for one in codes]
    return str(concept_said.get("text", "") or ", ".join(filter(None, coded)))


def _typed_day(text: str) -> str:
    """A day as one types it; of a month or a year alone, nothing."""
    if len(text) < 10:
        return ""
    year, month, day = text[:10].split("-")
    return f"{day}/{month}/{year}"


IN_A_RHYTHM = ("count", "frequency", "frequencyMax", "period", "periodUnit")


def _frequency(repeat: Json) -> str:
    said = {key: repeat[key] for key in IN_A_RHYTHM if key in repeat}
    if not said:
        return ""
    return next((name for name, one in RHYTHMS.items() if one == said), "other")


def _need(typed: dict[str, Any], now: datetime) -> NeedSaid:
    """Ask of what came in what the form asks of what is typed. Raises Refusal, with the form’s
    words."""
    form = NeedForm(typed, today=now.astimezone(PARIS).date())
    if not form.is_valid():
        wrong = " ".join(str(one) for many in form.errors.values() for one in many)
        raise unprocessable(
            "service_request.need", wrong, "The need is not one that can be looked for."
        )
    return form.need_said()


def _service(writing: Writing, commune: str) -> Organization:
    """The desk that answers: the one that is named, the sender’s own, or that of the commune."""
    if "Organization/" in writing.resource.get("performer", [{}])[0].get("reference", ""):
        found = writing.refers("performer[0]", "Organization")
    else:
        found = _own_desk(writing.actor) or selectors.service_of(commune)
    if found is None or found.kind != OrganizationKind.SIO:
        raise unprocessable(*NOBODY_ANSWERS, "ServiceRequest.performer")
    return found


def _own_desk(actor: Actor) -> Organization | None:
    own = selectors.partner(str(actor.organization_id)) if actor.organization_id else None
    return own if own and own.kind == OrganizationKind.SIO else None


NOBODY_ANSWERS = (
    "service_request.nobody_answers",
    "Aucun service d’orientation ne répond pour ce lieu : donnez la commune (« locationCode », "
    "code INSEE) ou le service (« performer »). Rien n’a été enregistré.",
    "No desk answers there: name the commune or the service. Nothing was stored.",
)


def _caller(resource: Json, actor: Actor) -> CallerSaid:
    """Who asks: as it is said, else whom the system speaks for."""
    said_by = resource.get("requester", {}).get("display", "")
    known = selectors.partner(str(actor.organization_id)) if actor.organization_id else None
    structure = known.name if known else ""
    return CallerSaid(name=(said_by or actor.name or structure)[:150], structure=structure[:150])


def _key(resource: Json) -> UUID:
    """What the request is called there; a request without a name is a new one each time."""
    names = sorted(
        f"{one.get('system', '')}|{one['value']}"
        for one in resource.get("identifier", [])
        if one.get("value")
    )
    return uuid5(NAMESPACE_URL, " ".join(names)) if names else uuid7()


SAID = (
    *("status", "intent", "priority", "code", "orderDetail", "subject", "occurrencePeriod"),
    *("occurrenceTiming", "occurrenceDateTime", "requester", "performer", "locationCode"),
    *("reasonCode", "note", "patientInstruction", "doNotPerform"),
)


def update(writing: Writing, row: CareRequest) -> CareRequest:
    """Cancel a request (« revoked »): what is asked otherwise is another request.

    Raises Refusal (422) for any other change, DomainError when it is over already.
    """
    now = refuse_other_changes(MAPPING, row, writing, SAID, ("status",))
    wanted = writing.resource.get("status")
    if wanted == now["status"]:
        return row
    if wanted != "revoked":
        raise unprocessable(
            "service_request.move",
            "Une demande s’annule (« revoked »), et rien d’autre : où elle en est, c’est le "
            "service qui le dit. Rien n’a été modifié.",
            "A request is revoked, and nothing else. Nothing was changed.",
            "ServiceRequest.status",
        )
    return services.cancel(
        actor=writing.actor, request=row, reason=_why(writing.resource), now=writing.now
    )


def _why(resource: Json) -> str:
    """Why a request is cancelled, in our codes; else at the demand of who asked."""
    reasons = [one for one in resource.get("extension", []) if one.get("url") == STATUS_REASON]
    said_so = [one.get("valueCodeableConcept", {}) for one in reasons]
    codes = [one for why in said_so for one in why.get("coding", [])]
    known = [one.get("code") for one in codes if one.get("system") == ours("request-end")]
    return known[0] if known and known[0] in CancelReason.values else CancelReason.ASKED.value


# --- search ------------------------------------------------------------------------------------

LIVE_CODES = [one.value for one in LIVE]


def _ended(status: str) -> Q:
    return Q(state__in=[one.value for one, said in ENDED.items() if said == status])


STATUSES = Choice(
    {
        "active": Q(state__in=LIVE_CODES, held_at=None),
        "on-hold": Q(state__in=LIVE_CODES, held_at__isnull=False),
        "completed": _ended("completed"),
        "revoked": _ended("revoked"),
    },
    "http://hl7.org/fhir/request-status",
)
PRESSING = Choice(
    {
        code: Q(delay__in=[one.value for one, said in PRIORITIES.items() if said == code])
        for code in ("routine", "urgent", "asap")
    },
    "http://hl7.org/fhir/request-priority",
    Q(delay=""),
)
SEARCH: dict[str, Parameter] = {
    "authored": Moment("received_at"),
    "category": Code("weight", {one: one for one in Weight.values}, ours("request-weight")),
    "code": Code("kind", {one: one for one in CareKind.values}, ours("care-kind")),
    "identifier": Identifier(),
    "occurrence": Span("begins_on", "ends_on"),
    "patient": Reference({"Patient": "person"}),
    "performer": Reference({"Organization": "organization", "Practitioner": "practitioner"}),
    "performer-type": Code("profession", {one: one for one in Profession.values}, PROFESSIONS),
    "priority": PRESSING,
    "status": STATUSES,
    "subject": Reference({"Patient": "person"}),
}

MAPPING = Mapping(
    type="ServiceRequest",
    model=CareRequest,
    rows=selectors.records,
    to_fhir=to_fhir,
    create=create,
    person_of=person_of,
    update=update,
    search=SEARCH,
    summary=(
        *("status", "intent", "category", "priority", "code", "subject", "authoredOn"),
        *("requester", "performerType", "performer", "locationCode"),
        *("occurrencePeriod", "occurrenceTiming"),
    ),
    note="A request that comes in is received by a desk, which says who the person is: until then "
    "its subject is what the sender said. Where it stands is read, never written.",
)
