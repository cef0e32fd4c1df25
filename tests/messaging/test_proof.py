"""A mobile is proved by typing back what was sent to it."""

import pytest
from django.urls import reverse

from tests.factories.directory import PracticeFactory, PractitionerFactory
from tests.messaging.test_codes import digits
from tests.support import NOW, speaking_as

pytestmark = pytest.mark.django_db


def door(name, practice):
    return reverse(f"messaging:{name}", args=[practice.pk])


@pytest.fixture
def practice():
    return PracticeFactory(mobile="+33639980042")


def test_the_code_that_was_sent_proves_the_mobile(practice, client):
    client.as_(speaking_as(practice.practitioner))
    assert "Recevoir et saisir le code" in client.get(reverse("directory:my_practice")).text
    assert client.get(door("mobile_code", practice)).status_code == 200

    client.post(door("send_mobile_code", practice))
    answer = client.post(door("check_mobile_code", practice), {"code": digits()})

    practice.refresh_from_db()
    assert answer.status_code == 303
    assert practice.mobile_proved_at is not None


def test_another_code_proves_nothing(practice, client):
    client.as_(speaking_as(practice.practitioner))
    client.post(door("send_mobile_code", practice))
    wrong = f"{(int(digits()) + 1) % 1_000_000:06d}"

    answer = client.post(door("check_mobile_code", practice), {"code": wrong})

    practice.refresh_from_db()
    assert answer.status_code == 422
    assert "n’est pas le bon" in answer.text
    assert practice.mobile_proved_at is None


@pytest.mark.parametrize("name", ["mobile_code", "send_mobile_code", "check_mobile_code"])
def test_nobody_proves_the_mobile_of_another(name, practice, client):
    client.as_(speaking_as(PractitionerFactory()))
    where = door(name, practice)

    answer = client.get(where) if name == "mobile_code" else client.post(where, {"code": "1"})

    assert answer.status_code == 404


def test_a_proved_mobile_needs_no_code(client):
    practice = PracticeFactory(mobile="+33639980042", mobile_proved_at=NOW)
    client.as_(speaking_as(practice.practitioner))

    assert "Envoyer le code" not in client.get(door("mobile_code", practice)).text
