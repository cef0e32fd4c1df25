"""What somebody who owns the database would try against the proof of the trace."""

import json
from datetime import timedelta

import pytest

from cordee.access.jobs import tell_seals
from cordee.access.seals import purge_months, verify_trace
from tests.access.test_trace import faults, look, seal, tamper
from tests.support import facts, owner, retention

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
