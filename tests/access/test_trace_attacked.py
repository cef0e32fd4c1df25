"""What somebody who owns the database would try against the proof of the trace."""

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from cordee.access.jobs import tell_seals
from cordee.access.seals import purge_months, verify_trace
from cordee.kernel.heads import export_heads
from cordee.kernel.identifiers import uuid7
from tests.access.test_trace import faults, look, seal, tamper
from tests.support import NOW, facts, owner, retention

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_tail_of_the_trace_cut_with_its_seals_shows_against_what_the_thread_says():
    look(4)
    seal()
    look(4)
    seal()
    tell_seals()

    tamper("DELETE FROM access_trace WHERE id > (SELECT min(id) + 3 FROM access_trace)")
    tamper("DELETE FROM access_seal WHERE number = 2")

    assert set(faults()) == {"tail_cut"}


def test_a_whole_month_of_trace_erased_with_its_seals_shows():
    look(4)
    seal()
    tell_seals()

    tamper("DELETE FROM access_trace")
    tamper("DELETE FROM access_seal")

    assert set(faults()) == {"tail_cut"}


def test_seals_recomputed_by_the_owner_show_against_what_the_thread_says():
    look(4)
    seal()
    tell_seals()

    tamper("UPDATE access_trace SET verb = 'x'")
    tamper(
        """UPDATE access_seal SET line_digests = ARRAY(SELECT access_line_digest(line)
        FROM access_trace line WHERE line.id = ANY (line_ids) ORDER BY line.id)"""
    )
    tamper(
        """UPDATE access_seal SET hash = access_seal_hash(previous_hash, month, shard, number,
        until_transaction, line_ids, line_digests, sealed_at)"""
    )

    assert set(faults()) == {"tail_cut"}


def test_each_night_tells_the_last_seal_of_each_slice():
    look(4)
    seal()
    tell_seals()
    look(4)
    seal()
    tell_seals()

    told = [one["data"]["seals"] for one in facts("access.seals_reached")]
    assert [{one.split("/")[2] for one in seals} for seals in told] == [{"1"}, {"2"}]
    assert [len(seals) for seals in told] == [4, 4]
    assert verify_trace().holds


def test_a_purge_that_retention_never_told_excuses_nothing():
    look(4)
    seal()
    tell_seals()
    month = verify_trace().months[0]

    words = json.dumps({"months": [month.isoformat()], "rule": "none"})
    with owner() as database:
        database.execute("ALTER TABLE kernel_fact_content DISABLE TRIGGER USER")
        database.execute("ALTER TABLE kernel_fact DISABLE TRIGGER USER")
        database.execute("UPDATE kernel_fact SET kind = 'access.trace_purged'")
        database.execute("UPDATE kernel_fact_content SET data = %s", [words])
        database.execute("ALTER TABLE kernel_fact_content ENABLE TRIGGER USER")
        database.execute("ALTER TABLE kernel_fact ENABLE TRIGGER USER")
    tamper("DELETE FROM access_trace")

    verdict = verify_trace()
    assert {one.fault for one in verdict.faults} == {"line_missing"}
    assert not verdict.purged


def test_a_purge_excuses_only_what_was_sealed_when_it_was_told():
    """A month declared purged in advance would hide whatever is removed from it later."""
    look(4)
    seal()
    month = verify_trace().months[0]
    with retention() as database:
        purge_months(database, [month], rule="CNIL 2021, 3 ans")
    look(4)
    seal()

    tamper("DELETE FROM access_trace")

    assert faults() == ["line_missing"] * 4


def test_a_purge_says_its_rule():
    look(4)
    seal()
    month = verify_trace().months[0]
    with retention() as database, pytest.raises(ValueError, match="rule"):
        purge_months(database, [month - timedelta(days=1)], rule=" ")


