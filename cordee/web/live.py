"""Who hears of what: one ear on the thread, many readers, each judged before each event.

A page that shows a list is sent its lines with the event that brings them (`web/followed`).
"""

import asyncio
import heapq
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from importlib import import_module
from typing import Any, Self, TypeVar
from uuid import UUID

import psycopg
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from cordee.access.actor import Actor, Role
from cordee.access.models import Account
from cordee.access.policy import visible
from cordee.access.sight import by_the_house, hearers, seen_by
from cordee.access.stencil import Number, Stencil
from cordee.kernel.memory import forget_the_old
from cordee.kernel.models import FactHeader
from cordee.kernel.streams import elsewhere
from cordee.web.followed import Part
from cordee.web.identity import actor_of
from cordee.web.reached import IsOverIn, oldest_of, opened, reached, sealed, up_to
from cordee.web.selectors import signed_in
from cordee.web.sign_in import lacks_second_factor

log = logging.getLogger(__name__)
T = TypeVar("T")
GATHER = 0.05  # seconds between two tellings of one page: what comes meanwhile is told at once
TOGETHER = 0.0005  # what one gesture says comes within a moment
MOST = 5  # persons whose lines are sent with one event: for more, the list is asked whole
NEAREST = 8  # pages that were told something last: what is said next is often for them again
# Seconds those have to ask again, before hundreds of others are sorted out beside them.
AFTER = 0.05
BEAT = 15.0
CATCH_UP = 500
# A house that starts again must not see all its screens come back in the same instant.
SOONEST, LATEST = 1_000, 9_000  # milliseconds
EVERYTHING = "event: everything\ndata: \n\n"
# What speaks of no person in particular is told to those who keep the house.
KEEPERS = {Role.COORDINATOR, Role.ORIENTEUSE, Role.HOSPITAL, Role.ADMINISTRATOR}


class NotSignedIn(Exception):
    """The cookie opens nothing, or no longer."""


class Word(Enum):
    """What a page is told of its own stream."""

    STILL = "it is heard, and nothing came"
    CATCH_UP = "events were lost: come back"
    OVER = "its session is over"


@dataclass(frozen=True, slots=True)
class Knot:
    """Something moved: which room spoke, of which thread, and where to resume after it."""

    fact_id: int
    horizon: int  # every transaction before this one was over when it was said
    room: str
    thread_id: UUID | None


Heard = Knot | Word


