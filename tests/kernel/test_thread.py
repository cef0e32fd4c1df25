"""The thread holds: written once, chained, verified, purged lawfully."""

from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.kernel.errors import Unruled
from cordee.kernel.facts import Fact, feed, publish, stored
from cordee.kernel.heads import SignedHeads, export_heads
from cordee.kernel.identifiers import uuid7
from cordee.kernel.thread import Judgement, verify
from tests.support import NOW, calm, facts, owner, retention, simultaneously


class SomethingHappened(Fact, kind="test.something_happened"):
    """Quelque chose est arrivé."""

    thread = "person_id"
    subject = "thing_id"
    person_id: UUID | None
    thing_id: UUID
    code: str


def happen(person: UUID | None, code: str = "a") -> int:
    with gesture(actor=SYSTEM, verb="test.happen", now=NOW):
        return publish(SomethingHappened(person_id=person, thing_id=uuid7(), code=code))


def faults(chain: UUID) -> list[tuple[int | None, str]]:
    return [(one.fact_id, one.fault) for one in verify(chain).faults]


@pytest.mark.django_db
def test_a_fact_is_kept_with_its_author_its_moment_and_its_identifiers():
    person = uuid7()

    line = stored(happen(person, code="fell"))

    assert line.kind == "test.something_happened"
    assert line.thread_id == person
    assert line.data["code"] == "fell"
    assert line.actor == {"role": "system"}
    assert line.happened_at == NOW


@pytest.mark.django_db
def test_nothing_is_published_outside_of_a_gesture():
    with pytest.raises(Unruled):
        publish(SomethingHappened(person_id=uuid7(), thing_id=uuid7(), code="a"))


@pytest.mark.django_db
def test_a_fact_refuses_what_is_not_an_identifier_or_a_code():
    with gesture(actor=SYSTEM, verb="test.happen", now=NOW), pytest.raises(TypeError):
        publish(SomethingHappened(person_id=uuid7(), thing_id=uuid7(), code={"free": "text"}))


@pytest.mark.django_db(transaction=True)
def test_a_gesture_that_fails_leaves_no_line():
    person = uuid7()

    def fail() -> None:
        with gesture(actor=SYSTEM, verb="test.happen", now=NOW):
            publish(SomethingHappened(person_id=person, thing_id=uuid7(), code="a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert facts(thread=person) == []


@pytest.mark.django_db(transaction=True)
def test_simultaneous_lines_of_one_person_form_one_chain():
    person = uuid7()

    answers = simultaneously(*[lambda: happen(person)] * 8)

    assert all(isinstance(one, int) for one in answers), answers
    judgement = verify(person)
    assert judgement.length == 8
    assert judgement.holds


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kernel_fact SET kind = 'x'",
        "DELETE FROM kernel_fact",
        "TRUNCATE kernel_fact CASCADE",
        "UPDATE kernel_fact_content SET data = '{}'",
        "DELETE FROM kernel_fact_content",
        "TRUNCATE kernel_fact_content",
    ],
)
def test_even_the_owner_may_not_change_a_line(statement):
    happen(uuid7())

    with owner() as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO kernel_thread_head VALUES (gen_random_uuid(), 0, 0, '')",
        "UPDATE kernel_thread_head SET length = 0",
        "INSERT INTO kernel_fact (kind) VALUES ('x')",
        "DELETE FROM kernel_fact_content",
        "ALTER TABLE kernel_fact DISABLE TRIGGER ALL",
        "UPDATE kernel_database_roles SET retention = current_user",
        "CREATE TABLE mine (id int)",
    ],
)
def test_the_application_has_no_right_on_the_thread_but_to_append(statement):
    with pytest.raises(Exception, match="(permission|droit|must be owner|propri)"):
        connection.cursor().execute(statement)


def tamper(*statements: str) -> None:
    """What an owner who wants to rewrite the past would do."""
    with owner() as database:
        for table in ("kernel_fact", "kernel_fact_content"):
            database.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            for statement in statements:
                database.execute(statement)
        finally:
            for table in ("kernel_fact", "kernel_fact_content"):
                database.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE kernel_fact SET kind = 'test.other' WHERE id = {}", "header_altered"),
        ("UPDATE kernel_fact SET happened_at = now() WHERE id = {}", "header_altered"),
        (
            'UPDATE kernel_fact_content SET data = data || \'{{"code": "z"}}\' WHERE fact_id = {}',
            "content_altered",
        ),
        (
            'UPDATE kernel_fact_content SET actor = \'{{"role": "other"}}\' WHERE fact_id = {}',
            "content_altered",
        ),
        ("DELETE FROM kernel_fact_content WHERE fact_id = {}", "content_missing"),
    ],
)
def test_an_altered_line_is_named(statement, fault):
    person = uuid7()
    happen(person)
    second = happen(person)
    happen(person)

    tamper(statement.format(second))

    assert faults(person)[0] == (second, fault)


