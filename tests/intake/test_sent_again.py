"""The pages were killed between a deed and their answer: whoever presses again does it once."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from cordee.intake import models, rules
from cordee.intake.models import CareRequest
from cordee.messaging.models import Message
from tests.factories.intake import CareRequestFactory, desk_of
from tests.intake.test_online_prescription import joined, proved
from tests.intake.test_service import ASKED, partner, service, territory_holds
from tests.intake.test_upload_rules import picture
from tests.support import NOW, Browser, arranging, simultaneously

__all__ = ["partner", "service"]
pytestmark = pytest.mark.django_db


def page_of(client):
    """The key that an open form carries."""
    shown = client.get(reverse("intake:online_form")).text
    return re.search(r'name="key" value="([0-9a-f-]{36})"', shown).group(1)


def test_a_form_sent_again_makes_one_request_and_one_text(client, service, partner):
    territory_holds(service)
    proved(client)
    asked = joined(picture()) | {"key": page_of(client)}
    first = client.post(reverse("intake:online_form"), asked)
    asked["ordonnance"].seek(0)
    again = client.post(reverse("intake:online_form"), asked)
    assert (first.status_code, again.status_code) == (302, 302)
    request = CareRequest.objects.get()
    assert models.Document.objects.count() == 1
    assert Message.objects.filter(template="intake.received").count() == 1
    assert {opened(first), opened(again)} == {request}


def test_another_form_makes_another_request(client, service, partner):
    territory_holds(service)
    proved(client)
    for _ in range(2):
        client.post(reverse("intake:online_form"), ASKED | {"key": page_of(client)})
    assert CareRequest.objects.count() == 2


def test_a_page_kept_by_the_browser_and_sent_for_somebody_else_is_another_request(
    client, service, partner
):
    territory_holds(service)
    proved(client)
    first = ASKED | {"key": page_of(client)}
    second = first | {"birth_name": "Bernard", "first_names": "Zélie"}  # Back, then another name
    answers = [client.post(reverse("intake:online_form"), one) for one in (first, second, second)]
    names = [opened(one).draft.content["birth_name"] for one in answers]
    assert names == [["Arnoux"], ["Bernard"], ["Bernard"]]
    assert CareRequest.objects.count() == 2
    again = client.post(reverse("intake:online_form"), first)
    assert opened(again) == opened(answers[0])


@pytest.mark.parametrize(
    "changed",
    [{"birth_date": "23/4/1942"}, {"need": "Sortie ce soir"}, {"person_phone": "06 39 98 12 12"}],
)
def test_whatever_changed_on_a_page_sent_again_is_kept(client, service, partner, changed):
    territory_holds(service)
    proved(client)
    first = ASKED | {"key": page_of(client)}
    for one in (first, first | changed):
        assert client.post(reverse("intake:online_form"), one).status_code == 302
    assert CareRequest.objects.count() == 2


def test_another_prescription_on_a_page_sent_again_is_kept(client, service, partner):
    territory_holds(service)
    proved(client)
    key = page_of(client)
    for content in (picture(), picture(size=(50, 20))):
        asked = joined(content) | {"key": key}
        assert client.post(reverse("intake:online_form"), asked).status_code == 302
    assert models.Document.objects.count() == 2


@pytest.mark.parametrize(
    "key", ["", "\0", "rien", "0" * 10_000, "{}", "\ud800".encode("utf-8", "replace")]
)
def test_a_key_that_is_none_is_no_fault_of_ours(client, service, partner, key):
    territory_holds(service)
    proved(client)
    browser_says = client.post(reverse("intake:online_form"), ASKED | {"key": key})
    assert browser_says.status_code in {302, 422}


@pytest.mark.django_db(transaction=True)
def test_one_page_sent_twice_at_once_is_one_request(client, service, partner):
    territory_holds(service)
    proved(client)
    asked = ASKED | {"key": page_of(client)}
    tabs = [Browser() for _ in range(2)]
    for tab in tabs:
        tab.cookies = client.cookies.copy()
    answers = simultaneously(
        *(lambda tab=tab: tab.post(reverse("intake:online_form"), asked) for tab in tabs)
    )
    assert [one.status_code for one in answers] == [302, 302]
    assert CareRequest.objects.count() == 1


def test_the_key_of_somebody_else_opens_nothing_of_theirs(client, service, partner):
    territory_holds(service)
    theirs = CareRequestFactory(organization=service)
    draft = models.Draft(pk=uuid4(), organization=service, request=theirs)
    proved(client)
    with_key = ASKED | {"key": str(kept_draft(draft).pk)}
    answer = client.post(reverse("intake:online_form"), with_key)
    assert opened(answer) != theirs


def opened(answer):
    """The request that a status link opens."""
    secret = answer["Location"].rstrip("/").rpartition("/")[2]
    return models.StatusLink.objects.get(secret_hash=rules.secret_hash(secret)).request


def kept_draft(draft):
    with arranging():
        draft.opened_at = NOW
        draft.save(force_insert=True)
    return draft


def call(client, request, result, *, after):
    said = {"how": "call", "result": result, "seen": request.version, "after": after}
    return client.post(reverse("intake:act", args=[request.pk, "rappeler"]), said)


def test_a_call_noted_again_counts_once(client):
    """Three honest attempts release a request: one attempt sent three times is one."""
    request = CareRequestFactory()
    client.as_(desk_of(request.organization))
    shown = client.get(reverse("intake:request", args=[request.pk])).text
    assert 'name="after" value="0"' in shown
    answers = [call(client, request, "no_answer", after=0) for _ in range(3)]
    assert [one.status_code for one in answers] == [302] * 3
    assert request.tellings.count() == 1
    request.refresh_from_db()
    assert request.told_at is None


def test_two_attempts_one_after_the_other_are_two(client):
    request = CareRequestFactory()
    client.as_(desk_of(request.organization))
    for made in range(2):
        call(client, request, "no_answer", after=made)
    assert request.tellings.count() == 2


def test_a_call_that_a_colleague_did_not_see_is_read_first(client):
    request = CareRequestFactory()
    client.as_(desk_of(request.organization))
    call(client, request, "no_answer", after=0)
    assert call(client, request, "reached", after=0).status_code == 409
    assert request.tellings.count() == 1


def test_news_sent_again_leave_once(client):
    request = CareRequestFactory()
    client.as_(desk_of(request.organization))
    said = {"how": "text", "result": "message", "seen": request.version, "after": 0}
    for _ in range(2):
        client.post(reverse("intake:act", args=[request.pk, "rappeler"]), said)
    assert Message.objects.filter(template="intake.news").count() == 1
