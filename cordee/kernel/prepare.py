"""Arm the database after migrations: grants, triggers of records, the cache's table, and what the
rooms declare in Python that it must know."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from psycopg import sql

from cordee.kernel.months import make_ahead

APPEND_ONLY = {
    "kernel_fact",
    "kernel_fact_content",
    "kernel_thread_head",
    "kernel_database_roles",
    "access_seal",
    "access_previous_state",
}
# Inserted by the application, column by column: numbers and moments are the database's.
INSERT_ONLY = {
    "access_trace": "kind verb role account_id practitioner_id organization_id purpose origin "
    "session subject_kind subject_id persons reason"
}
DECLARED: list[Callable[[Any], None]] = []
"""What writes into the database what the rooms declare, each time it is armed."""
RETENTION_REMOVES = ["kernel_fact_content", "access_trace", "access_previous_state"]


def arms(write: Callable[[Any], None]) -> Callable[[Any], None]:
    """Have the database armed with this too: `write(cursor)` runs as the owner, and may again."""
    DECLARED.append(write)
    return write


def role_in(url: str) -> str:
    """The role that an address connects as."""
    return unquote(urlsplit(url).username or "")


def arm(*, application: str, retention: str = "") -> None:
    """Give each role what it needs and no more. Run as the owner; safe to run again.

    The application reads everything and writes rows, except where only a function of the owner's
    may append. Retention may delete what the law lets go.
    """
    call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO kernel_database_roles (id, application, retention) VALUES (1, %s, %s)
            ON CONFLICT (id) DO UPDATE SET application = excluded.application,
            retention = excluded.retention""",
            [application, retention],
        )
        with transaction.atomic():  # what is given widely is taken back before anybody sees it
            _grant(cursor, application)
        let_stage(cursor, application)
        _compile_no_plan(cursor)
        if retention:
            _let_retention_remove(cursor, retention)
        for table in record_tables():
            cursor.execute("SELECT access_arm(%s::regclass)", [table])
        for write in DECLARED:
            write(cursor)
    with suppress(OperationalError):  # somebody writes meanwhile: the nightly job makes them
        make_ahead()


def record_tables() -> list[str]:
    """Tables whose rows are records: those that count their versions."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "privacy", None) is not None and model._meta.managed
    )


def kept_by_triggers() -> list[str]:
    """Tables that only the database writes, from what is written in others."""
    return [
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "is_kept_by_triggers", False)
    ]


def _grant(cursor, role: str) -> None:  # type: ignore[no-untyped-def]
    name = sql.Identifier(role)
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
        "GRANT EXECUTE ON FUNCTION kernel_hold_heads TO {}",
    ):
        cursor.execute(sql.SQL(statement).format(name))
    for table in sorted(APPEND_ONLY.union(kept_by_triggers())):
        _revoke(cursor, "INSERT, UPDATE, DELETE", table, name)
    for table, columns in INSERT_ONLY.items():
        _revoke(cursor, "INSERT, UPDATE, DELETE", table, name)
        listed = sql.SQL(", ").join(map(sql.Identifier, columns.split()))
        grant = sql.SQL("GRANT INSERT ({}) ON {} TO {}")
        cursor.execute(grant.format(listed, sql.Identifier(table), name))
    _keep_triggers(cursor)
    _revoke(cursor, "INSERT, UPDATE, DELETE", "django_migrations", name)
    cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public'")
    for (view,) in cursor.fetchall():
        _revoke(cursor, "INSERT, UPDATE, DELETE", view, name)


def _keep_triggers(cursor) -> None:  # type: ignore[no-untyped-def]
    """Keep what triggers do for our own tables: put on a table of one's own, one that runs as the
    owner would write for whoever made it."""
    cursor.execute(
        """SELECT proc.oid::regprocedure::text FROM pg_proc proc
        WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype
          AND proowner = current_user::regrole"""
    )
    for (function,) in cursor.fetchall():
        cursor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")


def let_stage(cursor, role: str) -> None:  # type: ignore[no-untyped-def]
    """Let the application stage a national file in tables of its own transaction."""
    grant = sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}")
    cursor.execute(grant.format(_database(cursor), sql.Identifier(role)))


def _compile_no_plan(cursor) -> None:  # type: ignore[no-untyped-def]
    """Keep PostgreSQL from compiling plans as they run, as Debian's does with those it holds dear.

    Behind the second lock every plan looks dear, and each run of it would be compiled anew: the
    page of a person took 2.0 s in place of 0.16. The PostgreSQL that comes with Cordée cannot.
    """
    cursor.execute(sql.SQL("ALTER DATABASE {} SET jit = off").format(_database(cursor)))


def _database(cursor) -> sql.Identifier:  # type: ignore[no-untyped-def]
    cursor.execute("SELECT current_database()")
    return sql.Identifier(cursor.fetchone()[0])


def _revoke(cursor, rights: str, table: str, role: sql.Identifier) -> None:  # type: ignore[no-untyped-def]
    cursor.execute(
        sql.SQL("REVOKE " + rights + " ON {} FROM {}").format(sql.Identifier(table), role)
    )


def _let_what_hangs_go(cursor, table: str, role: sql.Identifier) -> None:  # type: ignore[no-untyped-def]
    cursor.execute("SELECT access_hanging(%s::regclass)::text", [table])
    for (hanging,) in cursor.fetchall():
        cursor.execute(sql.SQL("GRANT DELETE ON {} TO {}").format(sql.Identifier(hanging), role))


def _let_retention_remove(cursor, role: str) -> None:  # type: ignore[no-untyped-def]
    name = sql.Identifier(role)
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
    cursor.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(name))
    for table in RETENTION_REMOVES:
        cursor.execute(sql.SQL("GRANT DELETE ON {} TO {}").format(sql.Identifier(table), name))
    for model in apps.get_models():
        lets_go = getattr(model, "lets_go", None)  # the columns that it may empty
        if lets_go is not None:
            emptied = sql.Identifier(model._meta.db_table)
            cursor.execute(sql.SQL("GRANT DELETE ON {} TO {}").format(emptied, name))
            _let_what_hangs_go(cursor, model._meta.db_table, name)
            if lets_go:
                columns = sql.SQL(", ").join(map(sql.Identifier, lets_go.split()))
                grant = sql.SQL("GRANT UPDATE ({}) ON {} TO {}")
                cursor.execute(grant.format(columns, emptied, name))
    cursor.execute("SELECT access_let_retention_through(%s)", [role])
