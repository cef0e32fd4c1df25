"""What makes a test read as a sentence."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from socketserver import BaseServer
from threading import Barrier, Thread
from time import sleep
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from django.db.backends.postgresql import base
from django.db.models.sql.compiler import SQLCompiler
from django.test import Client

from cordee.access.action import gesture
from cordee.access.actor import ANONYMOUS, SYSTEM, Actor, Purpose, Role
from cordee.kernel import queue
from cordee.kernel.identifiers import uuid7
from cordee.kernel.postgresql.base import WarmestFirst
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel

PARIS = ZoneInfo("Europe/Paris")
TOLD = 2  # queries of each request: the database is told who reads, and told to forget it
POOLS: dict[str, WarmestFirst] = vars(base.DatabaseWrapper)["_connection_pools"]
NOW = datetime(2026, 11, 23, 19, 25, tzinfo=PARIS)  # a Monday; a tired nurse is still at the desk


# --- who speaks --------------------------------------------------------------------------------


def actor(role: Role, organization: Any = None, **details: Any) -> Actor:
    """Somebody in a role, for an organisation and its territory when there is one."""
    if organization is not None:
        details.setdefault("organization_id", organization.pk)
        details.setdefault("organizations", frozenset({organization.pk}))
        territory = getattr(organization, "territory_id", None)
        details.setdefault("territories", frozenset({territory} if territory else ()))
    return Actor(role=role, account_id=details.pop("account_id", uuid7()), **details)


def coordinator_of(organization: Any, **details: Any) -> Actor:
    """A coordinator who works for an organisation."""
    return actor(Role.COORDINATOR, organization, **details)


def orienteuse_of(organization: Any, **details: Any) -> Actor:
    """A nurse of the single number."""
    return actor(Role.ORIENTEUSE, organization, **details)


def speaking_as(practitioner: Any, **details: Any) -> Actor:
    """A professional, known by their directory entry."""
    return actor(
        Role.PRACTITIONER,
        practitioner_id=practitioner.pk,
        profession=practitioner.profession,
        purpose=Purpose.CARE,
        **details,
    )


def stranger() -> Actor:
    """Somebody signed in who has nothing to do with anybody here."""
    return actor(Role.COORDINATOR)


class Browser(Client):
    """The test client, able to speak as an actor without signing in each time."""

    speaker: Actor = ANONYMOUS
    now: datetime | None = NOW

    def as_(self, actor: Actor) -> "Browser":
        """Speak as this actor from now on."""
        self.speaker = actor
        return self

    def request(self, **request: Any) -> Any:
        if self.speaker is not ANONYMOUS:
            request["cordee.actor"] = self.speaker
        request["cordee.now"] = self.now
        return super().request(**request)

    def htmx(self, path: str, data: dict[str, Any] | None = None, **extra: Any) -> Any:
        """Do what a button of HTMX does."""
        method = self.get if data is None else self.post
        return method(path, data, headers={"HX-Request": "true"}, **extra)


@contextmanager
def arranging(now: datetime = NOW):
    """Write records directly, to set the scene."""
    with gesture(actor=SYSTEM, verb="test.arrange", now=now):
        yield


def seen_on(page: Any) -> dict[str, str]:
    """What a form says of the page that was read, to be sent with what is typed there."""
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', page.text)
    return {"seen": seen}


def less_marks(page: str) -> str:
    """A page without the proofs of its forms, the note of whom it was written for, and up to where
    it was read: they are new each time."""
    return re.sub(r"\b\w{64}\b|\b\w{40}:\w+:[\w-]+|\bgAAAA[\w-]+=*", "", page)


# --- jobs --------------------------------------------------------------------------------------


def queued(name: str | None = None) -> list[tuple[int, str, dict[str, Any], datetime | None]]:
    """The jobs that wait: number, name, arguments, not before."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, task_name, args, scheduled_at FROM procrastinate_jobs
            WHERE status = 'todo' AND (%s::text IS NULL OR task_name = %s)
            ORDER BY coalesce(scheduled_at, '-infinity'), id""",
            [name, name],
        )
        rows = cursor.fetchall()
    return [(r[0], r[1], r[2] if isinstance(r[2], dict) else json.loads(r[2]), r[3]) for r in rows]


def run_jobs(until: datetime | None = None, limit: int = 500) -> int:
    """Run what is due, and what that makes due, in order. Returns how many jobs ran.

    Jobs with a date run only up to `until`. Errors are not swallowed.
    """
    done = 0
    while done < limit:
        due = [one for one in queued() if one[3] is None or (until is not None and one[3] <= until)]
        if not due:
            return done
        number, name, arguments, _ = due[0]
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [number])
        queue.known[name](**arguments)
        done += 1
    raise AssertionError(f"more than {limit} jobs: do they queue each other for ever?")


def texts_leave(now: datetime = NOW) -> list[str]:
    """Let the carrier take every text that may leave now. Returns what left, by template."""
    taken = []
    while message := messaging.claim(actor=SYSTEM, channel=Channel.SMS, now=now):
        messaging.mark_sent(
            actor=SYSTEM,
            message=message,
            carrier_ids=[str(message.reference)],
            delivered=False,
            now=now,
        )
        taken.append(message.template)
    return sorted(taken)


# --- the database ------------------------------------------------------------------------------


@contextmanager
def owner():
    """A connection as the owner of the database: what an intruder with its password would have."""
    url = settings.SERVER.owner_url(settings.TEST_DATABASE)
    with psycopg.connect(url, autocommit=True) as database:
        yield database


@contextmanager
def retention():
    """A connection as the retention role."""
    url = settings.SERVER.retention_url(settings.TEST_DATABASE)
    with psycopg.connect(url, autocommit=True) as database:
        yield database


def empty_the_database() -> None:
    """Bring a database back to what migrations left, after a test that committed."""
    connection.close()
    kept = _tables_filled_by_migrations()
    with psycopg.connect(
        settings.SERVER.superuser_url(settings.TEST_DATABASE), autocommit=True
    ) as admin:
        tables = [
            row[0]
            for row in admin.execute(
                """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relkind IN ('r', 'p') AND NOT relispartition"""  # a month goes with its table
            )
            if row[0] not in kept
        ]
        held = " UNION ALL ".join(f"(SELECT '{one}' FROM \"{one}\" LIMIT 1)" for one in tables)
        full = [row[0] for row in admin.execute(held)]  # asked at once: hundreds of tests commit
        if full:
            admin.execute("SET session_replication_role = replica")
            admin.execute("; ".join(f'DELETE FROM "{one}"' for one in full))


def _tables_filled_by_migrations() -> set[str]:
    reference = {
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "filled_by_migrations", False)
    }
    return reference | {
        "django_migrations",
        "django_content_type",
        "auth_permission",
        "kernel_database_roles",
    }


def simultaneously(*gestures: Callable[[], Any]) -> list[Any]:
    """Fire gestures from as many real connections at once; errors come back as values."""
    start = Barrier(len(gestures))

    def one(gesture: Callable[[], Any]) -> Any:
        try:
            start.wait(60)
            return gesture()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(gestures)) as pool:
        return list(pool.map(one, gestures))


@contextmanager
def process_of_pages(monkeypatch: Any) -> Iterator[None]:
    """As in one, to threads that begin within: nobody is named from the start, and sessions come
    from a pool, where they rest."""
    options = {"pool": {"min_size": 1, "max_size": 3, "timeout": 10}}
    with monkeypatch.context() as patched:
        patched.setenv("PGOPTIONS", "")
        patched.setitem(connections.settings["default"], "OPTIONS", options)
        try:
            yield
        finally:
            POOLS.pop("default").close()


def resting_sessions() -> list[Any]:
    """The sessions that the pool of a process of pages may lend; every one was given back."""
    pool = POOLS["default"]
    for _ in range(1000):  # some are being opened
        resting = list(pool._pool)
        if len(resting) == pool.get_stats()["pool_size"]:
            return resting
        sleep(0.01)
    raise AssertionError("a session was not given back")


def serve(server: BaseServer) -> Thread:
    """Serve from a thread of its own; told to stop, it does at once."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    return thread


