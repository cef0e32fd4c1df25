"""What machines asked, and what was allowed to them, goes in its time; hers with a person."""

from datetime import timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.partners.models import (
    Call,
    Code,
    Delivery,
    Grant,
    Proof,
    SigningKey,
    Subscription,
    Tally,
    Token,
)
from cordee.partners.services import sweep, turn_keys
from cordee.people.models import Person
from tests.factories.directory import AccountFactory
from tests.factories.partners import (
    DeliveryFactory,
    SubscriptionFactory,
    SystemFactory,
    allowed_by,
)
from tests.factories.people import PersonFactory
from tests.pathways.test_retention import at_rest, let_go
from tests.support import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def call_of(client, at):
    """A line of its journal."""
    said = {"interaction": "read", "resource_type": "Patient", "status": 200, "milliseconds": 3}
    return Call.objects.create(client=client, at=at, **said)


def test_calls_go_by_their_age():
    system = SystemFactory()
    call_of(system, NOW - timedelta(days=400))
    kept = call_of(system, NOW + timedelta(days=1))
    assert let_go("calls", before=NOW) == (1, 1)
    assert Call.objects.get() == kept


def test_what_was_allowed_goes_once_it_ended_with_its_keys():
    grant = allowed_by(AccountFactory())
    assert let_go("grants", before=NOW) == (0, 0)
    Grant.objects.filter(pk=grant.pk).update(ended_at=NOW - timedelta(days=1), ended_why="replayed")
    assert let_go("grants", before=NOW) == (1, 1)
    assert not Code.objects.exists()
    assert not Token.objects.exists()


def test_what_was_allowed_about_a_person_goes_with_her_record():
    person = PersonFactory()
    allowed_by(AccountFactory(), person)
    at_rest(person)
    assert let_go("persons") == (1, 1)
    assert not Person.objects.exists()
    assert not Grant.objects.exists()


def test_what_was_told_goes_by_its_age_and_what_waits_never():
    old, one = NOW - timedelta(days=400), SubscriptionFactory()
    DeliveryFactory(subscription=one, state="delivered", settled_at=old, due_at=None)
    waits = DeliveryFactory(subscription=one, happened_at=old)
    dead = DeliveryFactory(subscription=one, state="dead", happened_at=old, due_at=None)
    assert let_go("deliveries", before=NOW) == (1, 1)
    assert set(Delivery.objects.all()) == {waits, dead}


def test_what_was_told_about_a_person_goes_with_her_record():
    person = PersonFactory()
    DeliveryFactory(person=person)
    at_rest(person)
    assert let_go("persons") == (1, 1)
    assert not Delivery.objects.exists()
    assert Subscription.objects.exists()


def test_a_subscription_goes_once_it_was_removed_with_all_that_it_was_told():
    kept = SubscriptionFactory()
    gone = SubscriptionFactory(removed_at=NOW - timedelta(days=400), state="off")
    DeliveryFactory(subscription=gone, state="delivered", settled_at=NOW, due_at=None)
    assert let_go("subscriptions", before=NOW) == (1, 1)
    assert Subscription.objects.get() == kept
    assert Tally.objects.get().subscription == kept
    assert not Delivery.objects.exists()


def test_what_is_over_is_swept_a_day_after_and_nothing_sooner():
    system, grant = SystemFactory(), allowed_by(AccountFactory())
    late = NOW + timedelta(days=32)
    for name, until in ((b"a" * 32, NOW), (b"b" * 32, late)):
        Proof.objects.create(client=system, digest=name, expires_at=until)
    sweep(actor=SYSTEM, now=NOW + timedelta(hours=23))
    assert (Proof.objects.count(), Token.objects.count()) == (2, 1)
    sweep(actor=SYSTEM, now=late)
    assert (Proof.objects.count(), Token.objects.count(), Code.objects.count()) == (1, 0, 0)
    assert Grant.objects.get() == grant  # that it was allowed is kept as the controller decided


def test_the_key_that_signs_is_turned_in_its_last_week_and_shown_a_day_longer():
    turn_keys(actor=SYSTEM, now=NOW)
    turn_keys(actor=SYSTEM, now=NOW + timedelta(days=80))
    assert SigningKey.objects.count() == 1
    turn_keys(actor=SYSTEM, now=NOW + timedelta(days=84))
    first, second = SigningKey.objects.order_by("since")
    assert second.since < first.until
    assert first.published_until - first.until == timedelta(days=1)
    assert "d" not in first.public
