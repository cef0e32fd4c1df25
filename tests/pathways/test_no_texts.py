"""A person who refuses texts: nothing leaves about them, and their request is carried by phone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.broker import rules
from cordee.broker import services as broker
from cordee.broker.models import Invitation, Solicitation
from cordee.intake import services as intake
from cordee.kernel.errors import DomainError
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel, Message
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.rules.processing import Basis, Purpose, Will
from tests.factories.broker import nurse
from tests.factories.directory import AccountFactory
from tests.support import actor, facts, run_jobs

pytestmark = pytest.mark.django_db


def refuses(request, now, will=Will.REFUSED):
    people.choose_processing(
        actor=SYSTEM,
        person=request.person,
        purpose=Purpose.TEXTS,
        will=will,
        told=people.Told(),
        now=now,
    )


def searched(request, orienteuse, now):
    intake.qualify(actor=orienteuse, request=request, now=now)
    run_jobs()
    request.refresh_from_db()
    return Solicitation.objects.get(origin=f"intake/request/{request.pk}")


def waiting(request):
    tasks = Task.objects.open().about(f"intake/request/{request.pk}")
    return set(tasks.values_list("kind", flat=True))


def test_the_search_goes_by_phone_and_not_one_text_leaves(client, request_, orienteuse, now):
    somebody = nurse()
    refuses(request_, now)
    search = searched(request_, orienteuse, now)
    assert not Message.objects.exists()
    assert (search.state, search.end_reason) == ("exhausted", "no_texts")
    assert waiting(request_) == {"choose_alternative"}
    assert request_.proposals == ["phone"]
    page = client.as_(orienteuse).get(reverse("broker:search", args=[search.pk])).text
    assert "la recherche se fait au téléphone" in page
    assert "Relancer maintenant" not in page
    assert str(somebody) in page


def test_a_yes_on_the_phone_fills_it_without_a_text(request_, orienteuse, now):
    somebody = nurse()
    refuses(request_, now)
    search = searched(request_, orienteuse, now)
    broker.record_call(
        actor=orienteuse,
        solicitation=search,
        call=broker.CallMade(practitioner=somebody, outcome="yes"),
        now=now,
    )
    run_jobs()
    request_.refresh_from_db()
    assert request_.state == "found"
    assert "call_back" in waiting(request_)
    assert not Message.objects.exists()


def test_asking_again_by_text_is_refused_with_a_sentence(request_, orienteuse, now):
    nurse()
    refuses(request_, now)
    search = searched(request_, orienteuse, now)
    with pytest.raises(DomainError, match="SMS ne sont pas permis"):
        broker.launch_next_wave(actor=orienteuse, solicitation=search, now=now)


def test_under_the_basis_of_consent_silence_is_a_no_and_a_yes_a_yes(request_, orienteuse, now):
    nurse()
    dpo = actor(Role.DPO, account_id=AccountFactory().pk)
    people.set_basis(actor=dpo, purpose=Purpose.TEXTS, basis=Basis.CONSENT, now=now)
    assert searched(request_, orienteuse, now).end_reason == "no_texts"
    refuses(request_, now, will=Will.ACCEPTED)
    search = Solicitation.objects.get()
    broker.launch_next_wave(actor=orienteuse, solicitation=search, now=now)
    assert Invitation.objects.count() == 1


def test_what_waits_in_the_outbox_does_not_leave_after_the_refusal(request_, orienteuse, now):
    nurse()
    search = searched(request_, orienteuse, now)
    assert Message.objects.get().state == "queued"
    refuses(request_, now)
    assert messaging.claim(actor=SYSTEM, channel=Channel.SMS, now=timezone.now()) is None
    message = Message.objects.get()
    assert (message.state, message.reason) == ("failed", "messaging.refused")
    run_jobs(until=timezone.now() + timedelta(minutes=1))
    search.refresh_from_db()
    request_.refresh_from_db()
    assert search.state == "exhausted"
    assert "phone" in request_.proposals
    assert "choose_alternative" in waiting(request_)


def test_the_requester_is_called_not_written_to(request_, orienteuse, now):
    refuses(request_, now)
    assert intake.acknowledge(actor=orienteuse, request=request_, now=now) is False
    for how in ("text", "email"):
        with pytest.raises(DomainError, match="appelez le demandeur"):
            intake.tell(
                actor=orienteuse,
                request=request_,
                said=intake.Told(how=how, result="reached"),
                now=now,
            )
    with pytest.raises(DomainError, match="appelez le demandeur"):
        intake.renew_link(actor=orienteuse, request=request_, now=now)
    assert not facts("intake.requester_told")
    assert not Message.objects.exists()


def test_the_outbox_itself_refuses_what_speaks_of_them(request_, desk, now):
    refuses(request_, now)
    for send, to in (
        (messaging.send_text, "+33639980099"),
        (messaging.send_email, "claire@exemple.fr"),
    ):
        with pytest.raises(DomainError, match="appelez"):
            send(
                actor=SYSTEM,
                to=to,
                template="intake.news",
                context={"organization_id": desk.pk},
                origin="test/1",
                person_id=request_.person_id,
                now=now,
            )


def test_who_was_asked_before_the_refusal_may_still_answer(now):
    settings = rules.DEFAULTS[rules.Urgency.DAY]
    search = rules.Search(
        settings=settings,
        launched_at=now,
        deadline_at=now + timedelta(hours=4),
        candidates=(),
        waiting=(rules.Unheard(0.5, now),),
    )
    step = rules.next_step(search, now)
    assert isinstance(step, rules.Wait)
    assert rules.without_texts(step, search) is step
