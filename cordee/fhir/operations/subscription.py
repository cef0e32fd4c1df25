"""Subscription `$events` and `$status`: what there was to tell, for who missed some of it.

Source: hl7.fhir.uv.subscriptions-backport 1.1.0. With `Accept: text/event-stream`, `$events` is a
stream (`subscriptions/stream.py`), served apart.
"""

from cordee.fhir.call import Call
from cordee.fhir.instances import fetched
from cordee.fhir.operations import Operation, Part
from cordee.fhir.operations.given import Given
from cordee.fhir.outcome import Json
from cordee.fhir.registry import mapping_of
from cordee.fhir.subscriptions.listening import MOST, told_of
from cordee.fhir.subscriptions.notices import notification, status_told
from cordee.partners.models import Subscription
from cordee.partners.selectors import dead_of, events_between, subscription_of

DEFINITION = (
    "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-"
)


def events(call: Call, pk: str, given: Given) -> Json:
    """What the subscription was to be told between two numbers, as far as it may still be told."""
    one = _own(call, pk)
    first = max(given.number("eventsSinceNumber", 1, 10**8, least=0), 1)
    last = given.number("eventsUntilNumber", first + MOST - 1, 10**8)
    some = events_between(one, first - 1, min(last, first + MOST - 1), MOST)
    told = told_of(one, some, call.caller, call.now)
    return notification(one, told, call.now, one.tally.events)


def how_it_goes(call: Call, pk: str, given: Given) -> Json:
    """The state of the subscription, and how many things there were to tell."""
    one = _own(call, pk)
    return status_told(one, dead_of(one))


def _own(call: Call, pk: str) -> Subscription:
    call.require("Subscription", "r")
    row: Subscription = fetched(call, mapping_of("Subscription"), pk)
    return subscription_of(row.pk) or row


OPERATIONS = (
    Operation(
        "events",
        "Subscription",
        DEFINITION + "events",
        events,
        takes=(Part("eventsSinceNumber", "string"), Part("eventsUntilNumber", "string")),
    ),
    Operation("status", "Subscription", DEFINITION + "status", how_it_goes),
)
