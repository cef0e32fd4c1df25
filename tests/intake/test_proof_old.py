"""At the public door, more than an hour after the code: what was written is not lost."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.intake.models import CareRequest
from cordee.messaging.models import Message
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


def test_the_page_opened_again_begins_at_the_door(writing):
    assert writing.get(reverse(FORM))["Location"] == reverse("intake:online")


def test_who_proved_nothing_is_sent_to_the_door(service, partner):
    stranger = Browser()
    stranger.now = LATER
    answer = stranger.post(reverse(FORM), ASKED | {"code": "000000"})
    assert answer["Location"] == reverse("intake:online")
    assert codes() == 0
