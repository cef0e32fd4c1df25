"""Leaving hospital is said beside entering it, and starts what is expected after."""

import pytest

from tests.liaison.scene import set_around
from tests.support import NOW, facts

pytestmark = pytest.mark.django_db


def test_a_discharge_says_when_and_for_where(client):
    around = set_around()
    page, person = client.as_(around.coordinator), around.person
    panel = page.get(f"/personnes/{person.pk}/volets/identite").text
    assert "Signaler la sortie de l’hôpital" in panel
    sent = {"left_on": NOW.strftime("%d/%m/%Y"), "destination": "home"}
    assert page.post(f"/personnes/{person.pk}/sortie-hopital", sent).status_code == 302
    (fact,) = facts("people.person_discharged")
    assert fact["data"]["destination"] == "home"
    assert fact["thread"] == person.pk


def test_a_discharge_yet_to_come_or_for_nowhere_is_refused(client):
    around = set_around()
    page, address = client.as_(around.coordinator), f"/personnes/{around.person.pk}/sortie-hopital"
    assert page.post(address, {"left_on": "31/12/2026", "destination": "home"}).status_code == 409
    nowhere = page.post(address, {"left_on": "23/11/2026", "destination": "x"})
    assert nowhere.status_code == 409
    assert "dites vers où" in nowhere.text
    assert "<main" in nowhere.text
    assert not facts("people.person_discharged")


def test_a_home_help_tells_and_does_not_say_a_discharge(client):
    around = set_around()
    address = f"/personnes/{around.person.pk}/sortie-hopital"
    sent = {"left_on": "23/11/2026", "destination": "home"}
    assert client.as_(around.helper).post(address, sent).status_code == 403
