"""The desk's outbox, the words, the test phone and the carrier's calls, through their doors."""

import json
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.messaging import services
from cordee.messaging.models import (
    Channel,
    DeliveryReceipt,
    InboundText,
    Message,
    MessageTemplate,
)
from tests.factories.directory import CommuneFactory, OrganizationFactory, PracticeFactory
from tests.factories.messaging import InboundTextFactory, MessageFactory
from tests.factories.people import PersonFactory
from tests.support import NOW, actor, arranging, orienteuse_of, stranger, traces

pytestmark = pytest.mark.django_db
SECRET = "9bKx2vQmT4pLr7WnYc3hZd8sGfAa1Bb2"


@pytest.fixture
def sio():
    return OrganizationFactory(name="SIO du Champsaur")


@pytest.fixture
def desk(client, sio):
    return client.as_(orienteuse_of(sio))


def soup(response):
    return BeautifulSoup(response.content, "lxml")


def ask(sio, to="+33612345678"):
    CommuneFactory()
    context = {"organization_id": sio.pk, "commune_code": "05132", "begins_at": NOW}
    context |= {"code": "4821", "link": f"/r/{SECRET}"}
    return services.send_text(
        actor=SYSTEM, to=to, template="broker.ask", context=context, origin="broker/x", now=NOW
    )


# -- the outbox ----------------------------------------------------------------------------------


def test_the_desk_sees_its_messages_with_their_state_and_reason(desk, sio):
    MessageFactory(organization=sio, failed=True)
    MessageFactory()  # of another desk

    page = soup(desk.get(reverse("messaging:list")))

    (row,) = page.select("tbody tr")
    assert "non remis" in row.text.lower()
    assert "le réseau n’a pas pu le remettre" in row.text


@pytest.mark.parametrize("rows", [1, 12])
def test_the_outbox_costs_the_same_whatever_its_length(
    desk, sio, rows, django_assert_max_num_queries
):
    MessageFactory.create_batch(rows, organization=sio)
    with django_assert_max_num_queries(6):
        page = soup(desk.get(reverse("messaging:list")))
    assert len(page.select("tbody tr")) == rows


def test_the_part_that_is_refreshed_is_the_same_as_in_the_page(desk, sio):
    MessageFactory(organization=sio)
    whole, part = (
        soup(get(reverse("messaging:list"))).select_one("#messages")
        for get in (desk.get, desk.htmx)
    )
    assert whole == part


def test_a_list_that_shows_a_person_leaves_its_trace(desk, sio):
    person = PersonFactory()
    MessageFactory(organization=sio, person=person)
    desk.get(reverse("messaging:list"))
    assert traces("list")[0]["persons"] == [person.pk]


def test_messages_are_filtered_by_state_and_nonsense_is_ignored(desk, sio):
    MessageFactory(organization=sio), MessageFactory(organization=sio, failed=True)
    for query, count in (("?state=failed", 1), ("?state=';--&page=zz", 2), ("?page=99", 2)):
        page = soup(desk.get(reverse("messaging:list") + query))
        assert len(page.select("tbody tr")) == count, query


def test_one_message_shows_its_words_without_its_secret_and_leaves_a_trace(desk, sio):
    message = ask(sio)
    response = desk.get(reverse("messaging:message", args=[message.pk]))
    assert "OUI 4821" in response.text
    assert SECRET not in response.text
    assert traces("read")[0]["subject_id"] == str(message.pk)


def test_the_message_of_another_desk_does_not_exist(client, sio):
    message = MessageFactory(organization=sio, failed=True)
    client.as_(stranger())
    assert client.get(reverse("messaging:message", args=[message.pk])).status_code == 404
    assert client.post(reverse("messaging:resend", args=[message.pk])).status_code == 404


def test_a_failed_message_is_sent_again_with_one_gesture(desk, sio):
    message = MessageFactory(organization=sio, failed=True)
    page = soup(desk.get(reverse("messaging:message", args=[message.pk])))
    form = page.select_one(f'form[action$="{message.pk}/renvoyer"]')

    assert desk.post(form["action"]).status_code == 303

    message.refresh_from_db()
    assert message.state == "queued"