@pytest.mark.django_db(transaction=True)
def test_a_removed_line_breaks_the_link_of_the_next():
    person = uuid7()
    happen(person)
    second = happen(person)
    third = happen(person)

    tamper(
        f"DELETE FROM kernel_fact_content WHERE fact_id = {second}",
        f"DELETE FROM kernel_fact WHERE id = {second}",
    )

    assert faults(person)[0] == (third, "link_broken")


@pytest.mark.django_db(transaction=True)
def test_a_cut_tail_shows_against_the_head_and_against_the_signed_export(tmp_path):
    person = uuid7()
    first, second = happen(person), happen(person)
    export_heads(folder=tmp_path, now=NOW)

    tamper(
        f"DELETE FROM kernel_fact_content WHERE fact_id = {second}",
        f"DELETE FROM kernel_fact WHERE id = {second}",
    )
    assert (second, "tail_cut") in faults(person)

    tamper(
        f"""UPDATE kernel_thread_head SET length = 1, last_id = {first},
        hash = (SELECT hash FROM kernel_fact WHERE id = {first}) WHERE chain_id = '{person}'"""
    )
    assert faults(person) == []  # the database alone no longer knows
    judgement = verify(person, heads=SignedHeads(tmp_path))
    assert [one.fault for one in judgement.faults] == ["differs_from_signed_head"]


@pytest.mark.django_db(transaction=True)
def test_a_chain_recomputed_by_the_owner_differs_from_the_signed_export(tmp_path):
    person = uuid7()
    only = happen(person)
    export_heads(folder=tmp_path, now=NOW)

    tamper(
        f"""UPDATE kernel_fact_content SET data = data || '{{"code": "z"}}'
        WHERE fact_id = {only}""",
        f"""UPDATE kernel_fact SET digest = (SELECT kernel_digest(salt, subject, actor, data)
        FROM kernel_fact_content WHERE fact_id = {only}) WHERE id = {only}""",
        f"""UPDATE kernel_fact SET hash = kernel_hash(previous_hash, id, kind, chain_id, thread_id,
        happened_at, recorded_at, origin, digest) WHERE id = {only}""",
        f"""UPDATE kernel_thread_head SET hash = (SELECT hash FROM kernel_fact WHERE id = {only})
        WHERE chain_id = '{person}'""",
    )

    assert verify(person).holds
    assert [one.fault for one in verify(person, heads=SignedHeads(tmp_path)).faults] == [
        "differs_from_signed_head"
    ]


@pytest.mark.django_db(transaction=True)
def test_an_export_that_was_edited_is_refused(tmp_path):
    happen(uuid7())
    written = export_heads(folder=tmp_path, now=NOW)
    written.write_text(written.read_text().replace('"length": 1', '"length": 2'))

    judgement = verify(uuid7(), heads=SignedHeads(tmp_path))

    assert [one.fault for one in judgement.faults] == ["export_altered"]


@pytest.mark.django_db(transaction=True)
def test_a_lawful_purge_is_told_from_an_alteration_and_the_chain_still_holds():
    person = uuid7()
    first, second = happen(person), happen(person)

    with retention() as database:
        database.execute("SELECT kernel_purge(%s, 'test', 'article L. 1111-7', %s)", [[first], NOW])

    judgement: Judgement = verify(person)
    assert judgement.holds
    assert judgement.purged == {first: "article L. 1111-7"}
    assert stored(second).data["code"] == "a"
    assert facts("kernel.content_purged", person)[0]["data"]["facts"] == [first]


@pytest.mark.django_db(transaction=True)
def test_only_retention_may_purge():
    first = happen(uuid7())

    with owner() as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute("SELECT kernel_purge(%s, 'test', 'none', now())", [[first]])


@pytest.mark.django_db(transaction=True)
def test_the_feed_gives_each_line_once_and_waits_for_older_transactions():
    person = uuid7()
    calm()
    before = feed((0, 0))
    cursor = before[-1][0] if before else (0, 0)
    with psycopg.connect(**connection.get_connection_params()) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        happen(person)
        assert feed(cursor) == []  # an older transaction could still add a line before
        slow.rollback()

    calm()
    lines = feed(cursor)

    assert [line.thread_id for _, line in lines] == [person]
    assert feed(lines[-1][0]) == []


@pytest.mark.django_db(transaction=True)
def test_nobody_else_may_claim_that_a_removal_was_lawful():
    claim = """SELECT kernel_append('kernel.content_purged', NULL, now(), 'job', '', '{}',
        '{"rule": "none", "facts": [1]}')"""

    with owner() as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute(claim)
    with pytest.raises(ProgrammingError, match="told by retention only"):
        connection.cursor().execute(claim)
