"""Wrong reply codes from one phone: counted, traced, then left to the link and to a human."""

from datetime import timedelta

import pytest
from django.db import connection

from cordee.access.actor import SYSTEM
from cordee.broker import jobs, rules
from cordee.kernel.identifiers import uuid7
from cordee.messaging import services as messaging
from cordee.messaging.models import Message
from cordee.messaging.services import Heard
from cordee.pathways.models import Task
from tests.broker.test_answers import asked as asked_for
from tests.factories.broker import SolicitationFactory
from tests.factories.people import ProcessingFactory
from tests.support import NOW, arranging, facts, queued, run_jobs, traces

START = NOW  # as the outbox dates what it wrote
pytestmark = pytest.mark.django_db


def asked():
    """A nurse asked for a need that no request stands behind."""
    return asked_for(SolicitationFactory(origin=f"tests/need/{uuid7()}"))


@pytest.fixture
def says(monkeypatch):
    """A text comes from the invited phone, or from who forges its number."""

    def text(invitation, words, minutes=0):
        now = START + timedelta(minutes=minutes)
        monkeypatch.setattr(jobs.timezone, "now", lambda: now)
        heard = Heard(invitation.phone, words)
        messaging.receive_text(actor=SYSTEM, heard=heard, now=now)
        run_jobs()
        invitation.refresh_from_db()
        return invitation.answer

    return text


def wrong_for(invitation, count):
    return [str(n) for n in range(1000, 9999) if str(n) != invitation.code][:count]


def told(invitation):
    return Message.objects.filter(to=invitation.phone, template="broker.use_the_link")


def test_a_few_slips_change_nothing_and_are_traced(says):
    invitation = asked()
    for code in wrong_for(invitation, rules.secrets.MOST_WRONG_CODES - 1):
        says(invitation, f"OUI {code}")
    assert says(invitation, f"OUI {invitation.code}", minutes=1) == "held"
    assert [line["verb"] for line in traces("refused")] == ["broker.reply_code"] * 4
    assert not told(invitation).exists()


def test_the_same_slip_sent_again_counts_once(says):
    invitation = asked()
    (wrong,) = wrong_for(invitation, 1)
    for minute in range(8):
        says(invitation, f"OUI {wrong}", minute)
    assert says(invitation, f"OUI {invitation.code}", 9) == "held"


def test_after_five_different_ones_even_the_right_one_moves_nothing_by_text(says):
    invitation = asked()
    for code in wrong_for(invitation, 5):
        says(invitation, f"OUI {code}")
    assert says(invitation, f"OUI {invitation.code}", minutes=2) == "waiting"
    assert facts("broker.place_held") == []
    assert invitation.solicitation.state == "open"


def test_five_codes_in_one_text_are_five_tries(says):
    invitation = asked()
    says(invitation, "OUI " + " ".join(wrong_for(invitation, 5)))
    assert says(invitation, f"OUI {invitation.code}", minutes=1) == "waiting"


def test_the_true_owner_of_the_phone_is_told_once_to_use_the_link(says):
    invitation = asked()
    for minute, code in enumerate(wrong_for(invitation, 9)):
        says(invitation, f"OUI {code}", minute)
        with arranging():
            told(invitation).update(state="sent", next_attempt_at=None, sent_at=START)
    (message,) = told(invitation)
    assert "ouvrez le lien" in message.text
    assert "1000" not in message.text


def test_a_right_answer_not_taken_is_read_by_the_desk(says):
    invitation = asked()
    for code in wrong_for(invitation, 5):
        says(invitation, f"OUI {code}")
    before = set(Task.objects.values_list("pk", flat=True))
    says(invitation, f"OUI {invitation.code}", minutes=2)
    assert [task.kind for task in Task.objects.exclude(pk__in=before)] == ["read_text"]


def test_an_hour_later_codes_are_taken_again(says):
    invitation = asked()
    for code in wrong_for(invitation, 5):
        says(invitation, f"OUI {code}")
    assert says(invitation, f"OUI {invitation.code}", minutes=61) == "held"


def test_a_colleague_is_not_concerned(says):
    guesser, colleague = asked(), asked()
    for code in wrong_for(guesser, 6):
        says(guesser, f"OUI {code}")
    assert says(colleague, f"OUI {colleague.code}", minutes=1) == "held"


def test_where_the_person_refuses_texts_since_nothing_is_said_and_nobody_waits(says):
    guesser, colleague = asked(), asked()
    ProcessingFactory(person=guesser.solicitation.person, purpose="texts", will="refused")
    for code in wrong_for(guesser, 6):
        says(guesser, f"OUI {code}")
    assert not told(guesser).exists()
    assert says(colleague, f"OUI {colleague.code}", minutes=1) == "held"


def test_a_text_that_fails_holds_back_those_of_its_phone_and_of_no_other():
    """Tried again later, as the queue does; what this phone says next waits for it."""
    failing, colleague = asked(), asked()
    for one, words in ((failing, "OUI 1000"), (failing, "NON"), (colleague, "OUI")):
        heard = Heard(one.phone, words)
        messaging.receive_text(actor=SYSTEM, heard=heard, now=START)
    texts = queued("cordee.broker.jobs.on_text")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name != %s", [texts[0][1]])
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour' WHERE id = %s",
            [texts[0][0]],
        )
        taken = []
        for _ in texts:
            cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")
            taken.append(cursor.fetchone()[0])
    assert taken == [texts[2][0], None, None]


def test_stop_is_honoured_whatever_was_tried(says):
    invitation = asked()
    for code in wrong_for(invitation, 6):
        says(invitation, f"OUI {code}")
    says(invitation, "STOP", minutes=1)
    invitation.practitioner.practice.refresh_from_db()
    assert invitation.practitioner.practice.stopped_at is not None
