"""A worker killed after a deed and before it could say so does that deed again: nothing doubles."""

from datetime import timedelta

import pytest
from django.db import connection

from cordee.access.actor import SYSTEM
from cordee.broker import jobs as broker_jobs
from cordee.broker import services as broker
from cordee.broker.models import Invitation, Solicitation
from cordee.intake import services as intake
from cordee.kernel.facts import StoredFact, stored
from cordee.messaging import services as messaging
from cordee.messaging.models import Message
from cordee.messaging.services import Heard
from cordee.pathways import jobs
from cordee.pathways.models import Task
from tests.factories.broker import InvitationFactory, nurse
from tests.support import NOW, arranging, run_jobs, speaking_as

pytestmark = pytest.mark.django_db
PHONE = "+33612345678"


def last(kind: str) -> StoredFact:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM kernel_fact WHERE kind = %s", [kind])
        return stored(cursor.fetchone()[0])


def fetched() -> str | None:
    """What a worker would take now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)")
        return cursor.fetchone()[0]


def until(name: str) -> None:
    """Run what waits up to this job, and let a worker die in the middle of it."""
    for _ in range(50):
        taken = fetched()
        assert taken, f"{name} never came"
        if taken == name:
            return
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE status = 'doing'")
    raise AssertionError(name)


def test_a_room_hears_a_thread_in_order_even_when_a_worker_died_in_the_middle(
    request_, orienteuse, now
):
    """The yes is being heard when its worker dies; the withdrawal that follows waits for it."""
    nurse(), nurse()
    intake.qualify(actor=orienteuse, request=request_, now=now)
    run_jobs()
    invitation = Invitation.objects.filter(solicitation__person=request_.person_id).first()
    winner = speaking_as(invitation.practitioner, account_id=None)
    broker.accept(actor=winner, invitation=invitation, now=now)
    until("cordee.pathways.jobs.on_the_rope")
    broker.withdraw(actor=winner, invitation=invitation, now=now)
    taken = []
    while name := fetched():
        taken.append(name)
    assert "cordee.pathways.jobs.on_the_rope" not in taken


def test_a_search_that_ended_is_not_launched_again_by_the_same_wish(request_, orienteuse, now):
    """Nobody could be asked: the search was given back before the wish was heard again."""
    intake.qualify(actor=orienteuse, request=request_, now=now)
    wish = last("intake.request_qualified")
    jobs.on_the_rope(fact=wish)
    jobs.on_the_rope(fact=wish)
    run_jobs()
    jobs.on_the_rope(fact=wish)
    assert Solicitation.objects.filter(person=request_.person_id).count() == 1
    request_.refresh_from_db()
    assert request_.state == "qualified"
    kinds = Task.objects.open().about(f"intake/request/{request_.pk}").values_list("kind")
    assert sorted(kind for (kind,) in kinds) == ["choose_alternative"]


def test_a_search_asked_for_again_later_is_a_new_one(request_, orienteuse, now):
    intake.qualify(actor=orienteuse, request=request_, now=now)
    run_jobs()
    intake.ask_search(actor=orienteuse, request=request_, now=now + timedelta(minutes=1))
    run_jobs()
    assert Solicitation.objects.filter(person=request_.person_id).count() == 2


def test_a_withdrawal_that_leaves_nobody_asks_nobody_again(request_, orienteuse, now):
    """The search that goes on gives the need back at once; no other asks those who refused."""
    nurse()
    intake.qualify(actor=orienteuse, request=request_, now=now)
    run_jobs()
    invitation = Invitation.objects.get()
    winner = speaking_as(invitation.practitioner, account_id=None)
    broker.accept(actor=winner, invitation=invitation, now=now)
    run_jobs()
    broker.withdraw(actor=winner, invitation=invitation, now=now)
    run_jobs()
    assert Invitation.objects.count() == 1
    request_.refresh_from_db()
    assert request_.state == "qualified"


@pytest.fixture
def asked():
    """A nurse asked by text, alone on her phone."""
    return InvitationFactory(practitioner=nurse(mobile=PHONE), phone=PHONE, code="4821")


def write(text, after=0):
    now = NOW + timedelta(minutes=after)
    messaging.receive_text(actor=SYSTEM, heard=Heard(PHONE, text), now=now)
    return last("messaging.text_received")


def test_a_bare_yes_heard_again_takes_nothing_that_was_asked_after_it(asked):
    said = write("oui")
    broker_jobs.on_text(fact=said)
    other = InvitationFactory(
        practitioner=asked.practitioner,
        phone=PHONE,
        code="5932",
        asked_at=NOW + timedelta(seconds=30),
    )
    broker_jobs.on_text(fact=said)
    asked.refresh_from_db()
    other.refresh_from_db()
    assert (asked.answer, other.answer) == ("held", "waiting")


def test_a_bare_no_heard_again_refuses_nothing_else(asked):
    """Two questions wait, one is answered by its code; the bare word then means the other."""
    other = InvitationFactory(practitioner=asked.practitioner, phone=PHONE, code="5932")
    broker_jobs.on_text(fact=write("oui 4821"))
    said = write("non", after=30)
    broker_jobs.on_text(fact=said)
    broker_jobs.on_text(fact=said)
    asked.refresh_from_db()
    other.refresh_from_db()
    assert (asked.answer, other.answer) == ("held", "declined")


def test_which_one_is_asked_once_for_one_text(asked):
    InvitationFactory(practitioner=asked.practitioner, phone=PHONE, code="5932")
    said = write("oui")
    broker_jobs.on_text(fact=said)
    with arranging():  # it has left meanwhile
        Message.objects.filter(template="messaging.not_understood").update(
            state="delivered", next_attempt_at=None, sent_at=NOW, settled_at=NOW
        )
    broker_jobs.on_text(fact=said)
    assert Message.objects.filter(template="messaging.not_understood").count() == 1
