"""What signs a message says neither a care nor a village, whatever its service is called."""

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.directory import rules
from cordee.directory.rules import Place
from cordee.messaging import services
from tests.factories.directory import CommuneFactory, OrganizationFactory
from tests.support import NOW, actor

SECRET = "9bKx2vQmT4pLr7WnYc3hZd8sGfAa1Bb2"
PLACES = [
    Place("Ancelle", "05", 900),
    Place("Gap", "05", 40_631),
    Place("Saint-Jean", "31", 10_500),
    Place("Saint-Jean", "05", 300),
    Place("Saint-Jean-de-Luz", "64", 14_000),
    Place("Luz", "65", 900),
]


@pytest.mark.parametrize(
    ("name", "departement", "villages"),
    [
        ("SIO d’Ancelle", "05", ["Ancelle"]),
        ("SIO D’ANCELLE et Gap", "05", ["Ancelle"]),
        ("SIO de Gap", "05", []),
        ("SIO de Saint-Jean", "31", []),
        ("SIO de St Jean", "05", []),  # an abbreviation is no name of the directory
        ("SIO de Saint Jean", "05", ["Saint-Jean"]),
        ("SIO de Saint-Jean", "", ["Saint-Jean"]),
        ("SIO de Saint-Jean-de-Luz", "64", []),
        ("SIO de Saint-Jean-de-Luz et de Luz", "64", ["Luz"]),
        ("SIO des Ancelles", "05", []),
    ],
)
def test_a_name_says_the_villages_that_it_says(name, departement, villages):
    assert rules.villages_in(name, PLACES, departement, 5_000) == villages


@pytest.mark.parametrize(
    ("name", "signature", "villages", "signs"),
    [
        ("SIO du Champsaur", "", [], "SIO du Champsaur"),
        ("Équipe de soins palliatifs", "", [], "Cordée"),
        ("SIO d’Ancelle", "", ["Ancelle"], "Cordée"),
        ("Équipe de soins palliatifs", "SIO du Champsaur", [], "SIO du Champsaur"),
    ],
)
def test_what_signs_is_the_signature_else_a_neutral_name(name, signature, villages, signs):
    assert rules.signing(name, signature, villages) == signs


@pytest.fixture
def _communes():
    CommuneFactory(code="05004", name="Ancelle", population=900)
    CommuneFactory(code="05061", name="Gap", population=40_631)


def written(service) -> str:
    context = {"organization_id": service.pk, "begins_at": NOW, "code": "4821"}
    context |= {"commune_code": "05061", "link": f"/r/{SECRET}"}
    message = services.send_text(
        actor=SYSTEM,
        to="06 12 34 56 78",
        template="broker.ask",
        origin="broker/invitation/1",
        context=context,
        now=NOW,
    )
    return message.text


@pytest.mark.django_db
@pytest.mark.usefixtures("_communes")
@pytest.mark.parametrize("name", ["SIO et soins palliatifs", "SIO d’Ancelle", "SIO ANCELLE"])
def test_a_service_that_has_such_a_name_already_signs_with_a_neutral_one(name):
    said = written(OrganizationFactory(name=name))
    assert said.startswith("Cordée : recherche en cours, secteur Gap")


@pytest.mark.django_db
@pytest.mark.usefixtures("_communes")
def test_a_service_signs_with_its_signature_whatever_its_name():
    service = OrganizationFactory(name="SIO et soins palliatifs", signature="SIO du Champsaur")
    assert written(service).startswith("SIO du Champsaur : recherche en cours")
    assert written(OrganizationFactory(name="SIO de Gap")).startswith("SIO de Gap : ")


# --- at its naming -------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("_communes")
@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": "SIO et soins palliatifs"}, "parle de soins"),
        ({"name": "SIO d’Ancelle"}, "est une petite commune"),
        ({"name": "SIO", "signature": "Soins de Gap"}, "parle de soins"),
        ({"name": "SIO", "signature": "L’équipe d’Ancelle"}, "est une petite commune"),
        ({"name": "SIO", "signature": "Appelez 0492001122"}, "un numéro"),
        ({"name": "Pharmacie", "kind": "pharmacy", "signature": "Soins"}, "parle de soins"),
    ],
)
def test_a_desk_is_asked_for_a_signature_that_says_neither_care_nor_village(client, given, why):
    browser = client.as_(actor(Role.ADMINISTRATOR))
    answer = browser.post(reverse("directory:create_organization"), {"kind": "sio"} | given)
    assert answer.status_code == 422
    assert why in answer.text
    assert "signature des messages" in answer.text


@pytest.mark.django_db
@pytest.mark.usefixtures("_communes")
@pytest.mark.parametrize(
    ("given", "signs"),
    [
        ({"name": "SIO d’Ancelle", "signature": " SIO  du Champsaur "}, "SIO du Champsaur"),
        ({"name": "EHPAD d’Ancelle", "kind": "ehpad"}, "Cordée"),
        ({"name": "SIO de Gap", "place": "Gap"}, "SIO de Gap"),
    ],
)
def test_the_name_stays_free_and_the_page_says_what_signs(client, given, signs):
    browser = client.as_(actor(Role.ADMINISTRATOR))
    made = browser.post(reverse("directory:create_organization"), {"kind": "sio"} | given)
    assert made.status_code == 303
    page = browser.get(made["Location"]).text
    assert given["name"] in page
    assert f"<dt>Signe ses messages</dt><dd>{signs}" in page
