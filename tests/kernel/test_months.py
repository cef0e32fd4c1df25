"""What grows is parted by month: made ahead, never refused, shut like the whole."""

import psycopg
import pytest
from django.db import ProgrammingError, connection

from cordee.access import trace
from cordee.access.actor import Role
from cordee.access.seals import verify_trace
from cordee.kernel import jobs, metrics, months
from cordee.kernel.identifiers import uuid7
from cordee.kernel.thread import verify
from cordee.web import condition
from tests.kernel.test_thread import happen, tamper
from tests.support import NOW, actor, calm, owner

pytestmark = pytest.mark.django_db(transaction=True)
PARTED = {"access_previous_state", "access_trace", "kernel_fact_content"}
STRAY = """INSERT INTO access_trace (at, kind, verb, role, purpose, origin, session, subject_kind,
    subject_id, persons, reason) VALUES (%s, 'read', '', '', '', '', '', '', '', '{}', '')"""


def parts_of(table, what="tableoid::regclass::text"):
    with owner() as database:
        return {row[0] for row in database.execute(f"SELECT {what} FROM {table}")}


@pytest.fixture
def a_line_of_a_far_month():
    """A line dated from a month that nobody made; the month made for it goes after the test."""
    with owner() as database:
        database.execute(STRAY, ["2031-05-15 12:00+00"])
    yield
    with owner() as database:
        database.execute("DROP TABLE IF EXISTS months.access_trace_2031_05")


def test_every_table_that_grows_has_its_months_ahead():
    found = {one.table: one for one in months.parted()}

    assert set(found) == PARTED
    assert all(one.is_ready for one in found.values())


def test_a_line_lies_in_the_month_when_it_was_recorded():
    happen(uuid7())
    trace.signed(actor(Role.COORDINATOR), "web.audit")

    for table, moment in (("kernel_fact_content", "recorded_at"), ("access_trace", "at")):
        (part,) = parts_of(table)
        (month,) = parts_of(table, f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY_MM')")
        assert part == f"months.{table}_{month}"


def test_a_line_whose_month_is_missing_is_kept_told_and_placed(a_line_of_a_far_month):
    assert parts_of("access_trace") == {"months.access_trace_rest"}
    (trace_table,) = [one for one in months.parted() if one.table == "access_trace"]
    assert (trace_table.strays, trace_table.is_ready) == (1, False)
    (sign,) = [one for one in condition.signs(NOW) if one.code == "months"]
    assert (sign.works, sign.stops) == (False, False)
    exposed = metrics.exposed(condition.figures(NOW)).decode()
    assert 'cordee_lines_without_month{table="access_trace"} 1.0' in exposed


def test_a_month_far_away_waits_in_the_rest_until_its_time(a_line_of_a_far_month):
    with owner() as database:
        database.execute("SELECT kernel_make_month('access_trace', '2031-05-01')")

    assert parts_of("access_trace") == {"months.access_trace_2031_05"}
    assert parts_of("access_trace", "shard = id % 4") == {True}
    assert months.make_ahead() == 0


def test_the_job_makes_the_month_that_fell_beside():
    try:
        with owner() as database:
            database.execute(STRAY, ["2019-02-03 12:00+00"])
        calm()

        jobs.make_months()

        assert parts_of("access_trace") == {"months.access_trace_2019_02"}
        assert all(one.is_ready for one in months.parted())
        assert verify_trace().holds
    finally:
        with owner() as database:
            database.execute("DROP TABLE IF EXISTS months.access_trace_2019_02")


def test_a_month_that_was_lost_is_missed_at_once():
    with owner() as database:
        database.execute("CREATE TABLE kept AS SELECT kernel_month_of(now()) AS this_month")
        name = database.execute(
            """SELECT kernel_part_name('access_trace',
            (this_month + interval '1 month')::date) FROM kept"""
        ).fetchone()[0]
        database.execute(f"DROP TABLE {name}")
        database.execute("DROP TABLE kept")

    (trace_table,) = [one for one in months.parted() if one.table == "access_trace"]
    assert (trace_table.ahead, trace_table.is_ready) == (0, False)
    assert months.make_ahead() == 1
    assert all(one.is_ready for one in months.parted())


@pytest.mark.parametrize("right", ["SELECT * FROM", "DELETE FROM", "TRUNCATE"])
@pytest.mark.parametrize("table", sorted(PARTED))
def test_the_application_reaches_a_month_through_its_table_only(table, right):
    with pytest.raises(ProgrammingError, match="permission denied for schema months"):
        connection.cursor().execute(f"{right} months.{table}_rest")


def test_the_application_may_not_make_a_month_of_its_choice():
    with pytest.raises(ProgrammingError, match="permission denied"):
        connection.cursor().execute("SELECT kernel_make_month('access_trace', '2040-01-01')")


@pytest.mark.parametrize("gesture", ["TRUNCATE {}", "DELETE FROM {}", "UPDATE {} SET fact_id = 0"])
def test_even_the_owner_may_not_change_a_line_in_its_part(gesture):
    happen(uuid7())
    (part,) = parts_of("kernel_fact_content")

    with owner() as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute(gesture.format(part))


def test_a_content_is_of_its_line_and_of_no_other_moment():
    """Two contents of one line would need two moments, and a line has one."""
    line = happen(uuid7())

    with (
        owner() as database,
        pytest.raises(
            psycopg.errors.ForeignKeyViolation, match="kernel_fact_content_was_recorded_with"
        ),
    ):
        database.execute(
            """INSERT INTO kernel_fact_content SELECT fact_id, recorded_at + interval '1 month',
            subject, actor, data, salt FROM kernel_fact_content WHERE fact_id = %s""",
            [line],
        )


def test_a_content_moved_to_another_month_is_missed():
    person = uuid7()
    line = happen(person)

    with owner() as database:
        database.execute(
            """ALTER TABLE kernel_fact_content
            DROP CONSTRAINT kernel_fact_content_was_recorded_with_its_line"""
        )
    tamper("UPDATE kernel_fact_content SET recorded_at = recorded_at - interval '1 month'")
    found = [(one.fact_id, one.fault) for one in verify(person).faults]
    tamper("DELETE FROM kernel_fact_content")
    with owner() as database:
        database.execute(
            """ALTER TABLE kernel_fact_content
            ADD CONSTRAINT kernel_fact_content_was_recorded_with_its_line
            FOREIGN KEY (fact_id, recorded_at) REFERENCES kernel_fact (id, recorded_at)"""
        )

    assert found == [(line, "content_missing")]
