"""A message that a desk wrote, by text or by mail → Communication.

The words are those that the desk reads: links and one-time codes are hidden in them.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import concept, filled, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import (
    Asking,
    Choice,
    Code,
    Moment,
    Parameter,
    Reference,
)
from cordee.fhir.search.shown import Shown
from cordee.fhir.systems import PARTICIPATION_MODE, ours, worded
from cordee.messaging import selectors
from cordee.messaging.models import Channel, Message
from cordee.messaging.wordings import SHIPPED
from cordee.people import selectors as people

STATUSES = {
    Message.State.QUEUED: "preparation",
    Message.State.SENDING: "in-progress",
    Message.State.SENT: "completed",
    Message.State.DELIVERED: "completed",
    Message.State.FAILED: "not-done",
}
MODES = {Channel.SMS: "SMSWRIT", Channel.EMAIL: "EMAILWRIT"}


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Message], seeing: Seeing) -> list[Json]:
    """Messages of the desk; the person, to who may know her. One query, whatever their number."""
    keys = {one.person_id for one in rows if one.person_id}
    known = people.records(seeing.actor).filter(pk__in=keys).values_list("pk", flat=True)
    seen = set(known) if keys else set()
    return [_message(one, one.person_id if one.person_id in seen else None) for one in rows]


def _message(row: Message, person: UUID | None) -> Json:
    shipped = SHIPPED.get(row.template)
    channel = Channel(row.channel)
    return filled(
        {
            "status": STATUSES[Message.State(row.state)],
            "statusReason": {"text": row.why} if row.reason else {},
            "medium": [worded(PARTICIPATION_MODE, MODES[channel], str(channel.label))],
            "subject": reference("Patient", person),
            "topic": concept(
                ours("message-template"), row.template, shipped.purpose if shipped else ""
            ),
            "sent": said(row.sent_at),
            "received": said(row.settled_at) if row.state == Message.State.DELIVERED else "",
            "recipient": list(_recipients(row)),
            "sender": reference("Organization", row.organization_id, row.organization.name)
            if row.organization
            else {},
            "payload": [{"contentString": text} for text in (row.subject, row.text) if text],
        }
    )


def _recipients(row: Message) -> Iterable[Json]:
    if row.practitioner is not None:
        yield reference("Practitioner", row.practitioner_id, str(row.practitioner))
    else:
        yield {"display": row.to}


# --- search ------------------------------------------------------------------------------------


def _standing(status: str) -> Q:
    return Q(state__in=[one.value for one, said in STATUSES.items() if said == status])


class Received(Moment):
    """When it was delivered: what failed settles too, and was received by nobody."""

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        delivered = Q(state=Message.State.DELIVERED)
        return super().condition(value, modifier, asking) & delivered

    def missing(self) -> Q:
        return super().missing() | ~Q(state=Message.State.DELIVERED)


SEARCH: dict[str, Parameter] = {
    "medium": Code("channel", {mode: one.value for one, mode in MODES.items()}, PARTICIPATION_MODE),
    "patient": Shown({"Patient": "person"}),
    "received": Received("settled_at"),
    "recipient": Reference({"Practitioner": "practitioner"}),
    "sender": Reference({"Organization": "organization"}),
    "sent": Moment("sent_at"),
    "status": Choice(
        {code: _standing(code) for code in dict.fromkeys(STATUSES.values())},
        "http://hl7.org/fhir/event-status",
    ),
    "subject": Shown({"Patient": "person"}),
}

MAPPING = Mapping(
    type="Communication",
    model=Message,
    rows=selectors.outbox,
    to_fhir=to_fhir,
    search=SEARCH,
    lines=("messaging.message_id",),
    summary=("status", "medium", "subject", "topic", "sent", "received", "recipient", "sender"),
    category_of=lambda row: "coordination",
    note="What desks wrote by text or mail; no message of Cordée carries health data.",
)
