"""The broker troubles nobody at night: neither by a late question, nor by news nobody awaits."""

from datetime import datetime, timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.broker import rules
from cordee.broker import services as broker
from cordee.broker.models import Solicitation
from cordee.kernel.latches import latch
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel, Message
from tests.factories.broker import nurse, nurses, order_for
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory, ProcessingFactory
from tests.support import PARIS, facts, queued, speaking_as, texts_leave

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 11, 23, 20, 50, tzinfo=PARIS)
AFTERNOON, LATE = EVENING.replace(hour=15), EVENING.replace(hour=21, minute=30)
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


def withdrawn_in_the_evening(**more):
    """Whoever said yes gives up at half past nine: three others are free in the zone."""
    first = nurse()
    found = search(AFTERNOON, begins_at=AFTERNOON, **more)
    invitation = found.invitations.get()
    guest = speaking_as(first, account_id=None)
    broker.accept(actor=guest, invitation=invitation, now=AFTERNOON)
    others = nurses(3)
    visit = MORNING + timedelta(hours=2, minutes=25)
    broker.confirm_care(actor=guest, invitation=invitation, first_visit_at=visit, now=AFTERNOON)
    again = broker.withdraw(actor=guest, invitation=invitation, now=LATE)
    return again, others


def test_who_gives_up_in_the_evening_leads_to_others_being_asked_at_seven():
    again, others = withdrawn_in_the_evening()
    assert (again.state, again.urgency, again.invitations.count()) == ("open", "tonight", 0)
    assert again.look_at == MORNING
    assert again.deadline_at >= again.follows.first_visit_at
    broker.advance(actor=SYSTEM, solicitation=again, now=MORNING)
    assert {one.practitioner for one in again.invitations.all()} == {*others}


def test_a_search_reopened_by_day_lasts_until_the_visit_that_was_promised():
    again, _ = withdrawn_in_the_evening()
    assert again.deadline_at == MORNING + timedelta(minutes=150)
    far = rules.deadline_again(rules.DEFAULTS[rules.Urgency.TONIGHT], LATE + timedelta(9), LATE)
    assert far == LATE + timedelta(days=9)


def test_tonight_with_nobody_to_wake_is_told_at_once_and_taken_up_at_seven():
    one = nurse()
    found = search(LATE, urgency=rules.Urgency.TONIGHT, begins_at=LATE)
    assert (found.state, found.end_reason) == ("exhausted", "quiet")
    assert facts("broker.exhausted")[-1]["data"]["proposals"] == ["phone_list"]
    assert ("cordee.broker.jobs.try_again", MORNING) in [(job, at) for _, job, _, at in queued()]
    again = broker.try_again(actor=SYSTEM, solicitation=found, now=MORNING)
    assert (again.follows, again.state, again.begins_at) == (found, "open", MORNING)
    assert [asked.practitioner for asked in again.invitations.all()] == [one]
    assert broker.try_again(actor=SYSTEM, solicitation=found, now=MORNING) == found
    assert Solicitation.objects.count() == 2


def test_whoever_the_night_left_for_the_next_wave_is_asked_at_seven():
    """« Ce soir » at ten to nine: the first wave leaves, the second may not."""
    nurses(40)
    found = search(EVENING, urgency=rules.Urgency.TONIGHT, begins_at=EVENING)
    texts_leave(EVENING)
    asked = {one.practitioner_id for one in found.invitations.all()}
    assert 0 < len(asked) < 40
    ended = broker.advance(actor=SYSTEM, solicitation=found, now=found.deadline_at)
    assert (ended.state, ended.end_reason) == ("exhausted", "deadline")
    assert ("cordee.broker.jobs.try_again", MORNING) in [(job, at) for _, job, _, at in queued()]
    again = broker.try_again(actor=SYSTEM, solicitation=ended, now=MORNING)
    assert again.state == "open"
    assert {one.practitioner_id for one in again.invitations.all()} - asked


def kept_by_the_carrier(urgency, **more):
    """A small zone asked in the evening, whose texts the carrier has not taken when night comes."""
    one = nurse()
    found = search(EVENING, urgency=urgency, begins_at=EVENING, **more)
    assert found.invitations.get().practitioner == one
    assert carried(EVENING.replace(hour=21, minute=5)) == []
    return found


