"""Who hears of what: one ear on the thread, many readers, each judged before each event."""

import asyncio
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Self, TypeVar
from uuid import UUID

import psycopg
from asgiref.sync import sync_to_async
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.utils import timezone

from cordee.access.actor import Actor, Role
from cordee.access.policy import visible
from cordee.access.sight import by_the_house, hearers, seen_by
from cordee.kernel.models import FactHeader
from cordee.web.identity import actor_of
from cordee.web.sign_in import cipher, lacks_second_factor

log = logging.getLogger(__name__)
T = TypeVar("T")
GATHER = 0.05  # seconds between two tellings of one page: what comes meanwhile is told at once
TOGETHER = 0.002  # what one gesture says comes within a moment
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
    """One open page: its session, who it was when it opened, and what it has not heard yet."""

    session_key: str
    horizon: int | None
    actor: Actor
    waiting: asyncio.Queue[Knot | None] = field(default_factory=lambda: asyncio.Queue(1000))
    heard_at: float = 0.0

    @classmethod
    async def open(cls, cookies: dict[str, str], after: str) -> Self:
        """Recognise a session. Raises NotSignedIn."""
        session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        actor = await in_a_thread(recognised, session_key)
        return cls(session_key, opened(after), actor)

    def offer(self, knot: Knot | None) -> None:
        """Hand an event over; a reader that no longer listens is told to come back."""
        try:
            self.waiting.put_nowait(knot)
        except asyncio.QueueFull:
            self.waiting = asyncio.Queue(1000)
            self.waiting.put_nowait(None)

    async def gathered(self) -> list[Knot | None]:
        """Wait for an event: the first one at once, those that follow closely together.

        Empty when nothing came.
        """
        try:
            async with asyncio.timeout(BEAT):
                knots = [await self.waiting.get()]
        except TimeoutError:
            return []
        await asyncio.sleep(self.heard_at + GATHER - time.monotonic())
        self.heard_at = time.monotonic()
        return knots + _all(self.waiting)


def _all(queue: asyncio.Queue[T]) -> list[T]:
    """Take what waits in a queue, without waiting."""
    return [queue.get_nowait() for _ in range(queue.qsize())]


class Hub:
    """The one ear of this process."""

    def __init__(self) -> None:
        self.readers: set[Reader] = set()
        self.said: asyncio.Queue[Knot] = asyncio.Queue()
        self.listening = False
        self.closed = False

    async def listen(self) -> None:
        """Hear the thread for ever; after a lost connection, send every reader to catch up."""
        telling = asyncio.create_task(self.tell())
        try:
            await self._listen()
        finally:
            telling.cancel()

    async def _listen(self) -> None:
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
                self.said.put_nowait(knot)

    async def tell(self) -> None:
        """Offer what is said to those whom it may concern, all of them sorted out at once.

        The second lock sorts them, by who each was when its page opened; whoever is offered an
        event is judged again, now and under both locks, before anything reaches the page.
        """
        while not self.closed:
            knots = [await self.said.get()]
            await asyncio.sleep(TOGETHER)
            knots += _all(self.said)
            readers = list(self.readers)
            try:
                offers = await in_a_thread(concerned, knots, [one.actor for one in readers])
            except DatabaseError:
                log.warning("live: nobody could be sorted out, everybody catches up")
                offers = [[None]] * len(readers)
            for reader, offered in zip(readers, offers, strict=True):
                for knot in offered:
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


def concerned(knots: list[Knot], actors: list[Actor]) -> list[list[Knot | None]]:
    """Sort out, for each of many readers, the events that may concern it. One query."""
    seen = hearers([knot.fact_id for knot in knots if knot.thread_id], actors)
    return [
        [knot for knot in knots if _may_hear(knot, actor, lines)]
        for actor, lines in zip(actors, seen, strict=True)
    ]


def _may_hear(knot: Knot, actor: Actor, lines: set[int]) -> bool:
    return knot.fact_id in lines if knot.thread_id else actor.role in KEEPERS


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
    kept = {(knot.room, knot.thread_id): knot for knot in knots if _may_hear(knot, actor, seen)}
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
