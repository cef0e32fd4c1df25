"""Texts that no search takes by itself, and a carrier that is away, reach the desk's worklist."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel, Message
from cordee.messaging.services import Heard
from cordee.pathways.models import Task
from tests.factories.broker import InvitationFactory, nurse
from tests.factories.directory import OrganizationFactory
from tests.factories.messaging import MessageFactory
from tests.support import NOW, arranging, facts, queued, run_jobs, speaking_as

pytestmark = pytest.mark.django_db
PHONE = "+33612345678"


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def invitation(desk):
    """A nurse asked by text by this desk, under the code 4821."""
    MessageFactory(organization=desk, to=PHONE)
    return InvitationFactory(
        practitioner=nurse(mobile=PHONE),
        phone=PHONE,
        code="4821",
        solicitation__organization=desk,
        solicitation__origin="essai/recherche/1",
    )


def write(text):
    messaging.receive_text(actor=SYSTEM, heard=Heard(PHONE, text), now=NOW)
    run_jobs()


def to_read():
    return list(Task.objects.open().filter(kind="read_text"))


@pytest.mark.parametrize("text", ["bonjour qui est-ce", "OUI 9999", "4822 ?", "oui non"])
def test_what_no_search_understands_is_read_by_the_desk_that_wrote(desk, invitation, text):
    write(text)
    (task,) = to_read()
    assert task.organization == desk
    assert task.origin.startswith("messaging/inbound/")


@pytest.mark.parametrize("text", ["OUI 4821", "non 4821", "oui mais demain 8:00, 4821", "STOP"])
def test_what_a_search_understands_is_nobody_elses_to_read(invitation, text):
    write(text)
    assert to_read() == []


def test_a_second_thought_after_a_no_is_read_by_a_human(invitation):
    write("non 4821")
    write("finalement oui mais demain 4821")
    assert len(to_read()) == 1


def test_a_yes_without_a_code_while_two_searches_wait_is_read_by_a_human(desk, invitation):
    InvitationFactory(
        practitioner=invitation.practitioner,
        phone=PHONE,
        code="5932",
        solicitation__organization=desk,
    )
    write("oui")
    assert len(to_read()) == 1


def test_a_text_from_a_phone_that_is_not_tied_is_read_by_a_human(desk):
    MessageFactory(organization=desk, to=PHONE)
    write("oui 4821")
    assert len(to_read()) == 1


def test_a_text_from_somebody_nobody_wrote_to_troubles_no_desk():
    write("bonjour")
    assert to_read() == []


def link(is_up, seconds, channel=Channel.SMS):
    at = NOW + timedelta(seconds=seconds)
    messaging.watch_link(actor=SYSTEM, channel=channel, is_up=is_up, now=at)
    run_jobs()


def test_desks_that_write_are_told_when_the_carrier_is_away_until_it_is_back(desk):
    MessageFactory(organization=desk), MessageFactory(organization=desk), OrganizationFactory()

    link(False, 0), link(False, 60)
    (task,) = Task.objects.open().filter(kind="carrier_down")
    assert task.organization == desk

    link(True, 120)
    assert not Task.objects.open().filter(kind="carrier_down").exists()
    assert [f["kind"] for f in facts() if f["kind"].startswith("messaging.carrier")] == [
        "messaging.carrier_down",
        "messaging.carrier_up",
    ]


def test_that_the_carrier_is_back_waits_for_that_it_is_away_to_be_heard(desk):
    """Tried again later, as the queue does: heard the other way round, the task would stay."""
    MessageFactory(organization=desk)
    for is_up, seconds in ((False, 0), (False, 60), (True, 120)):
        at = NOW + timedelta(seconds=seconds)
        messaging.watch_link(actor=SYSTEM, channel=Channel.SMS, is_up=is_up, now=at)
    ((away, *_),) = queued("cordee.pathways.jobs.on_carrier_down")
    assert len(queued("cordee.pathways.jobs.on_carrier_up")) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name NOT LIKE 'cordee.pathways.jobs.on_c%'"
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour' WHERE id = %s",
            [away],
        )
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")
        assert cursor.fetchone() == (None,)


def test_a_task_of_the_carrier_goes_though_its_desk_wrote_nothing_for_a_week(desk):
    MessageFactory(organization=desk)
    link(False, 0), link(False, 60)
    with arranging():
        Message.objects.update(created_at=timezone.now() - timedelta(days=8))
    link(True, 120)
    assert not Task.objects.open().filter(kind="carrier_down").exists()


def test_mails_that_leave_again_take_away_no_task_of_texts(desk):
    MessageFactory(organization=desk)
    MessageFactory(organization=desk, channel=Channel.EMAIL, to="a@exemple.fr")
    link(False, 0), link(False, 60)
    link(False, 0, Channel.EMAIL), link(False, 60, Channel.EMAIL)
    (mails,) = Task.objects.open().filter(kind="mails_down")
    assert mails.get_kind_display() == "Téléphoner : les courriels sont retardés"
    link(True, 120, Channel.EMAIL)
    assert not Task.objects.open().filter(kind="mails_down").exists()
    assert Task.objects.open().filter(kind="carrier_down").exists()
    link(True, 180)
    assert not Task.objects.open().filter(kind="carrier_down").exists()


def test_who_writes_texts_alone_is_not_told_that_mails_wait(desk):
    MessageFactory(organization=desk)
    link(False, 0, Channel.EMAIL), link(False, 60, Channel.EMAIL)
    assert not Task.objects.open().exists()


# --- a word that a text cannot change -----------------------------------------------------------


def said_yes(invitation):
    """By the link: she has the place."""
    guest = speaking_as(invitation.practitioner, account_id=None)
    broker.accept(actor=guest, invitation=invitation, now=NOW - timedelta(minutes=1))
    run_jobs()
    invitation.refresh_from_db()
    assert invitation.answer == "accepted"


def written_to(phone):
    sent = Message.objects.filter(to=phone).exclude(template="broker.ask")
    return list(sent.order_by("created_at", "pk").values_list("template", flat=True))


@pytest.mark.parametrize("text", ["NON 4821", "non"])
def test_a_no_by_text_after_a_yes_is_answered_and_read_by_the_desk(invitation, text):
    said_yes(invitation)

    write(text)

    invitation.refresh_from_db()
    assert invitation.answer == "accepted"
    assert written_to(PHONE) == ["broker.by_the_link"]
    assert len(to_read()) == 1


def test_a_word_by_text_after_a_withdrawal_is_answered_and_read_by_the_desk(invitation):
    said_yes(invitation)
    guest = speaking_as(invitation.practitioner, account_id=None)
    broker.withdraw(actor=guest, invitation=invitation, now=NOW)

    write("OUI 4821")

    assert written_to(PHONE) == ["broker.by_the_link"]
    assert len(to_read()) == 1


def test_a_bare_word_when_nothing_is_asked_is_read_by_the_desk(invitation):
    said_yes(invitation)
    write("oui")
    assert written_to(PHONE) == []
    assert len(to_read()) == 1
