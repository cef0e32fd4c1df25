"""Who hears of what: one ear on the thread, many readers, each judged before each event."""

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Self
from uuid import UUID

import psycopg
from asgiref.sync import sync_to_async
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from cordee.access.actor import Actor, Role
from cordee.access.policy import visible
from cordee.access.sight import by_the_house, seen_by
from cordee.kernel.models import FactHeader
from cordee.web.identity import actor_of
from cordee.web.sign_in import cipher, lacks_second_factor

log = logging.getLogger(__name__)
GATHER = 0.05  # seconds during which events are put together and judged at once
BEAT = 15.0
CATCH_UP = 500
# A house that starts again must not see all its screens come back in the same instant.
SOONEST, LATEST = 1_000, 9_000  # milliseconds
EVERYTHING = "event: everything\ndata: \n\n"
# What speaks of no person in particular is told to those who keep the house.
KEEPERS = {Role.COORDINATOR, Role.ORIENTEUSE, Role.HOSPITAL, Role.ADMINISTRATOR}


class NotSignedIn(Exception):
    """The cookie opens nothing, or no longer."""


@dataclass(frozen=True, slots=True)
class Knot:
    """Something moved: which room spoke, of which thread, and where to resume after it."""

    fact_id: int
    horizon: int  # every transaction before this one was over when it was said
    room: str
    thread_id: UUID | None


@dataclass(eq=False)
class Reader:
    """One open page: its session, and what it has not heard yet."""

    session_key: str
    horizon: int | None
    waiting: asyncio.Queue[Knot | None] = field(default_factory=lambda: asyncio.Queue(1000))

    @classmethod
    async def open(cls, cookies: dict[str, str], after: str) -> Self:
        """Recognise a session. Raises NotSignedIn."""
        session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        await in_a_thread(recognised, session_key)
        return cls(session_key, opened(after))

    def offer(self, knot: Knot | None) -> None:
        """Hand an event over; a reader that no longer listens is told to come back."""
        try:
            self.waiting.put_nowait(knot)
        except asyncio.QueueFull:
            self.waiting = asyncio.Queue(1000)
            self.waiting.put_nowait(None)

    async def gathered(self) -> list[Knot | None]:
        """Wait for an event, and for those that come with it. Empty when nothing came."""
        try:
            knots = [await asyncio.wait_for(self.waiting.get(), BEAT)]
        except TimeoutError:
            return []
        await asyncio.sleep(GATHER)
        while not self.waiting.empty():
            knots.append(self.waiting.get_nowait())
        return knots


class Hub:
    """The one ear of this process."""

    def __init__(self) -> None:
        self.readers: set[Reader] = set()
        self.listening = False
        self.closed = False

    async def listen(self) -> None:
        """Hear the thread for ever; after a lost connection, send every reader to catch up."""
        while not self.closed:
            try:
                await self._hear()
            except (psycopg.Error, OSError):
                log.warning("live: the ear is lost, listening again")
                self.listening = False
                for reader in list(self.readers):
                    reader.offer(None)
                await asyncio.sleep(1)

    async def _hear(self) -> None:
        ear = await psycopg.AsyncConnection.connect(**dsn(), autocommit=True)
        async with ear:
            await ear.execute("LISTEN thread")
            self.listening = True
            async for notice in ear.notifies():
                try:
                    knot = knot_of(json.loads(notice.payload))
                except (ValueError, KeyError, TypeError):
                    log.warning(
                        "live: a notice that says nothing"
                    )  # not ours, and no reason to die
                    continue
                for reader in list(self.readers):
                    reader.offer(knot)

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        for reader in list(self.readers):
            reader.offer(None)

    async def stream(self, reader: Reader) -> AsyncIterator[str]:
        """What one page receives. Nothing is held open in the database meanwhile."""
        self.readers.add(reader)
        try:
            yield f"retry: {SOONEST + secrets.randbelow(LATEST - SOONEST)}\n\n"
            while not self.listening and not self.closed:
                await asyncio.sleep(0.05)  # what happens before the ear is open would be lost
            for words in await in_a_thread(begun, reader):
                yield words
            while not self.closed:
                knots = await reader.gathered()
                if None in knots:
                    return
                for knot in await in_a_thread(heard, reader.session_key, knots):
                    yield said(knot)
                if not knots:
                    yield ": ♥\n\n"
        except NotSignedIn:
            yield "event: signed-out\ndata: \n\n"
        finally:
            self.readers.discard(reader)