@dataclass(eq=False)
class Reader:
    """One open page: its session, who it was when it opened, and what it has not heard yet."""

    session_key: str
    place: str  # up to where it has seen or heard the thread; not known: ""
    actor: Actor
    follows: Part | None = None  # the list that the page shows
    waiting: asyncio.Queue[Heard] = field(default_factory=lambda: asyncio.Queue(1000))
    heard_at: float = 0.0
    told_at: float = 0.0  # when an event last reached the page; never: 0

    @classmethod
    async def open(cls, cookies: dict[str, str], after: str, list_at: str = "") -> Self:
        """Recognise a session, of a page that shows the list of an address, and was told of what
        came up to a sealed place. Raises NotSignedIn."""
        session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        actor = await elsewhere(recognised, session_key)
        return cls(session_key, opened(after), actor, Part.at(list_at))

    def offer(self, knot: Heard) -> None:
        """Hand an event over; a reader that no longer listens is told to come back."""
        try:
            self.waiting.put_nowait(knot)
        except asyncio.QueueFull:
            self.waiting = asyncio.Queue(1000)
            self.waiting.put_nowait(Word.CATCH_UP)

    async def gathered(self) -> list[Heard]:
        """Wait for an event: the first one at once, those that follow closely together."""
        knots = [await self.waiting.get()]
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
        self.left: asyncio.Queue[tuple[Knot, set[Reader]]] = asyncio.Queue()
        self.owed: list[Knot] = []  # those of `left`, and those that are being sorted out
        self.listening = False
        self.closed = False

    async def listen(self) -> None:
        """Hear the thread for ever; after a lost connection, send every reader to catch up."""
        beside = [self._go_on(self.tell), self._go_on(self.sort), self.beat()]
        tasks = [asyncio.create_task(one) for one in beside]
        try:
            await self._listen()
        finally:
            for one in tasks:
                one.cancel()

    async def _listen(self) -> None:
        while not self.closed:
            try:
                await self._hear()
            except (psycopg.Error, OSError):
                log.warning("live: the ear is lost, listening again")
                self.listening = False
                self._say_to_all(Word.CATCH_UP)
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

    async def _go_on(self, step: Callable[[], Awaitable[None]]) -> None:
        """Take one step after another; one that fails is told, and is not the last."""
        while not self.closed:
            try:
                await step()
            except Exception as error:  # noqa: BLE001 — whatever it was, what is said next is told
                log.warning("live: not told (%s), everybody catches up", type(error).__name__)
                self._say_to_all(Word.CATCH_UP)

    async def tell(self) -> None:
        """Offer what is said to the few pages that were told something last, and leave the others.

        Whoever is offered an event is judged again, now and under both locks, before anything
        reaches the page: those few need not wait until hundreds are sorted out. They may still be
        owed what was said before: until it is sorted out, they would resume from before it.
        """
        knots = [await self.said.get()]
        await asyncio.sleep(TOGETHER)
        knots += _all(self.said)
        near = nearest(self.readers)
        self.owed += knots
        resumed = min(knot.horizon for knot in self.owed)
        for knot in knots:
            self.left.put_nowait((knot, near))
            for reader in near:
                reader.offer(replace(knot, horizon=resumed))

    async def sort(self) -> None:
        """Offer what is said to the others whom it may concern, all of them sorted out at once by
        the second lock, by who each was when its page opened."""
        left = [await self.left.get()]
        await asyncio.sleep(AFTER)
        left += _all(self.left)
        try:
            await self._sort(left)
        finally:
            del self.owed[: len(left)]

    async def _sort(self, left: list[tuple[Knot, set[Reader]]]) -> None:
        knots, told = [knot for knot, _ in left], dict(left)
        readers = [one for one in self.readers if any(one not in near for _, near in left)]
        offers = await elsewhere(concerned, knots, [one.actor for one in readers])
        for reader, offered in zip(readers, offers, strict=True):
            for knot in offered:
                if reader not in told[knot]:
                    reader.offer(knot)

    async def beat(self) -> None:
        """Tell every page that it is still heard, or that its session is over: one check for all.

        An event is judged for its reader alone, and whole; this carries nothing. A process that
        nobody asks anything holds no longer what it lately worked out.
        """
        while not self.closed:
            await asyncio.sleep(BEAT)
            readers = list(self.readers)
            try:
                forget_the_old()
                signed_in = await elsewhere(still_signed_in, [one.session_key for one in readers])
            except Exception as error:  # noqa: BLE001 — whatever it was, the next beat comes
                log.warning("live: no beat (%s), everybody catches up", type(error).__name__)
                self._say_to_all(Word.CATCH_UP)
                continue
            for reader in readers:
                reader.offer(Word.STILL if reader.session_key in signed_in else Word.OVER)

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        self._say_to_all(Word.CATCH_UP)

    def _say_to_all(self, word: Word) -> None:
        for reader in list(self.readers):
            reader.offer(word)

    async def stream(self, reader: Reader) -> AsyncIterator[str]:
        """What one page receives. Nothing is held open in the database meanwhile."""
        self.readers.add(reader)
        try:
            yield f"retry: {SOONEST + secrets.randbelow(LATEST - SOONEST)}\n\n"
            while not self.listening and not self.closed:
                await asyncio.sleep(0.05)  # what happens before the ear is open would be lost
            for words in await elsewhere(begun, reader):
                yield words
            while not self.closed:
                knots = await reader.gathered()
                if Word.CATCH_UP in knots:
                    return
                for words in await told(reader, knots):
                    yield words
        except NotSignedIn:
            yield "event: signed-out\ndata: \n\n"
        finally:
            self.readers.discard(reader)


def nearest(readers: Iterable[Reader]) -> set[Reader]:
    """The few pages that were told something last."""
    told = [one for one in readers if one.told_at]
    return set(heapq.nlargest(NEAREST, told, key=lambda one: one.told_at))


def concerned(knots: list[Knot], actors: list[Actor]) -> list[list[Knot]]:
    """Sort out, for each of many readers, the events that may concern it. One query."""
    seen = hearers([knot.fact_id for knot in knots if knot.thread_id], actors)
    return [
        [knot for knot in knots if _may_hear(knot, actor, lines)]
        for actor, lines in zip(actors, seen, strict=True)
    ]


def _may_hear(knot: Knot, actor: Actor, lines: set[int]) -> bool:
    return knot.fact_id in lines if knot.thread_id else actor.role in KEEPERS


async def told(reader: Reader, words: list[Heard]) -> list[str]:
    """What a page is sent of what its stream was offered. Raises NotSignedIn."""
    if Word.OVER in words:
        raise NotSignedIn
    knots = [one for one in words if isinstance(one, Knot)]
    if not knots:
        return [": ♥\n\n"]
    events: list[str] = await elsewhere(heard_with_lines, reader, knots)
    if events:
        reader.told_at = time.monotonic()
    return events


def begun(reader: Reader) -> list[str]:
    """What a page hears first: what it missed since it was read or was last told, then its place.

    Until all of it has been heard, the place is the one that it came with.
    """
    here = f"id: {sealed(reached())}\n"
    lines = lines_since(reader.place) if reader.place else []
    if len(lines) == CATCH_UP:
        return [here + EVERYTHING]
    missed = heard(reader.session_key, lines) if lines else []
    return [*(said(knot, reader.place) for knot in missed), f"{here}\n"]


