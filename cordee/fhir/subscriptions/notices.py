"""What is told of a subscription: a notification, as HL7's « Subscriptions R5 Backport » has it.

Source: hl7.fhir.uv.subscriptions-backport 1.1.0, profiles `backport-subscription-notification-r4`
and `backport-subscription-status-r4`, operation `$events`. What is told is judged as it leaves: a
resource that the owner may no longer see is not named.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cordee.access import trace
from cordee.fhir.assembly import assembled
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import filled
from cordee.fhir.outcome import Json
from cordee.fhir.registry import mappings
from cordee.fhir.search.compiler import let_through
from cordee.fhir.search.parameters import Asking
from cordee.fhir.subscriptions.criteria import asking_of
from cordee.fhir.writing import instant
from cordee.partners.models import THE_GAP, Delivery, Subscription
from cordee.partners.oauth.server import addresses
from cordee.partners.rules import silences
from cordee.partners.selectors import Owner

GUIDE = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
NOTIFICATION = GUIDE + "backport-subscription-notification-r4"
STATUS = GUIDE + "backport-subscription-status-r4"
Content = Subscription.Content


def still_told(
    one: Subscription, events: Sequence[Delivery], owner: Owner, now: datetime
) -> dict[UUID, Json | None]:
    """What may be told of some events, by resource: itself when it is asked for, else None; what
    hides from the owner is not there. In the name of the owner. Traced: they are told of it."""
    found: dict[UUID, Json | None] = {}
    for kind in sorted({event.kind for event in events}):
        if kind != THE_GAP and not owner.scopes.allow(kind, "s"):
            continue  # of a criterion that it had before
        ids = {event.resource_id for event in events if event.kind == kind}
        whole = one.content == Content.FULL and owner.scopes.allow(kind, "r")
        for table in mappings()[kind].tables:
            found |= _seen(table, ids, asking_of(owner, kind, now), whole=whole)
    return found


def _seen(
    table: Mapping, ids: Collection[UUID], asking: Asking, *, whole: bool
) -> dict[UUID, Json | None]:
    """What is seen of one table; `whole`: with its resources, of the parts that are read."""
    rows = list(let_through(table, asking, "s").filter(pk__in=ids).order_by("pk"))
    found: dict[UUID, Json | None] = dict.fromkeys(row.pk for row in rows)
    if whole:
        read = set(found)
        if asking.scopes.parts(table.type, "r"):
            read = set(
                let_through(table, asking, "r").filter(pk__in=ids).values_list("pk", flat=True)
            )
        present = [row for row in rows if row.pk in read and not table.is_gone(row)]
        resources = assembled(table, present, Seeing(asking.actor, asking.now, asking=asking))
        found |= dict(zip((row.pk for row in present), resources, strict=True))
    persons = [person for row in rows if (person := table.person_of(row))]
    trace.listed(asking.actor, table.model._meta.label_lower, persons)
    return found


def notification(
    one: Subscription, told: Sequence[tuple[Delivery, Json | None]], now: datetime, total: int
) -> Json:
    """A Bundle that tells some events, in their order, each with its resource when it is given."""
    base = addresses()["base"]
    named = told if one.content != Content.EMPTY else ()
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [NOTIFICATION]},
        "type": "history",
        "timestamp": instant(now),
        "entry": [
            _status_entry(one, told, base, total),
            *(_entry(event, resource, base) for event, resource in named),
        ],
    }


def _status_entry(
    one: Subscription, told: Sequence[tuple[Delivery, Json | None]], base: str, total: int
) -> Json:
    return {
        "fullUrl": f"urn:uuid:{told[0][0].pk if told else one.pk}",
        "resource": status(one, total, "event-notification", [event for event, _ in told]),
        "request": {"method": "GET", "url": f"{base}/Subscription/{one.pk}/$status"},
        "response": {"status": "200"},
    }


def status_told(one: Subscription, dead: int) -> Json:
    """The answer of `$status`; `dead`: how many lines wait behind what was refused."""
    wrong = silences.of_dead_letters(dead) if dead else ""
    told = status(one, one.tally.events, "query-status", also=wrong)
    entry = {"fullUrl": f"urn:uuid:{one.pk}", "resource": told, "search": {"mode": "match"}}
    return {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [entry]}


def status(
    one: Subscription,
    total: int,
    kind: str,
    events: Sequence[Delivery] = (),
    also: str = "",
) -> Json:
    """How a subscription goes, what went wrong (`also` that), and which events are told with it:
    Parameters."""
    base, wrong = addresses()["base"], (silences.in_both(one.error), also)
    said: list[Json] = [
        _said("subscription", "Reference", {"reference": f"{base}/Subscription/{one.pk}"}),
        _said("status", "Code", one.state),
        _said("type", "Code", kind),
        _said("events-since-subscription-start", "String", str(total)),
        *(_event(event, base, one.content) for event in events),
    ]
    said += [_said("error", "CodeableConcept", {"text": text}) for text in filter(None, wrong)]
    return {"resourceType": "Parameters", "meta": {"profile": [STATUS]}, "parameter": said}


def _event(event: Delivery, base: str, content: str) -> Json:
    focus = {"reference": f"{base}/{event.kind}/{event.resource_id}"}
    parts = [
        _said("event-number", "String", str(event.number)),
        _said("timestamp", "Instant", instant(event.happened_at)),
        *([_said("focus", "Reference", focus)] if content != Content.EMPTY else []),
    ]
    return {"name": "notification-event", "part": parts}


def _entry(event: Delivery, resource: Json | None, base: str) -> Json:
    address = f"{base}/{event.kind}/{event.resource_id}"
    return filled(
        {
            "fullUrl": address,
            "resource": resource,
            "request": {"method": "GET", "url": address},
            "response": {"status": "200"},
        }
    )


def _said(name: str, kind: str, value: Any) -> Json:
    return {"name": name, f"value{kind}": value}
