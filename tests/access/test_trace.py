"""What was seen is sealed, and a missing, altered or added line shows."""

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.errors import UniqueViolation

from cordee.access import trace
from cordee.access.actor import Role
from cordee.access.seals import seal_pending, verify_trace
from cordee.kernel.identifiers import uuid7
from tests.factories.people import PersonFactory
from tests.support import actor, calm, owner, retention, simultaneously, traces

nurse = actor(Role.PRACTITIONER)


def look(times: int = 1) -> None:
    for _ in range(times):
        trace.listed(nurse, "people.person", [uuid7()])


def seal() -> int:
    """Seal what is settled, once the neighbours' transactions are over."""
    calm()
    return seal_pending()


def faults() -> list[str]:
    return [one.fault for one in verify_trace().faults]


def tamper(statement: str) -> None:
    with owner() as database:
        database.execute("ALTER TABLE access_trace DISABLE TRIGGER USER")
        database.execute("ALTER TABLE access_seal DISABLE TRIGGER USER")
        database.execute(statement)
        database.execute("ALTER TABLE access_trace ENABLE TRIGGER USER")
        database.execute("ALTER TABLE access_seal ENABLE TRIGGER USER")


@pytest.mark.django_db(transaction=True)
def test_every_line_is_sealed_once():
    look(9)
    assert verify_trace().unsealed == 9

    assert seal() == 9
    look(2)
    assert seal() == 2
    assert seal() == 0

    verdict = verify_trace()
    assert (verdict.holds, verdict.sealed, verdict.unsealed) == (True, 11, 0)


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_seal_each_line_once():
    look(20)
    calm()

    sealed = simultaneously(*[seal_pending] * 4)

    assert sum(sealed) == 20
    assert verify_trace().holds


@pytest.mark.django_db(transaction=True)
def test_a_line_of_a_transaction_under_way_waits_for_the_next_seal():
    with psycopg.connect(**connection.get_connection_params()) as slow:
        slow.execute(
            """INSERT INTO access_trace (kind, verb, role, purpose, origin, session, subject_kind,
            subject_id, persons, reason) VALUES ('read', '', '', '', '', '', '', '', '{}', '')"""
        )
        look()
        assert seal_pending() == 0
        slow.commit()

    assert seal() == 2
    assert verify_trace().holds


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE access_trace SET verb = 'x' WHERE id = (SELECT min(id) FROM access_trace)",
         "line_altered"),
        ("DELETE FROM access_trace WHERE id = (SELECT min(id) FROM access_trace)", "line_missing"),
        ("DELETE FROM access_seal WHERE id = (SELECT min(id) FROM access_seal)", "link_broken"),
        ("UPDATE access_seal SET sealed_at = now()", "seal_altered"),
        ("""INSERT INTO access_trace (kind, verb, role, purpose, origin, session, subject_kind,
            subject_id, persons, reason, transaction_id)
            VALUES ('read', '', '', '', '', '', '', '', '{}', '', 3)""", "line_added"),
    ],
)  # fmt: skip
def test_a_change_to_what_was_sealed_is_named(statement, fault):
    for _ in range(3):
        look(4)
        seal()

    tamper(statement)

    assert fault in faults()


@pytest.mark.django_db(transaction=True)
def test_a_month_purged_under_a_rule_is_told_from_a_missing_line():
    from cordee.access.seals import purge_months

    look(4)
    seal()
    month = verify_trace().months[0]

    with retention() as database:
        assert purge_months(database, [month], rule="CNIL 2021, 3 ans") == 4

    verdict = verify_trace()
    assert verdict.holds
    assert verdict.purged == {month: "CNIL 2021, 3 ans"}


@pytest.mark.django_db
def test_a_live_refresh_of_what_was_just_opened_adds_no_line():
    one, other = PersonFactory(), PersonFactory()
    for record, refresh in ((one, False), (one, True), (other, True), (other, True), (one, False)):
        trace.read(nurse, record, refresh=refresh)
    assert [line["subject_id"] for line in traces("read")] == [str(n.pk) for n in (one, other, one)]


@pytest.mark.django_db
def test_a_live_refresh_that_adds_nobody_adds_no_line():
    one, two = uuid7(), uuid7()
    trace.listed(nurse, "people.person", [one, two])

    trace.listed(nurse, "people.person", [two], refresh=True)
    assert len(traces("list")) == 1

    trace.listed(nurse, "people.person", [two, uuid7()], refresh=True)
    trace.listed(nurse, "people.person", [two])
    assert len(traces("list")) == 3


@pytest.mark.django_db
def test_a_live_refresh_asks_and_writes_by_one_query():
    one = uuid7()
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            trace.listed(nurse, "people.person", [one], refresh=True)
        assert len(asked) == 1
    assert len(traces("list")) == 1


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_second_seal_of_the_same_number():
    look(8)
    seal()

    with owner() as database, pytest.raises(UniqueViolation, match="access_seal_follows_one_other"):
        database.execute(
            """INSERT INTO access_seal (month, shard, number, until_transaction, line_ids,
                line_digests, sealed_at, previous_hash, hash)
            SELECT month, shard, number, 0, '{}', '{}', now(), '', '' FROM access_seal"""
        )
