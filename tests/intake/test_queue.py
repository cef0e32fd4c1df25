"""A long queue: walked a page at a time, and counted as far as a screen tells."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.intake.models import CareRequest
from cordee.intake.selectors import duty as evenings
from tests.factories.directory import OrganizationFactory, PoleFactory
from tests.factories.intake import CallerFactory, CareRequestFactory, desk_of
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db
QUEUE = reverse("intake:queue")


@pytest.fixture
def sio():
    return OrganizationFactory()


def many(sio, count, **more):
    """Calls for advice, one after the other, each due a minute after the one before."""
    caller = CallerFactory(organization=sio)
    with arranging():
        CareRequest.objects.bulk_create(
            CareRequest(
                organization=sio,
                caller=caller,
                weight="advice",
                need=f"Question {number}",
                due_at=NOW + timedelta(minutes=number),
                received_at=NOW,
                outcome_at=NOW,
                **more,
            )
            for number in range(count)
        )


def addresses(shown):
    return re.findall(r'href="(/demandes/[0-9a-f-]{36})', shown)


def test_it_is_walked_in_order_page_by_page_and_keeps_what_it_is_filtered_by(client, sio):
    many(sio, 103, state="received")
    speaking = client.as_(desk_of(sio))
    seen, address = [], f"{QUEUE}?qui=team&etat=received"
    for _ in range(3):
        shown = speaking.get(address).text
        seen += list(dict.fromkeys(addresses(shown)))
        following = re.search(r'rel="next" href="(\?[^"]+)"', shown)
        address = QUEUE + following.group(1).replace("&amp;", "&") if following else ""
        assert "qui=team&etat=received&" in address or not address
    assert not address
    expected = CareRequest.objects.order_by("due_at").values_list("pk", flat=True)
    assert seen == [reverse("intake:request", args=[pk]) for pk in expected]


def test_it_counts_no_further_than_a_screen_tells(client, sio):
    many(sio, 51)
    speaking = client.as_(desk_of(sio))
    assert "50+" in speaking.get(QUEUE).text
    with arranging():
        CareRequest.objects.filter(pk=CareRequest.objects.first().pk).delete()
    assert "50+" not in speaking.get(QUEUE).text


@pytest.mark.parametrize("number", ["0", "-1", "deux", "9" * 30, "²", ""])
def test_a_page_that_does_not_exist_shows_another(client, sio, number):
    many(sio, 3)
    answer = client.as_(desk_of(sio)).get(QUEUE, {"page": number})
    assert answer.status_code == 200
    assert ("Rien ici" in answer.text) is (number == "9" * 30)


def test_at_the_end_of_duty_those_that_would_be_alone_are_shown_first(client, sio, monkeypatch):
    monkeypatch.setattr(evenings, "LOOKED_AT", 2)
    desk, pole = desk_of(sio), PoleFactory(organization=sio)
    kept = [CareRequestFactory(organization=sio, due_at=NOW) for _ in range(2)]
    with arranging():
        CareRequest.objects.filter(pk__in=[one.pk for one in kept]).update(
            keeper=desk.account_id, keeping="on_call", kept_until=NOW + timedelta(days=3)
        )
    alone = CareRequestFactory(organization=sio, due_at=NOW + timedelta(days=1))
    shown = client.as_(desk).get(reverse("intake:evening"), {"pole": pole.pk}).text
    assert reverse("intake:request", args=[alone.pk]) in shown
    assert "1 autre demande n’est pas affichée" in shown.replace("\u00a0", " ")
