"""Server-sent events: who has no address listens to a subscription, and resumes where it was cut.

Source: WHATWG HTML, « Server-sent events » (`Last-Event-ID`). Each event is judged as it leaves, as
a sending is; the token is looked at again with each, and at each beat: it ends in minutes, and who
comes back with the next one says the last number heard.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from cordee.access.sight import seen_by
from cordee.fhir.call import Call
from cordee.fhir.caller import TOO_FAST, Caller, caller_of
from cordee.fhir.frame import said
from cordee.fhir.instances import fetched
from cordee.fhir.outcome import Issue, Refusal, outcome
from cordee.fhir.registry import mapping_of
from cordee.fhir.subscriptions.listening import MOST, told_of
from cordee.fhir.subscriptions.notices import notification
from cordee.fhir.writing import FHIR_JSON, encoded
from cordee.kernel.streams import elsewhere
from cordee.partners import selectors
from cordee.partners.models import Subscription
from cordee.partners.services.calls import keep_call

EACH, BEAT = 1.0, 15.0  # seconds between two looks, and two signs of life
RETRY = 3_000  # milliseconds before a client that was cut comes back
MOST_OF_ONE = 20  # streams of one client, in this process
_open: Counter[UUID | None] = Counter()
_closing = asyncio.Event()

__all__ = ["FHIR_JSON", "Asking", "Listener", "Refusal", "close", "refused"]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks to listen to what, and after which number."""

    pk: str
    authorization: str
    network: str
    after: str = ""


@dataclass
class Listener:
    """One open stream: what it listens to, and the last number it was told."""

    asked: Asking
    subscription: Subscription
    client_id: UUID | None
    after: int
    beat_at: float = field(default_factory=time.monotonic)

    @classmethod
    async def open(cls, asked: Asking) -> Self:
        """Let a partner in. Raises Refusal: as the door says it."""
        return await elsewhere(cls._opened, asked)

    @classmethod
    def _opened(cls, asked: Asking) -> Self:
        caller, one = _admitted(asked)
        if _open[caller.client_id] >= MOST_OF_ONE:
            raise Refusal(429, [TOO_FAST], {"Retry-After": "60"})
        after = asked.after.strip()
        known = after.isascii() and after.isdigit() and len(after) < 10
        listener = cls(asked, one, caller.client_id, int(after) if known else one.tally.events)
        if caller.client_id:
            path = f"/fhir/Subscription/{one.pk}/$events"
            keep_call(
                caller.client_id, ("GET", path), status=200, milliseconds=0, at=timezone.now()
            )
        return listener

    async def words(self) -> AsyncIterator[str]:
        """What is sent, until the house stops, the token ends or the rights do."""
        _open[self.client_id] += 1
        try:
            yield f"retry: {RETRY}\n\n"
            while not _closing.is_set():
                for words in await elsewhere(self._news):
                    yield words
                await asyncio.sleep(EACH)
        except Refusal as refusal:
            yield f"event: refused\ndata: {encoded(outcome(refusal.issues)).decode()}\n\n"
        finally:
            _open[self.client_id] -= 1

    def _news(self) -> list[str]:
        """What came since the last number; a sign of life now and then. Raises Refusal."""
        events = selectors.events_between(self.subscription, self.after, None, MOST)
        if not events:
            return self._beat()
        caller, one = _admitted(self.asked)
        now = timezone.now()
        told = told_of(one, events, caller, now)
        self.after, self.beat_at = events[-1].number, time.monotonic()
        return [
            f"id: {event.number}\nevent: notification\ndata: "
            + encoded(notification(one, [(event, resource)], now, one.tally.events)).decode()
            + "\n\n"
            for event, resource in told
        ]

    def _beat(self) -> list[str]:
        if time.monotonic() - self.beat_at < BEAT:
            return []
        _admitted(self.asked)
        self.beat_at = time.monotonic()
        return [": ♥\n\n"]


def close() -> None:
    """End every stream."""
    _closing.set()


def refused(refusal: Refusal) -> tuple[bytes, int, dict[str, str]]:
    """A refusal as the door answers it: its body, its status, its headers."""
    return encoded(outcome(refusal.issues)), refusal.status, refusal.headers


def _admitted(asked: Asking) -> tuple[Caller, Subscription]:
    """Who asks, and the subscription, which is theirs. Raises Refusal, as the door does."""
    request = HttpRequest()
    request.META |= {"HTTP_AUTHORIZATION": asked.authorization, "REMOTE_ADDR": asked.network}
    request.now = timezone.now()  # type: ignore[attr-defined]
    try:
        caller = caller_of(request)
        call = Call(request, caller, request.now)  # type: ignore[attr-defined]
        with seen_by(caller.actor):
            call.require("Subscription", "r")
            row = fetched(call, mapping_of("Subscription"), asked.pk)
    except Exception as error:
        raise said(error) from error
    one = selectors.subscription_of(row.pk)
    if one is None or one.state != Subscription.State.ACTIVE:
        raise _silent()
    return caller, one


def _silent() -> Refusal:
    french = "Cet abonnement ne tourne pas : lisez « status » et « error »."
    english = "The subscription is not active: read its status and error."
    return Refusal(409, [Issue("conflict", "subscription.not_active", french, english)])
