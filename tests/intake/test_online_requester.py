"""Whoever asked online is still reached where they proved to be, once the desk completed it."""

import pytest
from django.urls import reverse

from cordee.intake import services
from cordee.intake.models import CareRequest, Draft
from cordee.kernel.typography import said_phone
from cordee.messaging.models import Message
from tests.factories.directory import MembershipFactory
from tests.factories.intake import desk_of
from tests.intake.test_service import (
    ASKED,
    partner,
    sent_code,
    service,
    territory_holds,
    through_the_door,
)
from tests.support import NOW, arranging

__all__ = ["partner", "service"]
pytestmark = pytest.mark.django_db
PROVED, RIGHT = "+33639980001", "+33639980002"


def asked_online(client, service, **contact):
    territory_holds(service)
    through_the_door(client, **contact)
    client.post(reverse("intake:online_code"), {"code": sent_code()})
    assert client.post(reverse("intake:online_form"), ASKED).status_code == 302
    return CareRequest.objects.get()


def completed(client, request, **said):
    """Complete it with what the page shows of the requester, or with what is said of them."""
    draft = Draft.objects.get(request=request)
    page = client.get(reverse("intake:draft", args=[draft.pk])).text
    names = ("caller_phone", "caller_email", "caller_structure")
    call = ASKED | {"draft_id": str(draft.pk), "weight": "full", "delay": "h24"}
    call |= {name: shown(page, name) for name in names} | said
    assert client.post(reverse("intake:desk"), call).status_code == 302
    request.refresh_from_db()
    return request.caller


def shown(page, name):
    field = page.partition(f'name="{name}"')[2].partition(">")[0]
    return field.partition('value="')[2].partition('"')[0]


def reached(caller):
    return caller.phone, caller.email, caller.structure


def test_what_the_desk_completes_keeps_where_the_requester_is_reached(client, service, partner):
    request = asked_online(client, service)
    desk = client.as_(desk_of(service))
    page = desk.get(reverse("intake:draft", args=[request.draft.pk])).text
    assert said_phone(PROVED) in page  # who completes it can call back
    assert reached(completed(desk, request)) == (PROVED, "", partner.name)
    told = {"how": "text", "result": "reached", "seen": request.version}
    client.post(reverse("intake:act", args=[request.pk, "rappeler"]), told)
    assert [one.to for one in Message.objects.filter(template="intake.news")] == [PROVED]


def test_an_address_that_was_proved_is_kept_too(client, service, partner):
    request = asked_online(client, service, contact="cabinet@exemple.fr")
    caller = completed(client.as_(desk_of(service)), request)
    assert reached(caller) == ("", "cabinet@exemple.fr", partner.name)


def test_a_page_that_says_no_contact_takes_none_away(client, service, partner):
    request = asked_online(client, service)
    nothing = dict.fromkeys(("caller_phone", "caller_email", "caller_structure"), "")
    caller = completed(client.as_(desk_of(service)), request, **nothing)
    assert reached(caller) == (PROVED, "", partner.name)


def test_a_number_that_the_desk_heard_is_the_one_that_holds(client, service, partner):
    request = asked_online(client, service)
    caller = completed(client.as_(desk_of(service)), request, caller_phone=said_phone(RIGHT))
    assert reached(caller) == (RIGHT, "", partner.name)


def test_a_requester_corrected_before_it_is_completed_stays_corrected(client, service, partner):
    request = asked_online(client, service)
    desk = desk_of(service)
    to = services.Requester("Marc Teissier", RIGHT, "")
    services.correct_caller(actor=desk, request=request, to=to, now=NOW)
    assert reached(completed(client.as_(desk), request)) == (RIGHT, "", partner.name)


def test_the_service_it_is_handed_to_reaches_the_requester(client, service, partner):
    request = asked_online(client, service)
    there = MembershipFactory(organization__kind=service.kind).organization
    to = services.HandOn(there, "territory", spoken_with="Lucie")
    copy = services.hand_on(actor=desk_of(service), request=request, to=to, now=NOW)
    assert reached(completed(client.as_(desk_of(there)), copy)) == (PROVED, "", partner.name)


def test_a_draft_kept_without_its_contact_is_completed_with_it(client, service, partner):
    request = asked_online(client, service)
    with arranging():
        Draft.objects.update(content={name: [said] for name, said in ASKED.items()})
    caller = completed(client.as_(desk_of(service)), request)
    assert reached(caller) == (PROVED, "", partner.name)