def test_a_message_that_has_not_failed_is_not_offered_again(desk, sio):
    message = MessageFactory(organization=sio, sent=True)
    assert "Renvoyer" not in desk.get(reverse("messaging:message", args=[message.pk])).text
    assert desk.post(reverse("messaging:resend", args=[message.pk])).status_code == 409


def test_replies_are_read_and_those_for_a_human_stand_out(desk, sio):
    MessageFactory(organization=sio, to="+33612000000")
    InboundTextFactory(text="oui 4821")
    odd = InboundTextFactory(text="oui mais <b>demain</b>", is_clear=False, answers=[])

    page = soup(desk.get(reverse("messaging:received") + "?a-lire"))
    assert [row.select_one("td").text for row in page.select("tbody tr")] == [odd.text]
    response = desk.get(reverse("messaging:inbound", args=[odd.pk]))
    assert "oui mais &lt;b&gt;demain&lt;/b&gt;" in response.text
    assert "Ce texto vous attend" in response.text


# -- the words -----------------------------------------------------------------------------------


def test_administration_changes_words_and_goes_back(client):
    client.as_(actor(Role.ADMINISTRATOR))
    assert "Mots des messages" in client.get(reverse("messaging:templates")).text
    url = reverse("messaging:template", args=["broker.ask", "sms"])

    assert client.get(url).status_code == 200
    refused = client.post(url, {"body": "{service} {code} {lien} pour un pansement"})
    assert refused.status_code == 422
    assert "parle de soins" in refused.text
    assert client.post(url, {"body": "{service} OUI {code} {lien}"}).status_code == 303
    assert MessageTemplate.objects.get().body == "{service} OUI {code} {lien}"

    client.post(reverse("messaging:reset_template", args=["broker.ask", "sms"]))
    assert not MessageTemplate.objects.filter(body="{service} OUI {code} {lien}").exists()


def test_the_editor_offers_the_fields_that_the_message_knows_and_no_other(client):
    client.as_(actor(Role.ADMINISTRATOR))
    url = reverse("messaging:template", args=["broker.place_held", "sms"])
    page = client.get(url).text
    assert "Champs permis\u00a0: {service}, {secteur}, {debut}, {code}." in page
    refused = client.post(url, {"body": "{service} : place {code} retenue, {lien}"})
    assert refused.status_code == 422
    assert "n’est pas un champ connu de ce message" in refused.text
    assert not MessageTemplate.objects.exists()


def test_words_set_aside_are_said_to_administration(client):
    with arranging():
        MessageTemplate.objects.create(
            code="broker.place_held", channel=Channel.SMS, body="{service} {code} {lien}"
        )
    client.as_(actor(Role.ADMINISTRATOR))
    assert "mis de côté" in client.get(reverse("messaging:templates")).text
    page = client.get(reverse("messaging:template", args=["broker.place_held", "sms"])).text
    assert "{lien}" in page
    assert "Ce sont les mots de Cordée qui partent" in page
    assert "Revenir aux mots d’origine" in page


def test_the_desk_does_not_write_the_words(desk):
    assert desk.get(reverse("messaging:templates")).status_code == 403
    assert desk.get(reverse("messaging:template", args=["broker.ask", "sms"])).status_code == 403


def test_words_that_do_not_exist_are_not_found(client):
    client.as_(actor(Role.ADMINISTRATOR))
    assert client.get(reverse("messaging:template", args=["x", "sms"])).status_code == 404


# -- the test phone ------------------------------------------------------------------------------


def test_the_phone_shows_the_text_whole_with_its_link(client, sio):
    PracticeFactory(solicitable=True, mobile="+33612345678")
    ask(sio)
    page = soup(client.get(reverse("messaging:phone")))

    bubble = page.select_one(".bubble")
    assert "OUI 4821" in bubble.text
    assert bubble.select_one("a")["href"].endswith(f"/r/{SECRET}")
    assert page.select_one(".handset__who").text.strip()


def test_one_answers_from_the_phone_by_typing_and_by_tapping(client, sio):
    message = ask(sio)
    page = soup(client.get(reverse("messaging:phone")))
    tap = page.select_one(".handset__quick form")

    client.post(tap["action"], {"text": tap.select_one("[name=text]")["value"]})
    client.post(reverse("messaging:answer", args=[message.pk]), {"text": "merci <b>à vous</b>"})

    texts = list(InboundText.objects.order_by("pk").values_list("sender", "text", "answers"))
    assert texts == [
        ("+33612345678", "OUI 4821", ["yes:4821"]),
        ("+33612345678", "merci <b>à vous</b>", []),
    ]
    page = soup(client.get(reverse("messaging:phone_of", args=[message.pk])))
    assert len(page.select(".bubble--out")) == 2
    assert page.select(".handset__quick") == []
    assert "merci <b>à vous</b>" in page.select(".bubble--out")[1].text


