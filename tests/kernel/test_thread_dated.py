"""When a line was written: the exports bound it, whatever the line says of itself."""

import pytest
from django.db import connection

from cordee.kernel.heads import SignedHeads, export_heads
from cordee.kernel.identifiers import uuid7
from cordee.kernel.thread import verify
from tests.kernel.test_thread import happen, tamper
from tests.kernel.test_thread_attacked import heads, proved
from tests.support import NOW

__all__ = ["heads"]
pytestmark = pytest.mark.django_db(transaction=True)

# A line well chained at the end of a chain, by who owns the base, that says it is of days ago.
BACK = """WITH before AS (
    SELECT last_id, chain_id, hash FROM kernel_thread_head WHERE chain_id = '{chain}'
), made AS (
    SELECT nextval('kernel_fact_id_seq') AS id, clock_timestamp() - interval '{ago}' AS at,
           kernel_digest('', '', '{{}}', '{{}}') AS digest
), header AS (
    INSERT INTO kernel_fact (id, kind, chain_id, thread_id, happened_at, recorded_at, origin,
                             transaction_id, digest, previous_hash, hash)
    SELECT made.id, 'test.something_happened', chain_id, chain_id, at, at, 'job',
           pg_current_xact_id()::text::bigint, digest, before.hash,
           kernel_hash(before.hash, made.id, 'test.something_happened', chain_id, chain_id, at, at,
                       'job', digest)
    FROM before, made RETURNING *
), content AS (
    INSERT INTO kernel_fact_content (fact_id, recorded_at, subject, actor, data, salt)
    SELECT id, recorded_at, '', '{{}}', '{{}}', '' FROM header
)
UPDATE kernel_thread_head head SET length = length + 1, last_id = header.id, hash = header.hash
FROM header WHERE head.chain_id = header.chain_id"""


def dated_back(chain, *, ago="6 days") -> int:
    tamper(BACK.format(chain=chain, ago=ago))
    assert verify(chain).holds  # the chain alone says nothing
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM kernel_fact WHERE chain_id = %s", [chain])
        return cursor.fetchone()[0]


def faults(chain, folder):
    return [(one.fact_id, one.fault) for one in verify(chain, heads=SignedHeads(folder)).faults]


@pytest.mark.parametrize("lines_of_today_before_it", [0, 1, 3])
def test_a_line_dated_before_an_export_that_does_not_hold_it_is_named(
    heads, lines_of_today_before_it
):
    person = uuid7()
    happen(person)
    export_heads(folder=heads, now=NOW)
    for _ in range(lines_of_today_before_it):
        happen(person)
    false = dated_back(person)

    assert faults(person, heads) == [(false, "not_exported")]
    for minute in (26, 27):
        happen(person)
        export_heads(folder=heads, now=NOW.replace(minute=minute))
        assert faults(person, heads) == [(false, "dated_back")]
    assert proved()[0] is False


def test_a_false_line_in_a_thread_that_had_slept_is_bound_by_the_exports_of_others(heads):
    """Its thread was in none of them: it had not moved."""
    person, other = uuid7(), uuid7()
    happen(person)
    for minute in (25, 26):
        happen(other)
        export_heads(folder=heads, now=NOW.replace(minute=minute))
    false = dated_back(person)
    export_heads(folder=heads, now=NOW.replace(minute=27))

    assert faults(person, heads) == [(false, "dated_back")]


def test_what_was_there_before_the_first_export_is_bound_by_none(heads):
    person = uuid7()
    happen(person)
    dated_back(person)
    for minute in (25, 26):
        export_heads(folder=heads, now=NOW.replace(minute=minute))
        happen(person)

    assert faults(person, heads) == []
    assert proved()[0]


def test_a_line_whose_transaction_was_under_way_during_an_export_is_not_accused(heads):
    person = uuid7()
    happen(person)
    export_heads(folder=heads, now=NOW)
    dated_back(person, ago="20 hours")
    export_heads(folder=heads, now=NOW.replace(minute=26))

    assert faults(person, heads) == []
