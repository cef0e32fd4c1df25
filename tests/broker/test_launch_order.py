"""Whatever launches searches of one person waits for its turn first: neither way is undone."""

from threading import Event

import pytest

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.broker import services
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services import launching, many
from cordee.kernel.facts import publish
from cordee.kernel.thread import verify
from cordee.messaging.models import Message
from cordee.people.facts import IdentityChanged
from cordee.people.models import Person
from tests.factories.broker import nurses, order_for
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory
from tests.support import NOW, simultaneously, until_somebody_waits

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
