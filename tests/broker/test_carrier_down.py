"""An hour without carrier: what waits was not asked, and leaves for no search that ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.broker import rules, selectors, services
from cordee.broker.rules.waves import PATIENCE_MINUTES
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel, Message
from tests.broker.test_answers import asked, yes
from tests.factories.broker import nurse, nurses, order_for
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import NOW, facts, texts_leave

pytestmark = pytest.mark.django_db
PATIENCE = timedelta(minutes=PATIENCE_MINUTES)


@pytest.fixture
def order():
    desk = OrganizationFactory()
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    return order_for(person, desk, deadline_at=NOW + timedelta(hours=24))


def launched(order, now=NOW):
    return services.launch(actor=SYSTEM, order=order, now=now)


def look(search, now):
    services.advance(actor=SYSTEM, solicitation=search, now=now)
    search.refresh_from_db()
    return search


def questions(**more):
    return Message.objects.filter(template="broker.ask", **more)


def test_without_carrier_nobody_more_is_asked_and_nobody_is_given_up(order):
    nurses(3)
    search = launched(order)
    put = questions().count()
    for minutes in (25, 50, 75, 100, 125):
        look(search, NOW + timedelta(minutes=minutes))
    assert (search.state, search.wave, questions().count()) == ("open", 1, put)
    assert search.look_at == NOW + timedelta(minutes=130)


def test_a_wave_lasts_from_when_its_questions_left(order):
    nurses(12)
    search = launched(order)
    length = search.wave_ends_at - NOW
    back = NOW + timedelta(minutes=70)
    texts_leave(back)
    look(search, back)
    assert (search.wave, search.look_at) == (1, back + length)
    assert look(search, back + length).wave == 2


def test_patience_lasts_from_when_the_last_question_left(order):
    nurse()
    search = launched(order)
    back = NOW + timedelta(minutes=90)
    assert texts_leave(back) == ["broker.ask"]
    given_up = back + PATIENCE
    assert given_up > NOW + timedelta(minutes=rules.DEFAULTS[rules.Urgency.DAY].wanted_delay)
    assert look(search, given_up - timedelta(minutes=1)).state == "open"
    assert look(search, given_up).end_reason == "nobody"


def test_a_carrier_that_breaks_in_the_middle_of_a_wave_does_not_empty_the_desk(order):
    nurses(40)
    search = launched(order)
    texts_leave()
    assert look(search, search.wave_ends_at).wave == 2
    for hours in (1, 14):
        assert look(search, NOW + timedelta(hours=hours)).wave == 2
    back = NOW + timedelta(hours=14, minutes=1)
    length = search.wave_ends_at - search.invitations.latest("pk").asked_at
    texts_leave(back)
    assert look(search, back).look_at == back + length
    assert look(search, back + length).wave == 3


def test_a_number_that_its_carrier_keeps_refusing_stops_no_search(order):
    nurses(12)
    search = launched(order)
    moment = NOW
    for _ in range(3):
        while message := messaging.claim(actor=SYSTEM, channel=Channel.SMS, now=moment):
            messaging.postpone(actor=SYSTEM, message=message, reason="http.500", now=moment)
        moment += timedelta(minutes=2)
    assert look(search, search.wave_ends_at).wave == 2


def test_an_answer_shows_that_the_question_was_read_whatever_the_outbox_says(order):
    nurses(12)
    search = launched(order)
    for one in search.invitations.all():
        services.later_offer(actor=SYSTEM, invitation=one, offers_from=None, now=NOW)
    assert look(search, NOW).wave == 2


def test_when_who_was_asked_is_set_aside_while_it_leaves_the_next_is_asked(order):
    """Her question is let go: nobody waits for what became of it."""
    usual = nurse()
    search = launched(replace(order, usual_practitioner_id=usual.pk))
    other = nurse()
    assert messaging.claim(actor=SYSTEM, channel=Channel.SMS, now=NOW)
    wishes = replace(order, excluded=(usual.pk,))
    services.follow_wishes(actor=SYSTEM, solicitation=search, order=wishes, now=NOW)
    look(search, NOW)
    assert [one.practitioner for one in search.invitations.filter(wave=2)] == [other]


# --- the end of a search -------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["deadline", "cancelled", "filled"])
def test_when_a_search_ends_its_questions_never_leave_and_nobody_is_told(order, end):
    nurses(3)
    search = launched(order)
    if end == "deadline":
        look(search, search.deadline_at)
    elif end == "cancelled":
        services.cancel(actor=SYSTEM, solicitation=search, reason="admitted", now=NOW)
    else:
        yes(asked(search), NOW)
    waiting = search.invitations.filter(answer="waiting")
    assert waiting.exists()
    assert not waiting.filter(undelivered_at=None).exists()
    failed = questions().values_list("state", "reason").distinct()
    assert list(failed) == [("failed", "messaging.withdrawn")]
    assert texts_leave(NOW + timedelta(hours=12)) == []
    assert not facts("messaging.message_delivered")


def test_who_was_never_written_to_is_not_counted_as_silent(order):
    who = nurse()
    search = launched(order)
    look(search, search.deadline_at)
    past = selectors.pools.past_of([who.pk], search.deadline_at)[who.pk]
    assert (past.history, past.solicited) == (rules.History(), 0)


def test_of_a_wave_half_gone_only_those_written_to_are_told_the_end(order):
    nurses(12)
    search = launched(order)
    first = messaging.claim(actor=SYSTEM, channel=Channel.SMS, now=NOW)
    messaging.mark_sent(actor=SYSTEM, message=first, carrier_ids=["1"], delivered=False, now=NOW)
    services.cancel(actor=SYSTEM, solicitation=search, reason="moved", now=NOW)
    (told,) = Message.objects.filter(template="broker.not_needed")
    assert told.to == first.to


def test_a_question_that_is_leaving_leaves_and_its_reader_is_told_the_end(order):
    nurse()
    search = launched(order)
    leaving = messaging.claim(actor=SYSTEM, channel=Channel.SMS, now=NOW)
    services.cancel(actor=SYSTEM, solicitation=search, reason="moved", now=NOW)
    leaving.refresh_from_db()
    assert leaving.state == "sending"
    assert Message.objects.filter(template="broker.not_needed", to=leaving.to).count() == 1


def test_a_question_that_may_have_left_does_not_leave_again_and_its_reader_is_told(order):
    nurse()
    search = launched(order)
    lost = messaging.claim(actor=SYSTEM, channel=Channel.SMS, now=NOW)
    later = NOW + timedelta(minutes=5)
    messaging.settle_doubts(actor=SYSTEM, channel=Channel.SMS, now=later)
    services.cancel(actor=SYSTEM, solicitation=search, reason="moved", now=later)
    lost.refresh_from_db()
    assert (lost.state, lost.reason) == ("failed", "messaging.withdrawn")
    assert Message.objects.filter(template="broker.not_needed", to=lost.to).count() == 1
