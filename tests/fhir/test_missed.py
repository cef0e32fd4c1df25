"""What a partner could not be told when it happened: it is looked for later, and told once."""

from datetime import timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.fhir.subscriptions import feeding, patience
from cordee.partners import services
from cordee.partners.models import Delivery, Subscription, Tally
from cordee.people import services as people
from cordee.people.models import Relative
from cordee.people.services import Joining
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.liaison import note_of
from tests.factories.people import InformationFactory, PersonFactory, RelativeFactory, joins_circle
from tests.fhir.receiver import receiving
from tests.fhir.stage import set_stage
from tests.fhir.test_changed import age
from tests.fhir.test_deliveries import asks
from tests.fhir.test_listening import changes
from tests.fhir.test_subscriptions import (
    Partner,
    another_person,
    read_on,
    relative_of,
    sends,
    states,
    told,
)
from tests.support import NOW, arranging, simultaneously

pytestmark = pytest.mark.django_db(transaction=True)


def stops():
    """The one subscription stops, for a reason that will pass."""
    one = Subscription.objects.get()
    services.silence(actor=SYSTEM, subscription=one, why="fault", now=NOW)


def goes_on(partner, made):
    """Its owner turns it on again."""
    address = f"Subscription/{made['id']}"
    read = partner.machine.get(address, **partner.token).json()
    assert read["status"] == "error"
    assert changes(partner, read, status="requested")["status"] == "active"


def test_what_happened_while_it_was_stopped_is_told_in_order_when_it_goes_on():
    stage = set_stage()
    partner, other = Partner(stage), another_person(stage)
    with receiving() as receiver:
        made = partner.subscribes(url=receiver.url).json()
        before = relative_of(stage)
        assert told() == 1
        stops()
        missed = [relative_of(stage), relative_of(stage, other), relative_of(stage)]
        assert told() == 0
        assert told() == 0  # the thread goes on without it
        goes_on(partner, made)
        after = relative_of(stage)
        assert told() == 4
        assert told() == 0
        focus = [one.focus.partition("/")[2] for one in receiver.got]
    assert focus[0] == before
    assert [pk for pk in focus if pk != missed[1]] == [before, missed[0], missed[2], after]
    assert set(focus) == {before, *missed, after}
    assert [one.number for one in receiver.got] == [1, 2, 3, 4, 5]
    assert Tally.objects.get().missed_since is None


def test_what_it_fails_to_judge_is_not_lost_to_it(monkeypatch):
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        made = partner.subscribes(url=receiver.url).json()
        pk = relative_of(stage)
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(feeding, "read", lambda criteria: 1 / 0)
            assert told() == 0
        goes_on(partner, made)
        assert told() == 1
        assert receiver.got[0].focus == f"RelatedPerson/{pk}"


def heavily(monkeypatch):
    """What was missed takes too long to search."""
    truly = feeding._rows

    def rows(*asked):
        if asked[-1] is None:
            asks("SELECT pg_sleep(20)")
        return truly(*asked)

    monkeypatch.setattr(feeding, "_rows", rows)
    monkeypatch.setattr(patience, "WHEN_FED", "2s")


@pytest.mark.parametrize(
    "too_much", [lambda patch: patch.setattr(feeding, "MOST_MISSED", 1), heavily]
)
def test_too_much_to_look_for_is_one_event_about_the_subscription_itself(monkeypatch, too_much):
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        made = partner.subscribes(url=receiver.url).json()
        stops()
        relative_of(stage)
        relative_of(stage)
        read_on()
        goes_on(partner, made)
        too_much(monkeypatch)
        assert told() == 1
        assert receiver.got[0].focus == f"Subscription/{made['id']}"
        pk = relative_of(stage, another_person(stage))
        told()
        assert receiver.got[-1].focus == f"RelatedPerson/{pk}"
    assert Subscription.objects.get().state == "active"


def test_what_its_partner_cut_misses_nothing():
    stage = set_stage()
    partner = Partner(stage)
    made = partner.subscribes().json()
    stops()
    relative_of(stage)
    read_on()
    cut = changes(partner, made, status="off")
    assert Tally.objects.get().missed_since is None
    assert changes(partner, cut, status="requested")["status"] == "active"
    read_on()
    assert not Delivery.objects.exists()


def former_relative(person):
    """Somebody who was written down long ago."""
    found = RelativeFactory(person=person)
    with arranging():
        Relative.objects.filter(pk=found.pk).update(updated_at=NOW - timedelta(days=30))
    return found


def joins(person, organization):
    joining = Joining(role="coordination", organization_id=organization.pk)
    people.join_circle(actor=SYSTEM, person=person, joining=joining, now=NOW)


def test_who_joins_a_circle_is_told_of_the_person_though_nothing_of_hers_changed():
    stage = set_stage()
    partner = Partner(stage)
    person = PersonFactory(territory=stage.desk.territory)
    InformationFactory(person=person)
    hers = former_relative(person)
    former_relative(another_person(stage))
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        assert told() == 0
        joins(person, stage.desk)
        assert told() == 1
        assert receiver.got[0].focus == f"RelatedPerson/{hers.pk}"
        joins(person, OrganizationFactory())  # of others: nothing new is seen
        assert told() == 0


def test_who_joins_a_circle_has_no_directory_told_again():
    stage = set_stage()
    partner = Partner(stage)
    person = PersonFactory(territory=stage.desk.territory)
    PractitionerFactory()
    age()
    partner.subscribes("Practitioner")
    read_on()
    joins(person, stage.desk)
    read_on()
    assert not Delivery.objects.exists()
    hers = PractitionerFactory()
    with arranging():
        type(hers).objects.filter(pk=hers.pk).update(updated_at=NOW)
    joins(person, OrganizationFactory())
    read_on()
    assert Delivery.objects.exists()


def test_who_is_informed_at_last_is_told_of_to_her_circle():
    stage = set_stage()
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk)
    hers = note_of(person, AccountFactory(), organization=OrganizationFactory())
    age()
    with receiving() as receiver:
        Partner(stage).subscribes("DocumentReference", url=receiver.url)
        assert told() == 0
        people.inform(actor=stage.actor, person=person, told=people.Told(), now=NOW)
        assert told() == 1
        assert receiver.got[0].focus == f"DocumentReference/{hers.pk}"


def test_a_change_of_address_meets_readers_and_senders_and_nobody_waits_for_ever():
    stage = set_stage()
    partner = Partner(stage)
    persons = [stage.person, *(another_person(stage) for _ in range(3))]
    with receiving() as receiver:
        made = partner.subscribes(url=receiver.url).json()
        one = Subscription.objects.get()
        for turn in range(4):
            for person in persons:
                relative_of(stage, person, f"Proche {turn}")
            found = simultaneously(
                read_on, lambda: sends(one), lambda: changes(partner, made), lambda: sends(one)
            )
            assert [error for error in found if isinstance(error, Exception)] == []
        told()
    assert set(states()) == {"delivered"}
