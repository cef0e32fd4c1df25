"""Many lines at once: the same thread as one by one, and the same refusals."""

import json
from contextlib import contextmanager
from unittest import mock
from uuid import UUID

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from psycopg import Cursor

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.kernel.errors import Unruled
from cordee.kernel.facts import Fact, listens, publish, publish_many
from cordee.kernel.identifiers import uuid7
from cordee.kernel.models import FactHeader
from cordee.kernel.queue import Later, later_many
from cordee.kernel.thread import verify
from tests.support import NOW, facts, queued, simultaneously

pytestmark = pytest.mark.django_db


class ManyHappened(Fact, kind="test.many_happened"):
    """Plusieurs choses sont arrivées."""

    thread = "person_id"
    person_id: UUID | None
    code: str


@listens("test.many_happened")
def hear(*, fact) -> None:
    """Hear nothing in particular."""


class Muttered(Fact, kind="test.muttered"):
    """Quelque chose a été dit, fort ou non."""

    thread = "person_id"
    person_id: UUID | None
    is_loud: bool


@listens("test.muttered", only=lambda fact: fact.is_loud)
def hear_what_is_loud(*, fact) -> None:
    """Hear nothing in particular."""


class Rang(Fact, kind="test.rang"):
    """Un téléphone a sonné, pour personne en particulier."""

    turn = "phone_id"
    phone_id: UUID | None


@listens("test.rang")
def hear_a_ring(*, fact) -> None:
    """Hear nothing in particular."""


def together(*said):
    with gesture(actor=SYSTEM, verb="test.happen", now=NOW):
        publish_many([ManyHappened(person_id=person, code=code) for person, code in said])


@contextmanager
def by_the_database():
    """What a hand asks, which goes beside the wrappers of Django."""
    asked, ask = [], Cursor.execute

    def execute(self, query, *about, **options):
        asked.append(query)
        return ask(self, query, *about, **options)

    with mock.patch.object(Cursor, "execute", execute):
        yield asked


def codes(person):
    return [one["data"]["code"] for one in facts("test.many_happened", person)]


def test_lines_follow_those_there_are_and_are_followed():
    old, new = uuid7(), uuid7()
    with gesture(actor=SYSTEM, verb="test.happen", now=NOW):
        publish(ManyHappened(person_id=old, code="first"))
    together((new, "a"), (old, "b"), (None, "room"), (old, "c"), (new, "d"))
    with gesture(actor=SYSTEM, verb="test.happen", now=NOW):
        publish(ManyHappened(person_id=old, code="last"))
    assert codes(old) == ["first", "b", "c", "last"]
    assert codes(new) == ["a", "d"]
    assert [verify(one).faults for one in (old, new)] == [[], []]
    assert [one["data"]["code"] for one in facts("test.many_happened")][1:6] == [
        *"ab",
        "room",
        *"cd",
    ]


def test_each_line_is_heard_in_its_thread_as_if_it_came_alone():
    person = uuid7()
    together((person, "a"), (person, "b"))
    heard = [ids["fact_id"] for _, _, ids, _ in queued(f"{__name__}.hear")]
    assert len(heard) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT lock FROM procrastinate_jobs")
        assert cursor.fetchall() == [(f"{__name__}:{person}",)]


@pytest.mark.parametrize("by_sets", [False, True])
def test_lines_of_no_thread_wait_for_those_of_their_turn_and_for_no_other(by_sets):
    one, other = uuid7(), uuid7()
    rings = [Rang(phone_id=phone) for phone in (one, other, one, None)]
    with gesture(actor=SYSTEM, verb="test.happen", now=NOW):
        publish_many(rings) if by_sets else [publish(ring) for ring in rings]
    with connection.cursor() as cursor:
        cursor.execute("SELECT lock FROM procrastinate_jobs ORDER BY id")
        first, second, third, nobody = [lock for (lock,) in cursor.fetchall()]
    assert first == third
    assert len({first, second, nobody}) == 3


def test_a_line_in_which_there_is_nothing_to_hear_queues_no_job():
    said = [Muttered(person_id=uuid7(), is_loud=loud) for loud in (False, True, False)]
    with gesture(actor=SYSTEM, verb="test.happen", now=NOW):
        publish_many(said)
        last = publish(Muttered(person_id=uuid7(), is_loud=True))
        publish(Muttered(person_id=uuid7(), is_loud=False))
    second = FactHeader.objects.get(thread_id=said[1].person_id).pk
    heard = [ids["fact_id"] for _, _, ids, _ in queued(f"{__name__}.hear_what_is_loud")]
    assert heard == [second, last]
    assert FactHeader.objects.filter(kind="test.muttered").count() == 5


def test_nothing_is_said_by_sets_outside_of_a_gesture():
    with pytest.raises(Unruled):
        publish_many([ManyHappened(person_id=uuid7(), code="a")])


@pytest.mark.parametrize("kind", ["access.trace_purged", "kernel.month_archived"])
def test_a_purge_is_not_told_by_sets(kind):
    lines = [{"kind": kind, "thread": str(uuid7()), "happened_at": NOW.isoformat(), "origin": "",
              "subject": "", "actor": "{}", "data": "{}"}]  # fmt: skip
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="retention only"):
        cursor.execute("SELECT kernel_append_set(%s)", [json.dumps(lines)])


def test_jobs_are_queued_by_sets_in_their_order_and_only_known_ones():
    looks = [
        Later("cordee.broker.jobs.end_search", NOW, {"solicitation_id": "1"}),
        Later("cordee.broker.jobs.close_wave", None, {"solicitation_id": "2"}),
    ]
    later_many(looks)
    assert [(name, ids, at) for _, name, ids, at in sorted(queued())] == [
        (one.name, one.identifiers, one.at) for one in looks
    ]
    with pytest.raises(KeyError):
        later_many([Later("nobody.knows", None, {})])


def test_what_is_queued_with_lines_comes_after_those_who_hear_them_by_the_same_query():
    person = uuid7()
    said = [ManyHappened(person_id=person, code=code) for code in "ab"]
    look = Later("cordee.broker.jobs.end_search", NOW, {"solicitation_id": "1"})
    with gesture(actor=SYSTEM, verb="test.happen", now=NOW), by_the_database() as asked:
        publish_many(said, jobs=[look])
        publish_many([], jobs=[])
    assert len(asked) == 1
    lines = FactHeader.objects.filter(thread_id=person).order_by("id")
    numbers = list(lines.values_list("id", flat=True))
    assert [(name, ids, at) for _, name, ids, at in sorted(queued())] == [
        *((f"{__name__}.hear", {"fact_id": pk}, None) for pk in numbers),
        (look.name, look.identifiers, NOW),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_sets_over_the_same_threads_never_wait_for_each_other():
    persons = [uuid7() for _ in range(20)]
    said = [(person, "x") for person in persons]
    results = simultaneously(
        *[lambda turn=turn: together(*said[::turn]) for turn in (1, -1, 1, -1)]
    )
    assert results == [None] * 4
    assert all(verify(person).length == 4 and verify(person).holds for person in persons)
