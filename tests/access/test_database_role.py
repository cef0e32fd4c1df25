"""What somebody who holds the application's role of the database could try, without our code."""

import psycopg
import pytest
from django.conf import settings

from cordee.kernel.identifiers import uuid7

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def application():
    with psycopg.connect(settings.SERVER.app_url(settings.TEST_DATABASE)) as session:
        yield session
        session.rollback()


def test_the_past_of_a_record_is_not_forged_by_a_table_of_the_same_name(application):
    """The trigger that keeps history writes as the owner: on whose table, it has to look."""
    application.execute(
        "CREATE TEMP TABLE people_person (id uuid, version int, name text, updated_at text)"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(
            """CREATE TRIGGER forge BEFORE UPDATE ON pg_temp.people_person
            FOR EACH ROW EXECUTE FUNCTION access_keep_history()"""
        )


@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "now() - interval '1 year'"), ("transaction_id", "9000000000"), ("id", "1")],
)
def test_a_line_of_trace_is_dated_and_numbered_by_the_database_alone(application, column, value):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(
            f"""INSERT INTO access_trace (kind, verb, role, purpose, origin, session, subject_kind,
            subject_id, persons, reason, {column})
            VALUES ('read', '', '', '', '', '', '', '', '{{}}', '', {value})"""  # noqa: S608
        )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT setval('kernel_fact_id_seq', 1)",
        "SELECT kernel_purge(ARRAY(SELECT id FROM kernel_fact), 'x', 'x', now())",
        'SELECT kernel_begin_chains(\'[{"kind": "access.trace_purged"}]\')',
        "INSERT INTO access_seal (month) VALUES (now())",
        "INSERT INTO access_previous_state (table_name) VALUES ('x')",
        "DELETE FROM access_trace",
        "DELETE FROM access_previous_state",
        "SELECT access_lock('people_person', 'true')",
        "ALTER TABLE people_person DISABLE ROW LEVEL SECURITY",
        "SET session_replication_role = replica",
        "SET ROLE cordee_owner",
        "SET SESSION AUTHORIZATION cordee_retention",
    ],
)
def test_the_application_holds_nothing_of_the_owner_nor_of_retention(application, statement):
    application.execute(
        "SELECT kernel_append('test.thing', %s, now(), 'job', '', '{}', '{}')", [uuid7()]
    )
    application.execute("SET cordee.reader = 'system'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement)


def test_no_function_of_the_owner_is_misled_by_what_a_session_brings(application):
    """Each one that runs as the owner names where it looks, the session's own tables last."""
    rows = application.execute(
        """SELECT proname FROM pg_proc JOIN pg_namespace space ON space.oid = pronamespace
        WHERE nspname = 'public' AND prosecdef
          AND NOT coalesce(proconfig @> ARRAY['search_path=public, pg_temp'], false)"""
    ).fetchall()
    assert rows == []
