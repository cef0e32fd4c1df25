"""The requester is corrected for this request; what was given to somebody else shuts."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.intake import services
from cordee.intake.models import Caller
from cordee.intake.services.outside import new_secret, send_link
from cordee.kernel.errors import DomainError
from cordee.messaging.models import Message
from cordee.pathways.models import Task
from tests.factories.intake import CallerFactory, CareRequestFactory, desk_of
from tests.support import (
    NOW,
    Browser,
    arranging,
    facts,
    run_jobs,
    simultaneously,
    stranger,
    texts_leave,
    traces,
)

pytestmark = pytest.mark.django_db
WRONG, RIGHT = "+33612345678", "+33612345687"


@pytest.fixture
def request_():
    return CareRequestFactory(caller__name="Docteur Arnaud", caller__phone=WRONG)


@pytest.fixture
def desk(request_):
    return desk_of(request_.organization)


def correct(client, request, **said):
    request.refresh_from_db()
    caller = request.caller
    said = {
        "caller_name": caller.name if caller else "",
        "caller_phone": caller.phone if caller else "",
        "caller_email": caller.email if caller else "",
        "caller_seen": caller.version if caller else "",
        "seen": request.version,
    } | said
    answer = client.post(reverse("intake:act", args=[request.pk, "demandeur"]), said)
    request.refresh_from_db()
    return answer


def given_link(request):
    with arranging():
        return new_secret(request, NOW)


def opens(secret):
    return Browser().get(reverse("intake:status", args=[secret])).status_code == 200


def test_a_mistyped_number_is_corrected_and_the_links_given_to_a_stranger_shut(
    client, request_, desk
):
    secret = given_link(request_)
    assert opens(secret)
    page = client.as_(desk).get(reverse("intake:request", args=[request_.pk])).text
    assert "Corriger le demandeur" in page
    assert correct(client, request_, caller_phone="06 12 34 56 87").status_code == 303
    assert request_.caller.phone == RIGHT
    assert not opens(secret)
    (left,) = Message.objects.all()
    assert (left.to, left.template) == (RIGHT, "intake.news")
    shown = client.get(reverse("intake:request", args=[request_.pk])).text
    assert "Un nouveau lien de suivi lui est envoyé" in shown


@pytest.mark.parametrize("template", ["intake.received", "intake.news"])
def test_a_link_still_in_the_outbox_never_leaves_for_the_wrong_number(
    client, request_, desk, template
):
    with arranging():
        send_link(desk, request_, template, NOW)
    client.as_(desk)
    assert correct(client, request_, caller_phone=RIGHT).status_code == 303
    waiting = Message.objects.filter(state="queued").values_list("to", "template")
    assert list(waiting) == [(RIGHT, "intake.news")]
    assert texts_leave(NOW) == ["intake.news"]
    run_jobs()
    assert not Task.objects.filter(kind="delivery_failed").exists()


def test_who_was_given_no_link_is_sent_none(client, request_, desk):
    client.as_(desk)
    assert correct(client, request_, caller_phone=RIGHT).status_code == 303
    assert not Message.objects.exists()
    assert not request_.links.exists()


def test_a_better_written_name_shuts_nothing(client, request_, desk):
    secret = given_link(request_)
    client.as_(desk)
    assert correct(client, request_, caller_name="Docteur Arnault").status_code == 303
    assert request_.caller.name == "Docteur Arnault"
    assert opens(secret)


def test_a_call_back_is_made_to_the_corrected_number(client, request_, desk):
    with arranging():
        services.refuse(
            actor=desk, request=request_, reason="outside_mission", now=NOW + timedelta(hours=1)
        )
    page = client.as_(desk).get(reverse("intake:request", args=[request_.pk])).text
    assert f"tel:{WRONG}" in page
    client.now = NOW + timedelta(hours=2)
    correct(client, request_, caller_phone=RIGHT)
    page = client.get(reverse("intake:request", args=[request_.pk])).text
    assert f"tel:{RIGHT}" in page
    assert f"tel:{WRONG}" not in page


@pytest.mark.parametrize(("result", "stays_told"), [("no_answer", False), ("reached", True)])
def test_three_calls_to_a_wrong_number_end_nothing_and_who_was_spoken_to_knows(
    client, request_, desk, result, stays_told
):
    services.refuse(
        actor=desk, request=request_, reason="outside_mission", now=NOW + timedelta(hours=1)
    )
    for hour in (2, 3, 4):
        said = services.Told("call", result)
        services.tell(actor=desk, request=request_, said=said, now=NOW + timedelta(hours=hour))
    request_.refresh_from_db()
    assert request_.told_at
    client.as_(desk).now = NOW + timedelta(hours=5)
    correct(client, request_, caller_phone=RIGHT)
    assert (request_.told_at is not None) is stays_told


def test_the_caller_of_another_request_stays_as_they_said(client, request_, desk):
    other = CareRequestFactory(organization=request_.organization, caller=request_.caller)
    client.as_(desk)
    correct(client, request_, caller_phone=RIGHT)
    other.refresh_from_db()
    assert (other.caller.phone, request_.caller.phone) == (WRONG, RIGHT)
    assert request_.caller.kind == other.caller.kind


def test_a_requester_of_this_request_alone_leaves_no_wrong_number_behind(client, request_, desk):
    client.as_(desk)
    correct(client, request_, caller_phone=RIGHT, caller_email="cabinet@exemple.fr")
    assert not Caller.objects.filter(phone=WRONG).exists()
    assert request_.caller.email == "cabinet@exemple.fr"


def test_who_is_known_already_by_this_number_and_name_is_that_one(client, request_, desk):
    known = CallerFactory(
        organization=request_.organization,
        name="Docteur Arnaud",
        phone=RIGHT,
        email="connu@exemple.fr",
    )
    client.as_(desk)
    correct(client, request_, caller_phone=RIGHT)
    assert request_.caller == known
    assert request_.caller.email == "connu@exemple.fr"


def test_a_request_without_requester_is_given_one(client, desk):
    request = CareRequestFactory(caller=None)
    client.as_(desk_of(request.organization))
    correct(client, request, caller_name="Mme Faure", caller_phone=RIGHT)
    assert (request.caller.name, request.caller.phone) == ("Mme Faure", RIGHT)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"caller_phone": "06 12"}, "ne peut pas exister"),
        ({"caller_email": "pas une adresse"}, "adresse"),
        ({"caller_name": "", "caller_phone": "", "caller_email": ""}, "quelqu’un est à rappeler"),
    ],
)
def test_what_reaches_nobody_is_refused_in_words(client, request_, desk, said, words):
    client.as_(desk)
    answer = correct(client, request_, **said)
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert request_.caller.phone == WRONG


def test_a_page_that_a_colleague_made_old_corrects_nothing(client, request_, desk):
    client.as_(desk)
    old = request_.caller.version
    correct(client, request_, caller_phone=RIGHT)
    answer = correct(client, request_, caller_phone="+33612345699", caller_seen=old)
    assert answer.status_code == 409
    assert request_.caller.phone == RIGHT


def test_another_desk_corrects_nothing(client, request_):
    assert correct(client.as_(stranger()), request_, caller_phone=RIGHT).status_code == 404
    assert request_.caller.phone == WRONG


def test_the_thread_and_the_trace_say_that_it_was_corrected_without_the_number(
    client, request_, desk
):
    client.as_(desk)
    correct(client, request_, caller_phone=RIGHT)
    (said,) = facts("intake.caller_corrected")
    written = json.dumps([said, traces("intake.correct_caller")], default=str)
    for number in (WRONG, RIGHT, "12345687"):
        assert number not in written
    assert "Arnaud" not in written


@pytest.mark.django_db(transaction=True)
def test_two_requests_corrected_at_once_share_the_requester_they_both_name(request_, desk):
    other = CareRequestFactory(
        organization=request_.organization,
        caller__name="Docteur Arnaud",
        caller__phone="+33612340000",
    )
    to = services.Requester("Docteur Arnaud", RIGHT, "")

    def correcting(request):
        def gesture():
            try:
                services.correct_caller(actor=desk, request=request, to=to, now=NOW)
            except DomainError as refused:
                return refused.code
            return ""

        return gesture

    said = simultaneously(correcting(request_), correcting(other))
    assert set(said) <= {"", "intake.changed"}
    assert "" in said
    assert Caller.objects.filter(phone=RIGHT).count() == 1
