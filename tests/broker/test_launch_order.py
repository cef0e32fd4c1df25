"""Whatever launches searches of one person waits for its turn first: neither way is undone."""

from threading import Event

import pytest
from django.db import OperationalError

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.broker import services
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services import launching, many
from cordee.kernel.facts import publish
from cordee.kernel.thread import verify
from cordee.messaging.models import Message
from cordee.people import services as people
from cordee.people.facts import IdentityChanged
from cordee.people.models import Person
from tests.factories.broker import nurses, order_for
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory
from tests.support import NOW, arranging, simultaneously, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _in_parts(monkeypatch):
    """A batch says what its first order did before it writes the search of the third."""
    monkeypatch.setattr(many, "PART", 1)


@pytest.fixture
def needs():
    """Two needs of one person, whose thread has begun, around one of somebody else."""
    desk = OrganizationFactory()
    nurses(3)
    person, other = (PersonFactory(territory=desk.territory) for _ in range(2))
    alone(order_for(person, desk, origin="intake/request/before"))
    first, second = (order_for(person, desk, origin=f"intake/request/{n}") for n in (1, 2))
    return first, order_for(other, desk), second


def alone(order):
    return services.launch(actor=SYSTEM, order=order, now=NOW)


def together(needs):
    return services.launch_many(actor=SYSTEM, orders=needs, now=NOW)


def assert_neither_is_undone(results, needs):
    assert [one for one in results if isinstance(one, Exception)] == []
    origins = Solicitation.objects.exclude(origin="intake/request/before")
    assert sorted(origins.values_list("origin", flat=True)) == sorted(one.origin for one in needs)
    assert Message.objects.count() == Invitation.objects.count()
    assert all(verify(one.person_id).holds for one in needs)


def test_a_batch_that_spoke_on_her_thread_meets_a_search_of_the_same_person(needs, monkeypatch):
    spoke, keep = Event(), many._kept

    def kept_while_somebody_waits(decided, hand):
        if decided[0].draft.origin == needs[2].origin:
            hand.give(lambda cursor: None).result()  # all that was given before is written
            spoke.set()
            until_somebody_waits()
        return keep(decided, hand)

    def launch():
        assert spoke.wait(60)
        return alone(needs[2])

    monkeypatch.setattr(many, "_kept", kept_while_somebody_waits)
    results = simultaneously(lambda: together(needs), launch)
    assert_neither_is_undone(results, needs)
    found, one = results
    assert found[one.origin] == one


def test_a_search_not_said_yet_meets_a_batch_that_speaks_on_the_same_thread(needs, monkeypatch):
    written, say = Event(), launching.search_launched

    def said_while_somebody_waits(draft):
        written.set()
        until_somebody_waits()
        return say(draft)

    def launch():
        assert written.wait(60)
        return together(needs)

    monkeypatch.setattr(launching, "search_launched", said_while_somebody_waits)
    results = simultaneously(lambda: alone(needs[2]), launch)
    assert_neither_is_undone(results, needs)
    one, found = results
    assert found[one.origin] == one


@pytest.mark.parametrize("launch", [lambda needs: [alone(one) for one in needs], together])
def test_a_gesture_on_the_person_meets_searches_launched_for_her(needs, launch):
    """It holds her first, then speaks on her thread: so do they."""
    held = Event()

    def change():
        with gesture(actor=SYSTEM, verb="test.arrange", now=NOW):
            person = Person.objects.select_for_update(of=("self",)).get(pk=needs[0].person_id)
            held.set()
            until_somebody_waits()
            publish(IdentityChanged(person_id=person.pk, fields=[], status=person.ins_status))

    def meet():
        assert held.wait(60)
        return launch(needs)

    assert_neither_is_undone(simultaneously(change, meet), needs)


# --- a search that follows another ---------------------------------------------------------------

LAUNCHES = {
    "alone": lambda order: alone(order),
    "together": lambda order: together([order]).get(order.origin),
}
launches = pytest.mark.parametrize("launch", LAUNCHES.values(), ids=LAUNCHES)


def end(origin):
    with arranging():
        found = Solicitation.objects.filter(origin=origin, state="open")
        found.update(state="exhausted", ended_at=NOW, end_reason="nobody")
    return Solicitation.objects.filter(origin=origin).order_by("pk").last()


@pytest.fixture
def ended(needs):
    """The search of a need, which found nobody."""
    alone(needs[0])
    return end(needs[0].origin)


def widen(ended):
    return services.widen(actor=SYSTEM, solicitation=ended, now=NOW)


def assert_one_follows(ended, results):
    one, other = results
    assert one == other == Solicitation.objects.get(follows=ended)
    assert verify(ended.person_id).holds


@launches
def test_a_launch_that_has_its_turn_meets_a_gesture_on_the_search_it_follows(
    needs, ended, launch, monkeypatch
):
    has_its_turn = Event()

    def paused(real):
        def once_somebody_waits(*given):
            has_its_turn.set()
            until_somebody_waits()
            return real(*given)

        return once_somebody_waits

    def widened():
        assert has_its_turn.wait(60)
        return widen(ended)

    monkeypatch.setattr(many, "_drafted", paused(many._drafted))
    monkeypatch.setattr(launching, "asked_by", paused(launching.asked_by))
    assert_one_follows(ended, simultaneously(lambda: launch(needs[0]), widened))


@launches
def test_a_gesture_that_holds_a_search_meets_a_launch_that_would_follow_it(
    needs, ended, launch, monkeypatch
):
    held, succeed = Event(), launching.successor

    def once_somebody_waits(*given, **more):
        held.set()
        until_somebody_waits()
        return succeed(*given, **more)

    def launched():
        assert held.wait(60)
        return launch(needs[0])

    monkeypatch.setattr(launching, "successor", once_somebody_waits)
    assert_one_follows(ended, simultaneously(lambda: widen(ended), launched))


@launches
def test_a_launch_gives_way_to_who_writes_on_a_search_launched_meanwhile(
    needs, ended, launch, monkeypatch
):
    """Another ended since this one looked for what it follows: it is not held, and may wait."""
    looked, ready, held, taken = Event(), Event(), Event(), Event()
    take, order = people.take_turns, needs[0]

    def take_late(persons):
        if looked.is_set():
            return take(persons)
        looked.set()
        assert held.wait(60)
        take(persons)
        taken.set()
        return until_somebody_waits()

    def launched():
        assert ready.wait(60)
        return launch(order)

    def write():
        ready.set()
        assert looked.wait(60)
        alone(order)
        last = end(order.origin)
        with gesture(actor=SYSTEM, verb="test.arrange", now=NOW):
            Solicitation.objects.select_for_update(of=("self",)).get(pk=last.pk)
            held.set()
            assert taken.wait(60)
            people.take_turns([order.person_id])
        return last

    monkeypatch.setattr(people, "take_turns", take_late)
    refused, last = simultaneously(launched, write)
    if launch is LAUNCHES["alone"]:
        assert isinstance(refused, OperationalError)
        assert "launched meanwhile" in str(refused)
    else:
        assert refused is None
    assert launch(order).follows == last
