"""The requester is told when something really reached them, and never because somebody clicked."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.intake import services
from cordee.intake.services.outside import new_secret, send_link
from cordee.messaging import services as messaging
from cordee.messaging.models import Message
from tests.factories.intake import CareRequestFactory, desk_of
from tests.support import NOW, Browser, arranging

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_():
    return CareRequestFactory(caller__email="cabinet@exemple.fr")


@pytest.fixture
def desk(request_):
    return desk_of(request_.organization)


def call_back(client, request, **said):
    request.refresh_from_db()
    said = {"how": "call", "result": "reached", "seen": request.version} | said
    return client.post(reverse("intake:act", args=[request.pk, "rappeler"]), said)


def is_told(request):
    request.refresh_from_db()
    return request.told_at is not None


@pytest.mark.parametrize(
    ("how", "caller"),
    [
        ("text", {"caller": None}),
        ("email", {"caller": None}),
        ("text", {"caller__phone": "+33492001122", "caller__email": "cabinet@exemple.fr"}),
        ("email", {"caller__phone": "+33612345678"}),
    ],
)
def test_what_cannot_leave_tells_nobody_and_says_what_to_do(client, how, caller):
    request = CareRequestFactory(**caller)
    answer = call_back(client.as_(desk_of(request.organization)), request, how=how)
    assert answer.status_code == 409
    assert "appelez" in answer.text
    assert not is_told(request)
    assert not request.tellings.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("how", "channel", "to"),
    [("text", "sms", "+33612345678"), ("email", "email", "cabinet@exemple.fr")],
)
def test_the_news_leave_by_the_channel_that_was_chosen(client, request_, desk, how, channel, to):
    assert call_back(client.as_(desk), request_, how=how).status_code == 302
    (left,) = Message.objects.all()
    assert (left.channel, left.to, left.template) == (channel, to, "intake.news")
    (telling,) = request_.tellings.all()
    assert telling.result == "message"
    assert not is_told(request_)  # it was queued: nobody knows yet whether it was read


def test_who_said_stop_is_told_by_mail_or_by_a_call(client, request_, desk):
    messaging.receive_text(actor=SYSTEM, heard=messaging.Heard("+33612345678", "STOP"), now=NOW)
    assert call_back(client.as_(desk), request_, how="text").status_code == 409
    assert not is_told(request_)
    assert call_back(client.as_(desk), request_, how="email").status_code == 302
    assert not is_told(request_)
    assert call_back(client.as_(desk), request_, how="call").status_code == 302
    assert is_told(request_)


def test_three_calls_in_a_row_are_one_attempt_and_three_apart_are_three(request_, desk):
    def nobody_answers(at):
        said = services.Told("call", "no_answer")
        services.tell(actor=desk, request=request_, said=said, now=at)
        return is_told(request_)

    assert not any(nobody_answers(NOW + timedelta(seconds=20 * one)) for one in range(5))
    assert not nobody_answers(NOW + timedelta(minutes=20))
    assert nobody_answers(NOW + timedelta(minutes=40))


UNREACHABLE = "Demandeur injoignable"


def attempts(desk, request, *said):
    for place, (how, result) in enumerate(said):
        at = NOW + timedelta(minutes=20 * place)
        services.tell(actor=desk, request=request, said=services.Told(how, result), now=at)


def pages(client, desk, request):
    inside = client.as_(desk).get(reverse("intake:request", args=[request.pk])).text
    with arranging():
        secret = new_secret(request, NOW)
    return inside, Browser().get(reverse("intake:status", args=[secret])).text


def test_who_was_never_reached_is_said_unreachable_and_not_told(client, request_, desk):
    attempts(desk, request_, ("call", "no_answer"), ("text", "reached"), ("call", "message"))
    assert is_told(request_)  # three attempts are a way to end, and are called what they are
    inside, outside = pages(client, desk, request_)
    assert inside.count(UNREACHABLE) == 2  # on top, and in the history
    assert "sans vous joindre" in outside


def test_who_was_reached_in_the_end_is_not_said_unreachable(client, request_, desk):
    missed = [("call", "no_answer")] * 3
    attempts(desk, request_, *missed, ("call", "reached"))
    inside, outside = pages(client, desk, request_)
    assert UNREACHABLE not in inside
    assert "sans vous joindre" not in outside


def renew_link(client, request):
    answer = client.post(reverse("intake:act", args=[request.pk, "lien"]), {}, follow=True)
    return answer.status_code, answer.text


def test_a_link_that_cannot_be_replaced_is_not_shut(client):
    request = CareRequestFactory(caller__phone="+33492001122", caller__email="")
    with arranging():
        secret = new_secret(request, NOW - timedelta(days=1))
    status, page = renew_link(client.as_(desk_of(request.organization)), request)
    assert (status, "appelez" in page) == (409, True)
    assert Browser().get(reverse("intake:status", args=[secret])).status_code == 200
    assert not Message.objects.exists()


def test_a_link_that_left_just_before_is_said_and_no_other_is_said_to_be_shut(
    client, request_, desk
):
    with arranging():
        former = new_secret(request_, NOW - timedelta(days=1))
        send_link(desk, request_, "intake.news", NOW)
    status, page = renew_link(client.as_(desk), request_)
    assert (status, "vient déjà de partir" in page) == (200, True)
    assert "n’ouvrent plus rien" not in page
    assert Browser().get(reverse("intake:status", args=[former])).status_code == 200
    assert Message.objects.count() == 1


def test_a_new_link_says_that_it_left(client, request_, desk):
    status, page = renew_link(client.as_(desk), request_)
    assert (status, "Un nouveau lien de suivi est envoyé" in page) == (200, True)
    assert [one.template for one in Message.objects.all()] == ["intake.news"]
