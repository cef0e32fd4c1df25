"""The status page stays open while the desk works: nothing is read by mistake."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.intake import rules
from cordee.intake.models import CareRequest
from cordee.intake.services.outside import new_secret
from tests.factories.directory import PractitionerFactory
from tests.factories.intake import CareRequestFactory, desk_of
from tests.support import NOW, Browser, arranging, simultaneously

pytestmark = pytest.mark.django_db
READ = "J’ai lu cette réponse"
CHANGED = "La réponse n’est plus la même"
FOUND = {"state": "found", "found_at": NOW, "outcome_at": NOW}


@pytest.fixture
def request_():
    return CareRequestFactory(practitioner=PractitionerFactory(), **FOUND)


@pytest.fixture
def secret(request_):
    with arranging():
        return new_secret(request_, NOW)


def requester():
    return Browser(raise_request_exception=False)


def shown(browser, secret):
    return browser.get(reverse("intake:status", args=[secret]))


def read(browser, secret, state, **more):
    return browser.post(reverse("intake:status_read", args=[secret]), {"shown": state}, **more)


def cancelled_by_the_desk(request):
    browser = requester().as_(desk_of(request.organization))
    said = {"reason": "solved", "words": ""}
    return browser.post(reverse("intake:act", args=[request.pk, "annuler"]), said)


def test_a_request_cancelled_while_the_page_is_open_is_not_read_by_mistake(request_, secret):
    browser = requester()
    assert READ in shown(browser, secret).text
    assert cancelled_by_the_desk(request_).status_code == 302
    answer = read(browser, secret, "found", follow=True)
    assert CHANGED in answer.text
    assert "Cette demande est annulée" in answer.text
    assert READ in answer.text
    request_.refresh_from_db()
    assert (request_.state, request_.told_at) == ("cancelled", None)
    assert not request_.tellings.exists()

    answer = read(browser, secret, "cancelled", follow=True)
    assert CHANGED not in answer.text
    request_.refresh_from_db()
    assert request_.told_at == NOW
    again = read(browser, secret, "cancelled", follow=True)
    assert CHANGED not in again.text
    assert request_.tellings.count() == 1


@pytest.mark.django_db(transaction=True)
def test_cancelled_and_read_at_once_what_was_read_is_what_stood(request_, secret):
    browser = requester()
    answers = simultaneously(
        lambda: read(browser, secret, "found"), lambda: cancelled_by_the_desk(request_)
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    request_.refresh_from_db()
    assert request_.state == "cancelled"
    assert request_.told_at is None  # of the cancellation, whoever came first
    assert {telling.about for telling in request_.tellings.all()} <= {"found"}
    assert "Cette demande est annulée" in shown(browser, secret).text


def test_a_link_that_was_replaced_opens_nothing_more(request_, secret):
    with arranging():
        request_.links.update(revoked_at=NOW)
    browser = requester()
    assert shown(browser, secret).status_code == 404
    assert read(browser, secret, "found").status_code == 404
    assert not request_.tellings.exists()


def test_a_link_that_is_over_opens_nothing_more(request_, secret):
    browser = requester()
    browser.now = NOW + timedelta(days=31)
    assert shown(browser, secret).status_code == 404
    assert read(browser, secret, "found").status_code == 404


ODD = ["", "\0", "é" * 10_000, "\u202e", "<script>alert(1)</script>", "${{7*7}}", "FOUND", "found "]


@pytest.mark.parametrize("said", ODD, ids=lambda one: ascii(one)[:20])
def test_an_odd_state_reads_nothing(request_, secret, said):
    answer = read(requester(), secret, said, follow=True)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert not request_.tellings.exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options", "trace"])
def test_a_wrong_method_is_refused_and_reads_nothing(request_, secret, method):
    for name in ("intake:status", "intake:status_read"):
        answer = getattr(requester(), method)(reverse(name, args=[secret]))
        assert answer.status_code == 405
    assert requester().get(reverse("intake:status_read", args=[secret])).status_code == 405
    assert not request_.tellings.exists()


def test_the_page_of_every_state_says_nothing_of_whom_nor_of_what(request_, secret):
    """Whatever the desk does meanwhile, the page keeps to its fixed sentences."""
    person, caller = request_.person, request_.caller
    words = [person.birth_name, person.first_name] if person else []
    words += [caller.name, str(request_.pk)]
    for state in ("received", "qualified", "searching", "found"):
        with arranging():
            CareRequest.objects.filter(pk=request_.pk).update(state=state)
        page = shown(requester(), secret).text
        main = page.split("<main")[1]
        assert not [word for word in words if word and re.search(re.escape(word), main)]
        assert rules.public_line(rules.State(state), "", light=False).sentence in main
