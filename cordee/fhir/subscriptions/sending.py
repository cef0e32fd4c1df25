"""Tell a partner at its own address: judged, signed, sent once, and what was answered is kept."""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.fhir.outcome import Json
from cordee.fhir.subscriptions import patience
from cordee.fhir.subscriptions.feeding import in_the_name_of
from cordee.fhir.subscriptions.notices import notification, still_told
from cordee.fhir.subscriptions.patience import hurried, is_passing
from cordee.fhir.writing import FHIR_JSON, encoded
from cordee.partners import selectors, services
from cordee.partners.gateways.push import push
from cordee.partners.models import Delivery, Subscription
from cordee.partners.oauth.signed import signed
from cordee.partners.rules.retries import Answer
from cordee.partners.selectors.keys import signing_key

log = logging.getLogger("cordee.fhir")
Push = Callable[[str, bytes, dict[str, str]], Answer]


def send_next(*, actor: Actor, subscription_id: UUID, now: datetime, by: Push = push) -> bool:
    """Send the next thing that a subscription is to be told; False when there is none now.

    No transaction is open meanwhile. Whoever dies after sending and before noting leaves it
    « sending »: it is sent again, under the same number and name.
    """
    one = selectors.subscription_of(subscription_id)
    if one is None:
        return False
    try:
        owner = selectors.owner_of(one, now)
    except selectors.Silenced as silenced:
        services.silence(actor=actor, subscription=one, why=silenced.code, now=now)
        return False
    taken = services.take(actor=actor, subscription_id=one.pk, now=now)
    if taken is None:
        return False
    try:
        with hurried(patience.WHEN_FED), in_the_name_of(owner):
            told = still_told(one, [taken], owner, now)
        said = _said(actor, one, taken, told, now)
        answer = by(one.endpoint, *said) if said else None
    except Exception as error:
        if is_passing(error):
            raise  # its lease passes, and it is sent again
        log.error("a notification could not be written: %s", type(error).__name__)
        answer = Answer(0, is_ours=True)
    services.note(actor=actor, delivery=taken, answer=answer, now=now)
    return True


def _said(
    actor: Actor,
    one: Subscription,
    event: Delivery,
    told: dict[UUID, Json | None],
    now: datetime,
) -> tuple[bytes, dict[str, str]] | None:
    """The body and the headers of a sending, signed; None: it may not be told any more."""
    if event.resource_id not in told:
        return None
    headers = {
        "X-Cordee-Subscription": str(one.pk),
        "X-Cordee-Event": str(event.number),
        "Idempotency-Key": str(event.pk),
    }
    body = b""
    if one.content != Subscription.Content.EMPTY:
        resource = told[event.resource_id]
        body = encoded(notification(one, [(event, resource)], now, one.tally.events))
        headers["Content-Type"] = FHIR_JSON
    if signing_key(now) is None:  # the first key of the house is made on the way
        services.turn_keys(actor=actor, now=now)
    return body, signed(one.endpoint, body, headers, now)
