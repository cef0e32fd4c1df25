"""Nothing leaves for who said STOP, nor at night: whatever was queued, and however late it is."""

from datetime import datetime, time, timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.messaging import services
from cordee.messaging.models import Channel, Message
from cordee.messaging.services import Heard, When
from tests.factories.directory import OrganizationFactory, PracticeFactory
from tests.factories.messaging import MessageFactory
from tests.support import NOW, PARIS, facts, speaking_as

pytestmark = pytest.mark.django_db
PHONE = "+33612345678"
NIGHT = (time(21, 0), time(7, 0))


@pytest.fixture
def desk():
    return OrganizationFactory()


def hear(text, now=NOW):
    services.receive_text(actor=SYSTEM, heard=Heard(PHONE, text), now=now)


def send(desk, template="broker.not_needed", now=NOW, **more):
    return services.send_text(
        actor=SYSTEM,
        to=PHONE,
        template=template,
        context={"organization_id": desk.pk, "code": "4821", "begins_at": NOW},
        origin="broker/invitation/1",
        now=now,
        **more,
    )


def carried(now=NOW):
    """What a postman would take."""
    taken = []
    while message := services.claim(actor=SYSTEM, channel=Channel.SMS, now=now):
        taken.append(message.template)
    return taken


# --- STOP ---------------------------------------------------------------------------------------


@pytest.fixture(params=["a nurse", "a requester"])
def whoever(request):
    """Whoever holds the phone, known to the directory or not."""
    return PracticeFactory(solicitable=True, mobile=PHONE) if request.param == "a nurse" else None


def test_nothing_leaves_after_stop_but_its_receipt(desk, whoever):
    hear("STOP")
    kept = send(desk)
    assert (kept.state, kept.reason) == ("failed", "messaging.stopped")
    assert [one["data"]["reason"] for one in facts("messaging.delivery_failed")] == [
        "messaging.stopped"
    ]
    assert carried() == ["messaging.stopped"]


def test_what_was_queued_before_stop_does_not_leave(desk, whoever):
    waiting = [send(desk), send(desk, "broker.already_taken")]
    hear("STOP")
    assert carried() == ["messaging.stopped"]
    reasons = {Message.objects.get(pk=one.pk).reason for one in waiting}
    assert reasons == {"messaging.stopped"}


def test_what_was_queued_beside_stop_is_held_back_by_the_postman(desk, whoever):
    hear("STOP")
    MessageFactory(to=PHONE, template="broker.not_needed")
    assert carried() == ["messaging.stopped"]


def test_a_code_that_its_holder_asks_for_still_leaves(whoever):
    hear("STOP")
    services.issue_phone_code(actor=SYSTEM, to=PHONE, origin="essai/1", now=NOW)
    assert sorted(carried()) == ["messaging.phone_code", "messaging.stopped"]


def test_a_nurse_who_takes_messages_again_receives_them(desk):
    from cordee.directory.services import resume_messages

    practice = PracticeFactory(solicitable=True, mobile=PHONE)
    hear("STOP")
    practice.refresh_from_db()
    resume_messages(actor=speaking_as(practice.practitioner), practice=practice, now=NOW)
    assert send(desk).state == "queued"


def test_a_requester_who_writes_again_receives_messages(desk):
    hear("STOP")
    hear("bonjour", now=NOW + timedelta(minutes=1))
    assert send(desk).state == "queued"


def test_a_nurse_who_writes_after_her_stop_is_answered_for_a_day(desk):
    PracticeFactory(solicitable=True, mobile=PHONE)
    hear("STOP")
    hear("oui 4821", now=NOW + timedelta(minutes=1))
    day = NOW + timedelta(days=1, minutes=1)
    assert send(desk, now=day).state == "queued"
    late = send(desk, "broker.already_taken", now=day + timedelta(microseconds=1))
    assert (late.state, late.reason) == ("failed", "messaging.stopped")
    hear("et maintenant ?", now=day)
    assert send(desk, "broker.stand_by", now=day + timedelta(hours=1)).state == "queued"


# --- the night ----------------------------------------------------------------------------------


def at(hour, minute=0, day=23):
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS)


def test_what_is_written_at_night_waits_for_the_morning(desk):
    send(desk, now=at(2), when=When(not_between=NIGHT))
    assert carried(at(6, 59)) == []
    assert carried(at(7)) == ["broker.not_needed"]


def test_what_a_carrier_delays_into_the_night_waits_for_the_morning(desk):
    send(desk, now=at(20, 55), when=When(not_between=NIGHT))
    assert carried(at(23, 30)) == []
    assert carried(at(7, day=24)) == ["broker.not_needed"]


def test_what_makes_no_sense_in_the_morning_never_leaves(desk):
    when = When(not_between=NIGHT, expires_at=at(5, day=24))
    kept = send(desk, now=at(20, 55), when=when)
    assert carried(at(23, 30)) == []
    assert carried(at(7, day=24)) == []
    kept.refresh_from_db()
    assert kept.reason == "messaging.expired"


def test_an_answer_to_who_writes_at_night_leaves_at_once(desk):
    send(desk, now=at(2))
    assert carried(at(2)) == ["broker.not_needed"]
