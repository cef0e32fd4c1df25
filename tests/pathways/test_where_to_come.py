"""Where the person lives, and where the care is: each place with its own commune."""

import re

import pytest
from django.urls import reverse

from tests.factories.broker import nurse
from tests.factories.directory import CommuneFactory
from tests.pathways.test_conductor import qualify, say_yes
from tests.support import arranging, speaking_as

pytestmark = pytest.mark.django_db


def her_page(client, request_, orienteuse, now):
    one = nurse(communes=[request_.commune_id])
    invitation = say_yes(qualify(request_, orienteuse, now), now)
    assert invitation.practitioner == one
    shown = client.as_(speaking_as(one)).get(reverse("broker:won", args=[invitation.pk])).text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown)).replace("\u00a0", " ")


@pytest.fixture
def at_home(request_):
    home = CommuneFactory(code="05039", name="Aubessagne")
    with arranging():
        request_.person.address, request_.person.commune = "12 rue de la Mairie", home
        request_.person.save()
    return home


def test_care_elsewhere_tells_both_places_whole(client, request_, orienteuse, now, at_home):
    with arranging():
        request_.commune = CommuneFactory(code="05029", name="Chabottes")
        request_.address = "chez sa fille, 3 rue Neuve"
        request_.save()
    shown = her_page(client, request_, orienteuse, now)
    assert "12 rue de la Mairie, Aubessagne" in shown
    assert "Lieu du soin : chez sa fille, 3 rue Neuve, Chabottes" in shown


def test_care_in_another_commune_names_it_without_an_address(
    client, request_, orienteuse, now, at_home
):
    with arranging():
        request_.commune = CommuneFactory(code="05029", name="Chabottes")
        request_.save()
    assert "Lieu du soin : Chabottes" in her_page(client, request_, orienteuse, now)


def test_care_at_home_names_one_place(client, request_, orienteuse, now, at_home):
    with arranging():
        request_.commune = at_home
        request_.save()
    shown = her_page(client, request_, orienteuse, now)
    assert "12 rue de la Mairie, Aubessagne" in shown
    assert "Lieu du soin" not in shown