def begun(reader: Reader) -> list[str]:
    """What a page hears first: its place if it is new, what it missed if it comes back."""
    if reader.horizon is None:
        return [f"id: {sealed(horizon())}\n\n"]
    lines = lines_since(reader.horizon)
    if len(lines) == CATCH_UP:
        return [f"id: {sealed(horizon())}\n{EVERYTHING}"]
    return [said(knot) for knot in heard(reader.session_key, lines)]


def horizon() -> int:
    """The place reached now: every older transaction is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def said(knot: Knot) -> str:
    """An event on the wire: the room that spoke and an opaque identifier, never data."""
    data = str(knot.thread_id or "")
    return f"id: {sealed(knot.horizon)}\nevent: thread:{knot.room}\ndata: {data}\n\n"


def sealed(horizon: int) -> str:
    """A place to resume from, which tells nothing of how busy the house is."""
    return cipher().encrypt(str(horizon).encode()).decode()


def opened(token: str) -> int | None:
    """The place of a token; None when it is not one of ours."""
    try:
        return int(cipher().decrypt(token.encode()))
    except (InvalidToken, ValueError):
        return None


def recognised(session_key: str) -> Actor:
    """The actor of a session, judged now. Raises NotSignedIn."""
    request = HttpRequest()
    engine = import_module(settings.SESSION_ENGINE)
    request.session = engine.SessionStore(session_key or None)
    account = get_user(request)
    actor, _ = actor_of(account, request.session, timezone.now())
    if actor.account_id is None or lacks_second_factor(actor):
        raise NotSignedIn
    return actor


def heard(session_key: str, knots: list[Knot]) -> list[Knot]:
    """Those of the events that a session may hear of, one per room and thread: the lines of the
    thread that it sees, and what speaks of nobody to those who keep the house."""
    actor = recognised(session_key)
    with seen_by(actor):
        return _judged(actor, knots)


def _judged(actor: Actor, knots: list[Knot]) -> list[Knot]:
    told = [knot.fact_id for knot in knots if knot.thread_id]
    lines = FactHeader.objects.filter(pk__in=told)
    seen = set(visible(lines, actor).values_list("pk", flat=True)) if told else set()
    keeper = actor.role in KEEPERS
    kept = {
        (knot.room, knot.thread_id): knot
        for knot in knots
        if (knot.fact_id in seen if knot.thread_id else keeper)
    }
    return list(kept.values())


def missed(session_key: str, horizon: int) -> list[Knot]:
    """What a page that comes back may not have heard, from the thread itself. Hearing twice is
    harmless; hearing never is not."""
    return heard(session_key, lines_since(horizon))


@by_the_house
def lines_since(horizon: int) -> list[Knot]:
    """The first lines of the thread that may have been written after a place.

    By the house: they are counted whoever comes back, and judged before anything is said.
    """
    lines = FactHeader.objects.filter(transaction_id__gte=horizon).order_by("pk")[:CATCH_UP]
    return [_knot(one.pk, one.transaction_id, one.kind, one.thread_id) for one in lines]


def knot_of(notice: dict[str, Any]) -> Knot:
    """The event of a notification."""
    thread = notice.get("thread")
    horizon = int(notice["horizon"])
    return _knot(notice["id"], horizon, notice["kind"], UUID(thread) if thread else None)


def _knot(fact_id: int, horizon: int, kind: str, thread_id: UUID | None) -> Knot:
    return Knot(fact_id, horizon, kind.split(".")[0], thread_id)


async def in_a_thread(function: Any, *arguments: Any) -> Any:
    """Run what touches the database elsewhere, and give its connection back at once."""

    def run() -> Any:
        try:
            return function(*arguments)
        finally:
            connection.close()

    return await sync_to_async(run, thread_sensitive=False)()


def dsn() -> dict[str, Any]:
    """Where to listen: straight to the server, without a pool."""
    one = settings.DATABASES["default"]
    wanted = {
        "dbname": one["NAME"],
        "user": one["USER"],
        "password": one["PASSWORD"],
        "host": one["HOST"],
        "port": one["PORT"],
        "application_name": "cordee-live",
    }
    return {key: value for key, value in wanted.items() if value}
