"""A request of care ⇄ ServiceRequest.

What is asked for somebody, from the call to the confirmed care. Where it stands is what the house
says; a partner reads it, and never writes it.
"""

from django.db.models import Q

from cordee.directory.kinds import CareKind, Profession
from cordee.fhir.contract import Mapping, Writing
from cordee.fhir.outcome import Json, unprocessable
from cordee.fhir.requests.receiving import create, person_of
from cordee.fhir.requests.standing import to_its_sender
from cordee.fhir.requests.telling import to_fhir
from cordee.fhir.requests.words import ENDED, PRIORITIES, REASONS, STATUS_REASON
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
from cordee.intake.models import CancelReason, CareRequest, Weight
from cordee.intake.rules import LIVE

__all__ = ["MAPPING", "REASONS"]

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


# --- search ----------------------------------------------------------------------------------

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
    to_its_sender=to_its_sender,
    search=SEARCH,
    lines=("intake.request_id",),
    summary=(
        *("status", "intent", "category", "priority", "code", "subject", "authoredOn"),
        *("requester", "performerType", "performer", "locationCode"),
        *("occurrencePeriod", "occurrenceTiming"),
    ),
    places={"intake.reason": "extension", "intake.changed": "status"},
    note="A request that comes in is received by a desk, which says who the person is: until then "
    "its subject is what the sender said. Where it stands is read, never written; who sent it to "
    "another desk reads that, and nothing more.",
)