def until_somebody_waits() -> None:
    """Return once another connection to this database waits for a lock."""
    with connection.cursor() as cursor:
        for _ in range(3600):  # a process that starts on a busy machine is long to come
            cursor.execute(
                "SELECT pg_stat_clear_snapshot(), pg_sleep(0.05), EXISTS (SELECT 1"
                " FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE datname = current_database() AND NOT granted)"  # of any role
            )
            if cursor.fetchone()[2]:
                return
    raise AssertionError("nobody waits for a lock")


def calm() -> None:
    """Wait until no older transaction of the server is under way, in whatever database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (reached,) = cursor.fetchone()
        for _ in range(1800):
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cursor.fetchone()[0] >= reached:
                return
            sleep(0.05)
    raise AssertionError("a transaction of the server never ends")


def facts(kind: str | None = None, thread: UUID | None = None) -> list[dict[str, Any]]:
    """The lines of the thread, oldest first: kind, thread, subject, data."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT fact.kind, fact.thread_id, content.subject, content.data, content.actor
            FROM kernel_fact fact JOIN kernel_fact_content content ON content.fact_id = fact.id
            WHERE (%s::text IS NULL OR fact.kind = %s)
              AND (%s::uuid IS NULL OR fact.thread_id = %s) ORDER BY fact.id""",
            [kind, kind, thread, thread],
        )
        rows = cursor.fetchall()
    names = ("kind", "thread", "subject", "data", "actor")
    return [
        {
            name: json.loads(value)
            if name in ("data", "actor") and isinstance(value, str)
            else value
            for name, value in zip(names, row, strict=True)
        }
        for row in rows
    ]


def traces(kind: str | None = None) -> list[dict[str, Any]]:
    """The lines of the trace, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT kind, verb, role, subject_kind, subject_id, persons, reason
            FROM access_trace WHERE %s::text IS NULL OR kind = %s ORDER BY id""",
            [kind, kind],
        )
        rows = cursor.fetchall()
    names = ("kind", "verb", "role", "subject_kind", "subject_id", "persons", "reason")
    return [dict(zip(names, row, strict=True)) for row in rows]


def written_by_the_orm(monkeypatch: Any) -> list[str]:
    """Note the table of each query that the ORM writes from now on."""
    written: list[str] = []
    execute = SQLCompiler.execute_sql

    def noting(compiler: Any, *args: Any, **kwargs: Any) -> Any:
        written.append(compiler.query.model.__name__)
        return execute(compiler, *args, **kwargs)

    monkeypatch.setattr(SQLCompiler, "execute_sql", noting)
    return written
