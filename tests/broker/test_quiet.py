"""The broker troubles nobody at night: neither by a late question, nor by news nobody awaits."""

from datetime import datetime, timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.broker import rules
from cordee.broker import services as broker
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel, Message
from tests.factories.broker import nurse, nurses, order_for
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory
from tests.support import PARIS, speaking_as

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 11, 23, 20, 50, tzinfo=PARIS)
NIGHT = datetime(2026, 11, 24, 2, 0, tzinfo=PARIS)
MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=PARIS)


def search(now, **more):
    order = order_for(PersonFactory(), OrganizationFactory(), **more)
    return broker.launch(actor=SYSTEM, order=order, now=now)


def carried(now):
    taken = []
    while message := messaging.claim(actor=SYSTEM, channel=Channel.SMS, now=now):
        taken.append(message.template)
    return sorted(taken)


def test_a_question_delayed_by_the_carrier_does_not_leave_at_night():
    nurse()
    search(EVENING, begins_at=NIGHT + timedelta(days=1), deadline_at=NIGHT + timedelta(days=1))
    assert carried(NIGHT) == []
    assert carried(MORNING) == ["broker.ask"]


def test_who_agreed_to_be_asked_at_night_hears_of_an_urgent_search_at_once():
    nurse(urgent_at_night=True)
    urgent = {"urgency": rules.Urgency.TONIGHT, "begins_at": NIGHT + timedelta(hours=8)}
    search(NIGHT, **urgent)
    assert carried(NIGHT) == ["broker.ask"]


def test_that_it_is_taken_is_said_in_the_morning():
    nurses(2)
    solicitation = search(EVENING, begins_at=NIGHT + timedelta(days=1))
    assert carried(EVENING) == ["broker.ask"] * 2
    first = solicitation.invitations.order_by("pk").first()
    guest = speaking_as(first.practitioner, account_id=None)
    broker.accept(actor=guest, invitation=first, now=NIGHT)
    assert carried(NIGHT) == []
    assert carried(MORNING) == ["broker.already_taken"]


def test_the_answer_to_a_text_written_at_night_leaves_at_night():
    nurse()
    solicitation = search(EVENING, begins_at=NIGHT + timedelta(days=1))
    carried(EVENING)
    asked = solicitation.invitations.get()
    broker.hold(actor=speaking_as(asked.practitioner), invitation=asked, now=NIGHT)
    assert carried(NIGHT) == ["broker.place_held"]
    assert Message.objects.filter(quiet_from=None).count() == 1
