"""The public door tells nothing of whom it knows, and asks as much as the desk does."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.intake.models import CareRequest, Wish
from cordee.intake.views import public
from cordee.messaging.models import Message
from tests.factories.directory import PoleFactory, PractitionerFactory, ShiftFactory
from tests.factories.intake import CareRequestFactory, desk_of
from tests.intake.test_service import (
    ASKED,
    partner,
    sent_code,
    service,
    territory_holds,
    through_the_door,
)
from tests.support import NOW, Browser, arranging

__all__ = ["partner", "service"]
pytestmark = pytest.mark.django_db


def knock(contact, code, at=NOW, **where):
    said, browser = {"organization_code": code, "contact": contact}, Browser()
    browser.now = at
    answer = browser.post(reverse("intake:online"), said, **where)
    return answer.status_code, answer.headers.get("Location")


@pytest.mark.parametrize("contact", ["abc", "04 92 00 11 22", "a@", "12", "claire@exemple..fr"])
def test_a_contact_that_cannot_be_is_told_the_same_whatever_the_structure(partner, contact):
    known, unknown = knock(contact, "HOPITAL05"), knock(contact, "INCONNU99")
    assert known == unknown == (200, None)
    assert not Message.objects.exists()


@pytest.mark.parametrize("contact", ["06 39 98 00 01", "Cabinet@Exemple.fr"])
def test_asking_too_often_is_told_the_same_whatever_the_structure(partner, contact):
    at = [NOW + timedelta(minutes=one) for one in range(5)]
    known = [knock(contact, "HOPITAL05", one) for one in at]
    with arranging():
        from cordee.intake.models import Knock

        Knock.objects.all().delete()
    unknown = [knock(contact, "INCONNU99", one) for one in at]
    assert known == unknown
    assert Message.objects.filter(template="messaging.phone_code").count() == 3


def test_one_number_written_in_two_ways_is_one_number(partner):
    for one in range(6):
        knock("06 39 98 00 01" if one % 2 else "+33639980001", "INCONNU99")
    assert knock("06.39.98.00.01", "INCONNU99")[0] == 409


def test_a_stranger_elsewhere_shuts_the_door_to_nobody(partner):
    for _ in range(7):
        stranger = knock("claire@exemple.fr", "FAUX99", REMOTE_ADDR="203.0.113.9")
    assert stranger[0] == 409
    assert knock("claire@exemple.fr", "HOPITAL05")[0] == 302
    assert Message.objects.filter(template="messaging.phone_code").count() == 1


def test_a_stranger_without_a_structure_uses_up_no_code(partner):
    hers, stranger = Browser(), Browser()
    through_the_door(hers)
    through_the_door(stranger, code="FAUX99")
    for _ in range(6):
        stranger.post(reverse("intake:online_code"), {"code": "000000"})
    proved = hers.post(reverse("intake:online_code"), {"code": sent_code()})
    assert proved["Location"] == reverse("intake:online_form")


def test_a_network_is_counted_whole_and_holds_a_hospital(partner):
    for one in range(120):
        there = {"REMOTE_ADDR": f"2001:db8::{one + 1:x}"}
        assert knock(f"a{one}@exemple.fr", "FAUX99", **there)[0] == 302
    assert knock("b@exemple.fr", "FAUX99", REMOTE_ADDR="2001:db8::ffff")[0] == 409
    assert knock("b@exemple.fr", "FAUX99", REMOTE_ADDR="2001:db8:0:1::1")[0] == 302


WHOLE = ASKED | {
    "address": "12 rue des Écoles",
    "access_notes": "Code 12B, 2e étage",
    "other_kinds": ["injection"],
    "visit_times": ["morning", "evening"],
    "visit_minutes": "30",
    "frequency": "twice",
    "prescription": "yes",
    "prescriber": "Docteur Arnaud",
    "risks": ["animal"],
    "risk_notes": "Un chien",
    "prefer": "Camille Astier",
    "chooses_nobody": "",
}


def test_the_public_form_asks_what_the_desk_asks_and_nothing_is_lost(client, service, partner):
    territory_holds(service)
    nurse = PractitionerFactory(last_name="Astier", first_name="Camille")
    through_the_door(client)
    client.post(reverse("intake:online_code"), {"code": sent_code()})
    form = client.get(reverse("intake:online_form")).text
    for name in WHOLE:
        assert f'name="{name}"' in form, name
    assert client.post(reverse("intake:online_form"), WHOLE).status_code == 302
    request = CareRequest.objects.get()
    assert request.address == "12 rue des Écoles"
    assert request.access_notes == "Code 12B, 2e étage"
    assert request.kinds == ["dressing", "injection"]
    assert request.visit_times == ["morning", "evening"]
    assert (request.visit_minutes, request.frequency) == (30, "twice")
    assert (request.prescription, request.prescriber) == ("yes", "Docteur Arnaud")
    assert (request.risks, request.risk_notes) == (["animal"], "Un chien")

    client.as_(desk_of(service))
    draft = client.get(reverse("intake:draft", args=[request.draft.pk])).text
    assert 'value="Camille Astier"' in draft
    call = WHOLE | {"draft_id": str(request.draft.pk), "weight": "full", "delay": "h24"}
    assert client.post(reverse("intake:desk"), call).status_code == 302
    assert Wish.objects.get().practitioner == nurse


def test_cares_of_two_professions_are_two_requests_online_too(client, service, partner):
    territory_holds(service)
    through_the_door(client)
    client.post(reverse("intake:online_code"), {"code": sent_code()})
    mixed = WHOLE | {"other_kinds": ["physiotherapy"]}
    answer = client.post(reverse("intake:online_form"), mixed)
    assert answer.status_code == 422
    assert "Faites une demande par profession" in answer.text
    assert not CareRequest.objects.exists()


def test_after_nobody_was_found_the_public_page_does_not_go_back_to_received(client, service):
    from cordee.access.actor import SYSTEM
    from cordee.intake import services

    request = CareRequestFactory(organization=service)
    with arranging():
        secret = services.outside.new_secret(request, NOW)
    services.qualify(actor=desk_of(service), request=request, now=NOW)
    services.mark_searching(actor=SYSTEM, request=request, now=NOW)
    services.mark_unfilled(actor=SYSTEM, request=request, proposals=["widen"], now=NOW)
    page = client.get(f"/suivi/{secret}").text
    assert "bien reçue" not in page
    assert "cherchons une autre solution" in page


EVENING = NOW.replace(hour=20, minute=15)


def asked_online(client):
    """Ask, and give the page by which one follows."""
    through_the_door(client)
    client.post(reverse("intake:online_code"), {"code": sent_code()})
    return client.post(reverse("intake:online_form"), ASKED)


def test_what_comes_after_the_desk_closed_says_when_it_is_read(client, service, partner):
    PoleFactory(organization=service, opens="08:30")
    territory_holds(service)
    client.now = EVENING
    followed = asked_online(client).headers["Location"]
    page = client.get(followed).text
    assert "Le service est fermé en ce moment" in page
    assert "8:30" in page
    assert "la lit" not in page
    assert CareRequest.objects.get().keeper is None
    client.now = EVENING + timedelta(hours=14)
    assert "la lit et vous recontacte" in client.get(followed).text


def test_what_comes_after_the_desk_closed_is_kept_by_who_is_on_call(client, service, partner):
    pole = PoleFactory(organization=service)
    call = {"kind": "on_call", "starts_at": EVENING, "ends_at": EVENING + timedelta(hours=12)}
    kept_by = ShiftFactory(pole=pole, **call).account
    territory_holds(service)
    client.now = EVENING + timedelta(minutes=5)
    page = client.get(asked_online(client).headers["Location"]).text
    request = CareRequest.objects.get()
    assert (request.keeper, request.keeping) == (kept_by, "on_call")
    assert request.kept_until == EVENING.replace(hour=9, minute=0) + timedelta(days=1)
    assert "fermé" not in page


def test_what_comes_during_the_day_is_kept_by_nobody_yet(client, service, partner):
    pole = PoleFactory(organization=service)
    ShiftFactory(pole=pole, kind="on_call")
    territory_holds(service)
    page = client.get(asked_online(client).headers["Location"]).text
    assert "la lit et vous recontacte" in page
    assert CareRequest.objects.get().keeper is None


def test_a_structure_with_the_longest_of_names_asks_all_the_same(client, service, partner):
    longest = type(partner)._meta.get_field("name").max_length
    with arranging():
        type(partner).objects.filter(pk=partner.pk).update(name="H" * longest)
    territory_holds(service)
    asked_online(client)
    assert CareRequest.objects.get().caller.structure == "H" * 150


# --- past a limit: the form stays, filled, with a sentence and a number to call ------------------


def codes_sent():
    return Message.objects.filter(template="messaging.phone_code").count()


def test_past_three_codes_in_half_an_hour_the_page_no_longer_says_that_one_leaves(client, partner):
    said = {"organization_code": "HOPITAL05", "contact": "06 39 98 00 01"}
    leaves = "un code vient de partir"
    for minutes in (0, 5, 10):
        client.now = NOW + timedelta(minutes=minutes)
        assert leaves in client.post(reverse("intake:online"), said, follow=True).text
    client.now = NOW + timedelta(minutes=15)
    fourth = client.post(reverse("intake:online"), said, follow=True).text
    assert codes_sent() == 3
    assert leaves not in fourth
    assert "Trois codes partent au plus par demi-heure" in fourth
    assert "à partir de 19:56" in fourth  # NOW is 19:25 in Paris

    client.now = NOW + timedelta(minutes=31)
    assert leaves in client.post(reverse("intake:online"), said, follow=True).text
    assert codes_sent() == 4


def test_a_visit_begun_before_its_codes_were_counted_goes_on(client, partner):
    through_the_door(client)
    session = client.session
    session["intake.door"] = {one: session["intake.door"][one] for one in ("partner", "contact")}
    session.save()
    shown = client.get(reverse("intake:online_code"))
    assert (shown.status_code, "un code vient de partir" in shown.text) == (200, True)


def test_too_many_codes_are_told_the_same_whatever_the_structure(partner):
    pages = []
    for structure, contact in (("HOPITAL05", "a@exemple.fr"), ("INCONNU99", "b@exemple.fr")):
        browser, said = Browser(), {"organization_code": structure, "contact": contact}
        for minutes in range(4):
            browser.now = NOW + timedelta(minutes=minutes)
            shown = browser.post(reverse("intake:online"), said, follow=True).text
        pages.append(shown.partition("<h1>")[2].partition("<form")[0])
    assert pages[0] == pages[1]
    assert "Trois codes partent au plus" in pages[0]


def test_past_the_limit_of_knocks_what_was_typed_stays_with_a_number_to_call(client, service):
    territory_holds(service)
    said = {"organization_code": "INCONNU99", "contact": "06 39 98 00 01"}
    for _ in range(6):
        client.post(reverse("intake:online"), said)
    shut = client.post(reverse("intake:online"), said)
    assert shut.status_code == 409
    assert "Trop d’essais depuis une heure" in shut.text
    assert 'value="06 39 98 00 01"' in shut.text
    assert f"tel:{service.phone.replace(' ', '')}" in shut.text


def test_past_the_limit_of_tries_the_code_can_still_be_typed_later(client, service, partner):
    territory_holds(service)
    through_the_door(client)
    for _ in range(30):
        client.post(reverse("intake:online_code"), {"code": "000000"})
    shut = client.post(reverse("intake:online_code"), {"code": "123456"})
    assert shut.status_code == 409
    assert 'value="123456"' in shut.text
    assert "tel:" in shut.text


def test_nobody_is_presumed_to_ask(client, service, partner):
    through_the_door(client)
    client.post(reverse("intake:online_code"), {"code": sent_code()})
    page = client.get(reverse("intake:online_form")).text
    chosen = page.partition('<select name="caller_kind"')[2].partition("</option>")[0]
    assert '<option value="" selected>' in chosen


def test_past_the_limit_of_requests_the_whole_form_stays(client, service, partner, monkeypatch):
    territory_holds(service)
    through_the_door(client)
    client.post(reverse("intake:online_code"), {"code": sent_code()})
    monkeypatch.setitem(public.LIMITS, "sent", 0)
    shut = client.post(reverse("intake:online_form"), WHOLE)
    assert shut.status_code == 409
    for words in ("12 rue des Écoles", "Code 12B, 2e étage", "Un chien", "Camille Astier"):
        assert words in shut.text
    assert "Trop d’essais depuis une heure" in shut.text
    assert f"tel:{service.phone.replace(' ', '')}" in shut.text
    assert not CareRequest.objects.exists()
    monkeypatch.setitem(public.LIMITS, "sent", 12)
    assert client.post(reverse("intake:online_form"), WHOLE).status_code == 302