def test_what_the_carrier_held_until_the_night_goes_to_the_phone_and_is_asked_at_seven():
    before_seven = NIGHT + timedelta(hours=2, minutes=50)
    found = kept_by_the_carrier(rules.Urgency.DAY, deadline_at=before_seven)
    ended = broker.advance(actor=SYSTEM, solicitation=found, now=LATE)
    assert (ended.state, ended.end_reason) == ("exhausted", "quiet")
    assert facts("broker.exhausted")[-1]["data"]["proposals"] == ["phone_list"]
    assert ("cordee.broker.jobs.try_again", MORNING) in [(job, at) for _, job, _, at in queued()]
    again = broker.try_again(actor=SYSTEM, solicitation=ended, now=MORNING)
    assert again.invitations.count() == 1
    assert carried(MORNING) == ["broker.ask"]


def test_what_the_carrier_held_is_waited_for_where_seven_comes_in_time():
    found = kept_by_the_carrier(rules.Urgency.DAY, deadline_at=MORNING + timedelta(hours=2))
    assert broker.advance(actor=SYSTEM, solicitation=found, now=LATE).state == "open"
    assert carried(MORNING) == ["broker.ask"]


def test_what_the_carrier_held_at_the_deadline_is_taken_up_at_seven():
    """No look came in the night before the deadline did."""
    before_seven = NIGHT + timedelta(hours=2, minutes=50)
    found = kept_by_the_carrier(rules.Urgency.DAY, deadline_at=before_seven)
    ended = broker.advance(actor=SYSTEM, solicitation=found, now=before_seven)
    assert (ended.state, ended.end_reason) == ("exhausted", "deadline")
    assert ("cordee.broker.jobs.try_again", MORNING) in [(job, at) for _, job, _, at in queued()]


def test_by_day_what_the_carrier_held_at_the_deadline_is_not_taken_up_by_itself():
    nurse()
    end = AFTERNOON + timedelta(hours=2)
    found = search(AFTERNOON, begins_at=AFTERNOON, deadline_at=end)
    assert broker.advance(actor=SYSTEM, solicitation=found, now=end).end_reason == "deadline"
    assert "cordee.broker.jobs.try_again" not in [job for _, job, _, _ in queued()]


def test_who_may_be_woken_is_waited_for_though_the_carrier_is_late():
    """She agreed to urgent questions at night: hers leaves as soon as the carrier takes it."""
    nurse(urgent_at_night=True)
    urgent = {"urgency": rules.Urgency.TONIGHT, "begins_at": EVENING}
    found = search(EVENING, **urgent)
    assert broker.advance(actor=SYSTEM, solicitation=found, now=LATE).state == "open"
    assert carried(LATE) == ["broker.ask"]


def test_who_may_be_woken_is_asked_though_the_carrier_held_the_usual_nurse_until_the_night():
    usual = nurse()
    tonight = {"urgency": rules.Urgency.TONIGHT, "begins_at": EVENING}
    found = search(EVENING, usual_practitioner_id=usual.pk, **tonight)
    assert found.invitations.get().practitioner == usual
    colleague = nurse(urgent_at_night=True)
    assert carried(EVENING.replace(hour=21, minute=5)) == []
    assert broker.advance(actor=SYSTEM, solicitation=found, now=LATE).state == "open"
    assert {one.practitioner for one in found.invitations.all()} == {usual, colleague}
    assert texts_leave(LATE) == ["broker.ask"]
    kept = Message.objects.get(state="queued")
    assert (kept.to, kept.next_attempt_at) == (usual.practice.mobile, MORNING)


def test_what_is_over_before_morning_is_not_taken_up():
    nurse()
    found = search(LATE, urgency=rules.Urgency.TONIGHT, begins_at=LATE)
    latch(found.origin)
    broker.try_again(actor=SYSTEM, solicitation=found, now=MORNING)
    assert Solicitation.objects.count() == 1


def test_without_texts_the_telephone_is_the_only_way_in_the_morning_too():
    nurse()
    person = PersonFactory()
    ProcessingFactory(person=person, purpose="texts", will="refused")
    order = order_for(person, OrganizationFactory(), urgency=rules.Urgency.TONIGHT, begins_at=LATE)
    found = broker.launch(actor=SYSTEM, order=order, now=LATE)
    assert (found.state, found.end_reason) == ("exhausted", "no_texts")
    assert "cordee.broker.jobs.try_again" not in [job for _, job, _, _ in queued()]