def test_an_export_of_heads_that_was_taken_away_is_missed_by_the_proof_of_the_trace(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(settings, "CORDEE", replace(settings.CORDEE, data=tmp_path))
    look(4)
    seal()
    tell_seals()
    gone = export_heads(folder=tmp_path / "heads", now=NOW)
    call_command("verify_trace", stdout=StringIO())

    gone.unlink()

    assert f"{gone.name} : l’export a disparu" in said()


def said() -> str:
    """What the command says when it refuses."""
    told = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("verify_trace", stdout=told)
    return f"{told.getvalue()}{refused.value}"


def test_two_lines_that_changed_places_are_named():
    look(8)
    seal()

    tamper(
        """WITH swapped AS (SELECT min(id) AS one, max(id) AS two FROM access_trace)
        UPDATE access_trace line SET persons = other.persons
        FROM access_trace other, swapped WHERE line.id IN (one, two)
            AND other.id IN (one, two) AND other.id <> line.id"""
    )

    assert faults() == ["line_altered", "line_altered"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM access_trace")
        ends = cursor.fetchone()
    assert {one.line_id for one in verify_trace().faults} == set(ends)
    assert "une ligne scellée a été modifiée" in said()


def test_a_month_dropped_by_the_owner_is_named_line_by_line():
    look(4)
    seal()
    with owner() as database:
        (part,) = database.execute("SELECT tableoid::regclass::text FROM access_trace").fetchone()
        database.execute(f"DROP TABLE {part}")
    try:
        assert faults() == ["line_missing"] * 4
        assert "une ligne scellée a disparu" in said()
    finally:
        with owner() as database:
            database.execute("SELECT kernel_make_months(3)")


def purged_lawfully():
    look(4)
    seal()
    with retention() as database:
        purge_months(database, verify_trace().months, rule="CNIL 2021, 3 ans")


@pytest.mark.parametrize("what", ["rule", "months"])
def test_a_notice_of_purge_that_was_altered_excuses_nothing(what):
    purged_lawfully()
    assert verify_trace().holds

    other = '"règle Y"' if what == "rule" else '["2020-01-01"]'
    with owner() as database:
        database.execute("ALTER TABLE kernel_fact_content DISABLE TRIGGER USER")
        database.execute(
            f"""UPDATE kernel_fact_content SET data = data || '{{"{what}": {other}}}'
            WHERE fact_id IN (SELECT id FROM kernel_fact WHERE kind = 'access.trace_purged')"""
        )
        database.execute("ALTER TABLE kernel_fact_content ENABLE TRIGGER USER")

    verdict = verify_trace()
    assert verdict.purged == {}
    assert [one.fault for one in verdict.faults] == ["line_missing"] * 4
    assert not verdict.holds
    assert "effacé selon la règle" not in said()


def forged(kind, where, data):
    """A line that excuses, with its own digest and hash, that follows no other."""
    thread = uuid7() if where == "the thread of somebody" else None
    chain = None if where == "the house" else thread or uuid7()
    with owner() as database:
        database.execute(
            """WITH said AS (SELECT %(data)s::jsonb AS data, now() AS at,
                    nextval('kernel_fact_id_seq') AS id, %(kind)s AS kind,
                    coalesce(%(chain)s::uuid, kernel_chain(%(kind)s, NULL)) AS chain,
                    %(thread)s::uuid AS thread),
            digested AS (SELECT said.*, kernel_digest('', '', '{}', data) AS digest FROM said),
            header AS (
                INSERT INTO kernel_fact (id, kind, chain_id, thread_id, happened_at, recorded_at,
                    origin, transaction_id, digest, previous_hash, hash)
                SELECT id, kind, chain, thread, at, at, 'job', 1, digest, '',
                    kernel_hash('', id, kind, chain, thread, at, at, 'job', digest) FROM digested)
            INSERT INTO kernel_fact_content (fact_id, recorded_at, subject, actor, data, salt)
                SELECT id, at, '', '{}', data, '' FROM digested""",
            {"kind": kind, "chain": chain, "thread": thread, "data": json.dumps(data)},
        )


@pytest.mark.parametrize("where", ["the thread of somebody", "no thread", "the house"])
@pytest.mark.parametrize("kind", ["access.trace_purged", "kernel.month_archived"])
def test_what_excuses_is_believed_in_the_chain_of_its_room_alone(kind, where):
    """Said in the thread of anybody, under a good hash, it emptied a month « under a rule »."""
    look(4)
    seal()
    (month,) = verify_trace().months
    data = {"months": [f"{month}"], "rule": "none"}
    if kind == "kernel.month_archived":
        data = {"table": "access_trace", "month": f"{month}", "file": "x", "lines": 4, "digest": ""}
    forged(kind, where, data)
    tamper("DELETE FROM access_trace")

    assert not verify_trace().holds
    said()
