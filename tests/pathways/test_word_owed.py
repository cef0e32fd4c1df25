"""The requester of somebody whom the desk may follow no more is still told, by a human."""

import pytest
from django.urls import reverse

from cordee.intake.models import Caller, CareRequest
from cordee.messaging.models import Message
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.rules.processing import Purpose, Will
from tests.factories.intake import CareRequestFactory, desk_of
from tests.support import NOW, Browser, arranging, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused():
    """A doctor on a landline asked; the person refuses coordination."""
    request = CareRequestFactory(state="qualified")
    desk = desk_of(request.organization)
    with arranging():
        Caller.objects.update(phone="+33492000000", kind="gp", name="Docteur Arnaud")
    people.choose_processing(
        actor=desk,
        person=request.person,
        purpose=Purpose.COORDINATION,
        will=Will.REFUSED,
        told=people.Told(),
        now=NOW,
    )
    run_jobs()
    return request, Browser().as_(desk)


def opened(speaking):
    """What the task that the refusal left leads to."""
    task = Task.objects.open().get(kind="review_stopped")
    return speaking.get(reverse("pathways:open", args=[task.pk]), follow=True)


def test_the_desk_is_shown_whom_to_call_back_and_nobody_else(refused):
    request, speaking = refused
    assert not Message.objects.exists()  # nothing could leave to a landline
    shown = opened(speaking).text
    assert "Docteur Arnaud" in shown
    assert "04 92 00 00 00" in shown.replace("\u00a0", " ").replace("\u202f", " ")
    for words in (request.person.birth_name, "Injection", request.need, "Saint-Bonnet"):
        assert words.casefold() not in shown.casefold()


def test_what_was_told_is_written_down_once_and_the_task_goes(refused):
    request, speaking = refused
    address = reverse("intake:stopped", args=[request.pk])
    for _ in range(2):
        assert speaking.post(address).status_code == 303
    run_jobs()
    request.refresh_from_db()
    assert request.told_at is not None
    assert not Task.objects.open().filter(kind="review_stopped").exists()
    assert "a été prévenu" in speaking.get(address).text


def test_the_person_who_called_herself_is_not_named(refused):
    request, speaking = refused
    with arranging():
        Caller.objects.update(kind="person", name="Berthe Lefèvre")
    shown = opened(speaking).text
    assert "Berthe" not in shown
    assert "C’est vu" in shown


def test_no_other_desk_and_no_other_request_is_told_so(refused):
    request, speaking = refused
    address = reverse("intake:stopped", args=[request.pk])
    other = CareRequestFactory()
    assert Browser().as_(desk_of(other.organization)).get(address).status_code == 404
    live = CareRequestFactory(organization=request.organization)
    assert speaking.get(reverse("intake:stopped", args=[live.pk])).status_code == 404
    assert CareRequest.objects.get(pk=live.pk).told_at is None


def shut_out(request):
    """The desk leaves the circle: the natural gesture once a request was handed on."""
    desk = desk_of(request.organization)
    stay = request.person.circle.get(organization=request.organization, until=None)
    people.leave_circle(actor=desk, member=stay, now=NOW)
    run_jobs()
    return Browser().as_(desk)


@pytest.mark.parametrize("state", ["cancelled", "handed_on", "refused"])
def test_what_had_ended_and_was_told_to_nobody_is_still_told(state):
    request = CareRequestFactory(state=state, end_reason="other", ended_at=NOW)
    speaking = shut_out(request)
    assert "Docteur Arnaud" in opened(speaking).text
    assert speaking.post(reverse("intake:stopped", args=[request.pk])).status_code == 303
    request.refresh_from_db()
    assert request.told_at is not None
    assert request.tellings.count() == 1


def test_who_called_for_herself_is_called_back_when_she_decided_nothing():
    request = CareRequestFactory(state="qualified")
    with arranging():
        Caller.objects.update(kind="person", name="Berthe Lefèvre", phone="+33492000000")
    speaking = shut_out(request)
    shown = opened(speaking).text
    assert "Berthe" in shown
    assert "La personne l’a choisi." not in shown


def test_an_ordinary_refusal_is_told_on_its_own_page():
    request = CareRequestFactory(state="refused", end_reason="outside_mission", ended_at=NOW)
    speaking = Browser().as_(desk_of(request.organization))
    assert speaking.get(reverse("intake:stopped", args=[request.pk])).status_code == 404
    assert speaking.get(reverse("intake:request", args=[request.pk])).status_code == 200
