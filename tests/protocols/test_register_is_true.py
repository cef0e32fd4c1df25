"""Everybody judged at once, beside the register: what differs is read again, by the usual door."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.intake.facts import RequesterTold, RequestReceived
from cordee.kernel.identifiers import uuid7
from cordee.people.facts import Informed, PersonDied
from cordee.protocols import jobs, selectors, services
from cordee.protocols.models import Clock, Pathway, Rupture
from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.clocks import micros
from cordee.protocols.rules.outcomes import Cause, Standing
from cordee.protocols.selectors import many
from cordee.protocols.selectors.checking import doubtful
from cordee.protocols.selectors.many import judged_in_parts
from cordee.protocols.upkeep import check_now, wake_due
from tests.factories.people import PersonFactory, joins_circle
from tests.protocols.pathway_scene import HOME, happens, set_around
from tests.protocols.test_many_at_once import said_alone, told
from tests.support import arranging, process_of_pages, resting_sessions, run_jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CODED = HOME.replace(
    "attendu: intake.requester_told",
    "attendu: {fait: intake.requester_told, quand: {result: [reached, message]}}",
)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def around(now):
    """Three persons on one pathway: one late, one informed, one of whom two requests are known."""
    around = set_around(CODED)
    around.join(entered_at=now - 6 * DAY, now=now)
    for number in range(2):
        other = PersonFactory(territory=around.dac.territory)
        joins_circle(other, organization=around.dac, role="coordination")
        around.person = other
        around.join(entered_at=now - 6 * DAY, now=now)
        informed(around, now - 5 * DAY, now)
        if number:
            asked_twice(around, now)
    run_jobs()
    return around


def informed(around, at, now):
    line = Informed(person_id=around.person.pk, information_id=uuid7(), notice="2026-11")
    happens(line, at, now)


def asked_twice(around, now):
    """Two requests; whoever made the first was told, for the second nobody answered."""
    for result, ago in (("reached", 4), ("none", 5)):
        request = uuid7()
        received = RequestReceived(
            person_id=around.person.pk,
            request_id=request,
            organization_id=around.dac.pk,
            weight="full",
        )
        happens(received, now - ago * DAY, now)
        answer = RequesterTold(
            person_id=around.person.pk, request_id=request, about="outcome", result=result
        )
        happens(answer, now - ago * DAY + timedelta(hours=1), now)


def checked(around, now):
    return doubtful(around.version, now)


def same_as_the_engine(around, now):
    """The columns that the database gives say of each pathway what the engine remembers."""
    protocol = selectors.protocol_of(around.version)
    many = 0
    for keys, judged in parts_of(around, now):
        many += len(keys)
        for place, key in enumerate(keys):
            state = Clock.objects.get(pathway=key).state
            for verdict in engine.judged(protocol, state, now):
                assert told(judged.said[verdict.of], place) == said_alone(verdict), verdict.of
    return many


def parts_of(around, now, persons=None):
    def tell(many, judged):
        return many.pathways(slice(None)), judged

    protocol = selectors.protocol_of(around.version)
    return judged_in_parts(around.version, protocol, micros(now), tell, persons)


def test_the_database_gives_the_threads_that_the_engine_followed(around, now):
    assert same_as_the_engine(around, now) == 3
    assert [one.standing for one in Rupture.objects.open().filter(of="rappel")] == ["late"]


def test_some_persons_alone_are_read_when_only_they_are_asked_for(around, now):
    ((keys, _),) = parts_of(around, now, [around.person.pk])
    assert len(keys) == 1
    assert parts_of(around, now, []) == []


@pytest.mark.parametrize("size", [1, 2])
def test_part_after_part_everybody_is_judged_the_same(around, now, monkeypatch, size):
    monkeypatch.setattr(many, "PART", size)
    monkeypatch.setattr(many, "FEW", 1)
    assert len(parts_of(around, now)) > 1
    assert same_as_the_engine(around, now) == 3


@pytest.mark.django_db(transaction=True)
def test_the_sessions_that_read_everybody_are_lent_to_who_comes_next_without_their_eyes(
    around, now, monkeypatch
):
    monkeypatch.setattr(many, "FEW", 1)
    with process_of_pages(monkeypatch):
        assert sum(len(keys) for keys, _ in parts_of(around, now)) == 3
        for session in resting_sessions():
            assert session.execute("SELECT access_reader()").fetchone() == ("",)


def test_what_is_set_for_a_reading_does_not_stay_in_the_transaction_around_it(around, now):
    def told():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting(name) FROM unnest(%s::text[]) AS name", [list(many.BY_SETS)]
            )
            return cursor.fetchall()

    before = told()
    assert len(parts_of(around, now)) == 1
    assert told() == before != [(value,) for value in many.BY_SETS.values()]


@pytest.mark.django_db(transaction=True)
def test_two_sessions_at_once_judge_everybody_once(around, now, monkeypatch):
    monkeypatch.setattr(many, "PART", 2)
    monkeypatch.setattr(many, "FEW", 1)
    assert same_as_the_engine(around, now) == 3


def test_the_thread_of_a_record_that_was_absorbed_counts(around, now):
    other = PersonFactory(territory=around.dac.territory)
    joins_circle(other, organization=around.dac, role="coordination")
    first = Clock.objects.order_by("pk").first().pathway
    happens(
        Informed(person_id=other.pk, information_id=uuid7(), notice="2026-11"), now - 5 * DAY, now
    )
    with arranging():
        other.merged_into = first.person
        other.save()
    Clock.objects.update(heard=0, wake_at=now)
    wake_due(SYSTEM, now)
    assert same_as_the_engine(around, now) == 3
    assert checked(around, now) == []


def test_a_true_register_is_doubted_of_nobody(around, now):
    assert checked(around, now) == []
    assert check_now(SYSTEM, now) == 0
    assert Rupture.objects.open().exists()


def test_a_rupture_that_was_lost_is_found_again_by_the_check(around, now):
    with arranging():
        Rupture.objects.open().get(of="informer").delete()
    assert len(checked(around, now)) == 1
    said = StringIO()
    call_command("check_register", stdout=said)
    assert said.getvalue() == "1 parcours relu\n"
    assert Rupture.objects.open().get(of="informer").standing == "late"
    assert checked(around, now) == []


def test_a_rupture_that_nothing_tells_of_is_ended_by_the_check(around, now):
    one = Rupture.objects.open().get(of="informer")
    with arranging():
        Rupture.objects.create(
            pathway=one.pathway,
            of="accord",
            at=now - DAY,
            standing="late",
            expected="Recueillir son accord",
            role="referent",
            found_at=now,
        )
    jobs.check_register()
    assert not Rupture.objects.open().filter(of="accord").exists()
    assert Rupture.objects.open().filter(of="informer").exists()


def test_what_somebody_settled_and_what_waits_for_its_hour_are_doubted_by_nobody(around, now):
    rupture = Rupture.objects.open().get(of="informer")
    said = services.Settling(
        standing=Standing.ACCEPTED, cause=Cause.OTHER, words="Elle ne veut pas."
    )
    services.settle(actor=around.coordinator, rupture=rupture, said=said, now=now)
    assert checked(around, now) == []
    with arranging():
        Rupture.objects.filter(of="rappel").delete()
    Clock.objects.update(wake_at=now - DAY)
    assert checked(around, now) == []


def test_who_should_have_left_leaves(around, now):
    happens(PersonDied(person_id=around.person.pk, deceased_on=now.date()), now - DAY, now)
    run_jobs()
    left = Pathway.objects.get(left_at__isnull=False)
    with arranging():
        Pathway.objects.filter(pk=left.pk).update(left_at=None, leaving="")
        Clock.objects.filter(pathway=left).update(wake_at=now + DAY)
    assert checked(around, now) == [left]
    jobs.check_register()
    assert Pathway.objects.get(pk=left.pk).left_at is not None
    assert checked(around, now) == []