def said(knot: Knot, place: str = "") -> str:
    """An event on the wire: the room that spoke and an opaque identifier, never data; and the place
    to resume from, its own unless another is given."""
    data = str(knot.thread_id or "")
    resumed = sealed(place or up_to(knot.horizon))
    return f"id: {resumed}\nevent: thread:{knot.room}\ndata: {data}\n\n"


def recognised(session_key: str) -> Actor:
    """The actor of a session, judged now. Raises NotSignedIn."""
    request = HttpRequest()
    engine = import_module(settings.SESSION_ENGINE)
    request.session = engine.SessionStore(session_key or None)
    account = signed_in(request.session) or get_user(request)
    actor, _ = actor_of(account, request.session, timezone.now())
    if actor.account_id is None or lacks_second_factor(actor):
        raise NotSignedIn
    return actor


def still_signed_in(session_keys: list[str]) -> set[str]:
    """Those of many sessions that are open still, of an account that is, with the password it has
    now. Two queries."""
    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    open_now = {one.session_key: one.get_decoded() for one in rows}
    wanted = {one[SESSION_KEY] for one in open_now.values() if SESSION_KEY in one}
    accounts = {str(one.pk): one for one in Account.objects.filter(pk__in=wanted, is_active=True)}
    return {
        key
        for key, session in open_now.items()
        if (account := accounts.get(session.get(SESSION_KEY, "")))
        and constant_time_compare(
            session.get(HASH_SESSION_KEY, ""), account.get_session_auth_hash()
        )
    }


def heard(session_key: str, knots: list[Knot]) -> list[Knot]:
    """Those of the events that a session may hear of, one per room and thread: the lines of the
    thread that it sees, and what speaks of nobody to those who keep the house."""
    actor = recognised(session_key)
    with seen_by(actor):
        return _judged(actor, knots)


def heard_with_lines(reader: Reader, knots: list[Knot]) -> list[str]:
    """What a page hears of some events: the lines that they bring to its list, then each event."""
    actor = recognised(reader.session_key)
    with seen_by(actor):
        told = _judged(actor, knots)
        return [*_lines(reader.follows, actor, told), *map(said, told)]


def _lines(part: Part | None, actor: Actor, knots: list[Knot]) -> Iterator[str]:
    """The lines that events bring to a list. One that cannot be written is no reason to say
    nothing: the page asks for the whole of it a moment later."""
    moved = [knot.thread_id for knot in knots if part and knot.room in part.rooms]
    persons = [one for one in dict.fromkeys(moved) if one]
    if part is None or len(persons) > MOST:
        return
    for person in persons:
        try:
            written = part.lines_of(person, actor, timezone.now())
        except Exception as error:  # noqa: BLE001
            log.warning("live: lines not sent (%s)", type(error).__name__)
            return
        if written is not None:
            yield brought(person, written)


def brought(person: UUID, lines: str) -> str:
    """The lines of somebody on the wire, on one line of their own."""
    told = json.dumps({"person": str(person), "lines": lines})
    return f"event: lines\ndata: {told}\n\n"


def _judged(actor: Actor, knots: list[Knot]) -> list[Knot]:
    told = [Number(knot.fact_id) for knot in knots if knot.thread_id]
    seen = {pk for (pk,) in _seen(actor=actor, lines=told)} if told else set()
    kept = {(knot.room, knot.thread_id): knot for knot in knots if _may_hear(knot, actor, seen)}
    # Oldest place first: a cut between two of them must not hide the one that is not sent yet.
    return sorted(kept.values(), key=lambda one: one.horizon)


@Stencil
def _seen(actor: Actor, lines: list[Number]) -> QuerySet[FactHeader, Any]:
    return visible(FactHeader.objects.filter(pk__in=lines), actor).values_list("pk")


@by_the_house
def lines_since(place: str) -> list[Knot]:
    """The first lines of the thread that were not over at a place. Hearing twice is harmless;
    hearing never is not.

    By the house: they are counted whoever comes back, and judged before anything is said.
    """
    lines = FactHeader.objects.filter(transaction_id__gte=oldest_of(place))
    found = lines.exclude(IsOverIn("transaction_id", place)).order_by("pk")[:CATCH_UP]
    return [_knot(one.pk, one.transaction_id, one.kind, one.thread_id) for one in found]


def knot_of(notice: dict[str, Any]) -> Knot:
    """The event of a notification."""
    thread = notice.get("thread")
    horizon = int(notice["horizon"])
    return _knot(notice["id"], horizon, notice["kind"], UUID(thread) if thread else None)


def _knot(fact_id: int, horizon: int, kind: str, thread_id: UUID | None) -> Knot:
    return Knot(fact_id, horizon, kind.split(".")[0], thread_id)


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