def test_the_screen_that_is_refreshed_is_the_same_as_in_the_page(client, sio):
    url = reverse("messaging:phone_of", args=[ask(sio).pk])
    whole, part = (soup(get(url)).select_one("#ecran") for get in (client.get, client.htmx))
    for token in (
        *whole.select("[name=csrfmiddlewaretoken]"),
        *part.select("[name=csrfmiddlewaretoken]"),
    ):
        token.decompose()
    assert whole == part


def test_an_empty_answer_says_nothing(client, sio):
    message = ask(sio)
    client.post(reverse("messaging:answer", args=[message.pk]), {"text": ""})
    assert not InboundText.objects.exists()


def test_the_mails_of_the_demonstration_are_read_on_a_page(client, sio):
    message = services.send_email(
        actor=SYSTEM,
        to="cabinet@exemple.fr",
        template="intake.received",
        context={"organization_id": sio.pk, "link": f"/suivi/{SECRET}"},
        origin="",
        now=NOW,
    )
    page = soup(client.get(reverse("messaging:letter", args=[message.pk])))
    assert page.select_one(".letter a")["href"].endswith(f"/suivi/{SECRET}")


def test_without_any_text_the_phone_says_what_to_do(client):
    assert "Aucun texto n’est parti" in client.get(reverse("messaging:phone")).text
    assert "Aucun courriel" in client.get(reverse("messaging:letters")).text


def test_in_production_the_phone_does_not_exist(client, sio, settings):
    message = ask(sio)
    settings.CORDEE = replace(settings.CORDEE, mode="production")
    for name, args in (
        ("phone", []), ("phone_of", [message.pk]), ("letters", []), ("letter", [message.pk]),
    ):  # fmt: skip
        assert client.get(reverse(f"messaging:{name}", args=args)).status_code == 404, name
    url = reverse("messaging:answer", args=[message.pk])
    assert client.post(url, {"text": "oui 4821"}).status_code == 404
    assert not InboundText.objects.exists()


# -- the carrier’s calls -------------------------------------------------------------------------


@pytest.fixture
def carrier(client, settings):
    settings.CORDEE = replace(
        settings.CORDEE,
        mode="production",
        sms_gateway="http",
        sms_http_token="jeton",  # noqa: S106
        sms_http_names=("from=msisdn", "text=contenu"),
    )

    def call(payload, token="jeton"):  # noqa: S107
        return client.post(
            reverse("messaging:carrier"),
            json.dumps(payload) if not isinstance(payload, str) else payload,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        ).status_code

    return call


def test_a_carrier_posts_a_text_once_in_its_own_words(carrier):
    said = {"msisdn": "33612345678", "contenu": "oui 4821", "id": "k1"}
    assert carrier(said) == carrier(said) == 204
    assert InboundText.objects.get().answers == ["yes:4821"]


def test_a_carrier_posts_a_receipt(carrier):
    message = MessageFactory(sent=True)
    assert carrier({"id": "c0001", "status": "delivered"}) == 204
    message.refresh_from_db()
    assert message.state == "delivered"


@pytest.mark.parametrize("token", ["", "autre", "jeton2", "é"])
def test_without_the_token_there_is_no_carrier(carrier, token):
    assert carrier({"msisdn": "336", "contenu": "oui"}, token) == 404
    assert not InboundText.objects.exists()


@pytest.mark.parametrize("payload", ["", "[1]", "null", "{", {"x": 1}, {"id": {}, "status": []}])
def test_a_call_that_makes_no_sense_is_refused(carrier, payload):
    assert carrier(payload) == 400
    assert not DeliveryReceipt.objects.exists()


def test_without_an_http_carrier_nobody_calls(client):
    url = reverse("messaging:carrier")
    answer = client.post(
        url, "{}", content_type="application/json", headers={"Authorization": "Bearer "}
    )
    assert answer.status_code == 404
    assert not Message.objects.exists()
