"""The beginnings of many chains at once are worth those written one by one."""

import json

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError

from cordee.kernel.identifiers import uuid7
from cordee.kernel.models import ThreadHead
from cordee.kernel.thread import verify
from tests.kernel.test_thread import faults, happen
from tests.support import NOW, facts

pytestmark = pytest.mark.django_db


def line(thread, place, kind="test.something_happened", **data):
    return {
        "kind": kind,
        "thread": str(thread),
        "happened_at": NOW.isoformat(),
        "origin": "job",
        "subject": str(thread),
        "actor": {"role": "system"},
        "data": data,
        "place": place,
    }


def begin(*lines):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT kernel_begin_chains(%s)", [json.dumps(lines)])
        return cursor.fetchone()[0]


def test_many_chains_begin_at_once_and_each_holds():
    threads = [uuid7() for _ in range(5)]
    written = begin(*[line(one, place, code=str(place)) for place in (2, 1, 3) for one in threads])
    assert written == 15
    for one in threads:
        assert verify(one).holds
        assert [fact["data"]["code"] for fact in facts(thread=one)] == ["1", "2", "3"]
        assert ThreadHead.objects.get(chain_id=one).length == 3


def test_the_next_line_follows_as_if_the_others_had_been_written_one_by_one():
    person = uuid7()
    begin(line(person, 1), line(person, 2))
    happen(person)
    assert verify(person).holds
    assert ThreadHead.objects.get(chain_id=person).length == 3


def test_a_chain_that_exists_is_not_begun_again_and_nothing_else_is_written():
    known, new = uuid7(), uuid7()
    happen(known)
    with pytest.raises(IntegrityError, match="kernel_thread_head_pkey"):
        begin(line(new, 1), line(known, 1))
    assert facts(thread=new) == []
    assert faults(known) == []


@pytest.mark.parametrize("places", [(2,), (1, 3), (1, 1)])
def test_a_gap_or_a_double_in_the_places_is_refused(places):
    person = uuid7()
    with pytest.raises(IntegrityError, match=r"follow one another|pkey"):
        begin(*[line(person, place) for place in places])
    assert facts(thread=person) == []


def test_nobody_slips_a_purge_in():
    with pytest.raises(ProgrammingError, match="not with a purge"):
        begin(line(uuid7(), 1, kind="kernel.content_purged"))
