"""At the public door, more than an hour after the code: what was written is not lost."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.intake.models import CareRequest
from cordee.intake.views import public
from cordee.messaging.models import Message
from tests.factories.directory import OrganizationFactory, TerritoryFactory
from tests.intake.test_service import (
    ASKED,
    partner,
    sent_code,
    service,
    territory_holds,
    through_the_door,
)
from tests.support import NOW, Browser

__all__ = ["partner", "service"]
pytestmark = pytest.mark.django_db
FORM = "intake:online_form"
LATER = NOW + timedelta(minutes=61)


@pytest.fixture
def writing(client, service, partner):
    """Somebody was let in, and was called away from the form."""
    territory_holds(service)
    through_the_door(client)
    client.post(reverse("intake:online_code"), {"code": sent_code()})
    assert client.get(reverse(FORM)).status_code == 200
    client.now = LATER
    return client


def codes():
    return Message.objects.filter(template="messaging.phone_code").count()


def test_what_was_written_stays_on_the_page_with_a_new_code_to_give(writing):
    said = ASKED | {"access_notes": "Code 12B, 2e étage"}
    shown = writing.post(reverse(FORM), said)
    assert (shown.status_code, codes()) == (422, 2)
    assert "Code 12B, 2e étage" in shown.text
    assert "Rien de ce que vous avez écrit n’est perdu" in shown.text
    assert 'name="code"' in shown.text
    assert not CareRequest.objects.exists()

    wrong = writing.post(reverse(FORM), said | {"code": "000000"})
    assert (wrong.status_code, codes()) == (422, 2)
    assert "pas le bon" in wrong.text

    answer = writing.post(reverse(FORM), said | {"code": sent_code()})
    assert answer.status_code == 302
    assert CareRequest.objects.get().access_notes == "Code 12B, 2e étage"
    assert "code" not in CareRequest.objects.get().draft.content


def test_whom_to_call_instead_is_the_service_of_the_commune_that_was_written(writing, service):
    kind = service.territory.kind
    elsewhere = OrganizationFactory(
        kind=service.kind, phone="0492511111", territory=TerritoryFactory(kind=kind)
    )
    shown = writing.post(reverse(FORM), ASKED).text
    assert f"tel:{service.phone.replace(' ', '')}" in shown
    assert f"tel:{elsewhere.phone}" not in shown


def test_the_page_opened_again_begins_at_the_door(writing):
    assert writing.get(reverse(FORM))["Location"] == reverse("intake:online")


def test_who_proved_nothing_is_sent_to_the_door(service, partner):
    stranger = Browser()
    stranger.now = LATER
    answer = stranger.post(reverse(FORM), ASKED | {"code": "000000"})
    assert answer["Location"] == reverse("intake:online")
    assert codes() == 0


# --- the new code is dead too ---------------------------------------------------------------------

SENT, PART = "Rien de ce que vous avez écrit n’est perdu", "part vers"
TYPED = ASKED | {"access_notes": "Code 12B, 2e étage"}


def sends(browser, code=None, minutes=0):
    browser.now += timedelta(minutes=minutes)
    answer = browser.post(reverse(FORM), TYPED | ({} if code is None else {"code": code}))
    assert answer.status_code in (302, 422)
    if answer.status_code == 422:
        assert "Code 12B, 2e étage" in answer.text
        assert SENT in answer.text
    return answer


def test_another_code_leaves_once_the_new_one_is_too_old(writing):
    assert PART in sends(writing).text
    old = sent_code()
    shown = sends(writing, old, minutes=11)
    assert (PART in shown.text, codes()) == (True, 3)
    assert sends(writing, sent_code()).status_code == 302


def test_another_code_leaves_once_the_new_one_was_mistyped_five_times(writing):
    sends(writing)
    for _ in range(5):
        assert PART not in sends(writing, "000000").text
    assert codes() == 2
    shown = sends(writing, "000000")
    assert (PART in shown.text, codes()) == (True, 3)
    assert sends(writing, sent_code()).status_code == 302


def test_one_may_ask_for_another_by_typing_none(writing):
    first = sends(writing)
    (field,) = re.findall(r'<input[^>]*name="code"[^>]*>', first.text)
    assert "required" not in field
    assert PART in sends(writing, "", minutes=1).text
    assert codes() == 3


def test_past_three_codes_in_half_an_hour_the_page_says_so(writing):
    sends(writing)
    for _ in range(2):
        sends(writing, "", minutes=1)
    assert codes() == 4
    refused = sends(writing, "", minutes=1)
    assert (PART in refused.text, codes()) == (False, 4)
    assert "dans une demi-heure" in refused.text
    assert sends(writing, sent_code()).status_code == 302


def test_after_half_an_hour_another_leaves(writing):
    sends(writing)
    for _ in range(2):
        sends(writing, "", minutes=1)
    assert "dans une demi-heure" in sends(writing, "123456", minutes=15).text
    assert PART in sends(writing, "123456", minutes=20).text
    assert sends(writing, sent_code()).status_code == 302


def test_too_many_tries_lose_nothing(writing, monkeypatch):
    monkeypatch.setitem(public.LIMITS, "contact", 0)
    sends(writing)
    assert "Trop d’essais" in sends(writing, "000000").text
