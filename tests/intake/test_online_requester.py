"""Whoever asked online is still reached where they proved to be, once the desk completed it."""

import pytest
from django.urls import reverse

from cordee.intake import services
from cordee.intake.models import Caller, CareRequest, Draft
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
    assert sent(client, opened(client, request) | said).status_code == 302
    request.refresh_from_db()
    return request.caller


def opened(client, request):
    """What the page where it is completed would send, as it is now."""
    draft = Draft.objects.get(request=request)
    page = client.get(reverse("intake:draft", args=[draft.pk])).text
    call = ASKED | {"draft_id": str(draft.pk), "weight": "full", "delay": "h24"}
    return call | requester_on(page)


def requester_on(page):
    names = ("name", "phone", "email", "structure", "seen")
    return {f"caller_{name}": shown(page, f"caller_{name}") for name in names}


def sent(client, call):
    return client.post(reverse("intake:desk"), call)


def corrected(desk, request, name="Marc Teissier", phone=RIGHT):
    request.refresh_from_db()
    to = services.Requester(name, phone, "")
    services.correct_caller(actor=desk, request=request, to=to, now=NOW)


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
    corrected(desk, request)
    assert reached(completed(client.as_(desk), request)) == (RIGHT, "", partner.name)


def test_a_page_opened_before_the_correction_does_not_put_the_wrong_number_back(
    client, service, partner
):
    request = asked_online(client, service)
    desk = client.as_(desk_of(service))
    before = opened(desk, request)
    corrected(desk_of(service), request)
    answer = sent(desk, before)
    request.refresh_from_db()
    assert (answer.status_code, request.caller.phone) == (422, RIGHT)
    assert Caller.objects.count() == 1
    assert "corrigé" in answer.text
    assert shown(answer.text, "birth_name") == ASKED["birth_name"]  # the rest stays as typed
    again = requester_on(answer.text)
    assert (again["caller_name"], again["caller_phone"]) == ("Marc Teissier", said_phone(RIGHT))
    assert sent(desk, before | again).status_code == 302
    request.refresh_from_db()
    assert reached(request.caller) == (RIGHT, "", partner.name)


def test_a_page_that_saves_itself_does_not_put_it_back_in_the_draft(client, service, partner):
    request = asked_online(client, service)
    desk = client.as_(desk_of(service))
    before = opened(desk, request)
    corrected(desk_of(service), request)
    typed = before | {"birth_name": "Arnault"}
    save = reverse("intake:save", args=[request.draft.pk])
    assert desk.post(save, typed, headers={"X-Autosave": "true"}).status_code == 204
    page = desk.get(reverse("intake:draft", args=[request.draft.pk])).text
    assert shown(page, "caller_phone") == said_phone(RIGHT)
    assert shown(page, "birth_name") == "Arnault"
    assert reached(completed(desk, request)) == (RIGHT, "", partner.name)


def test_who_called_again_meanwhile_is_not_taken_for_corrected(client, service, partner):
    request = asked_online(client, service)
    desk = client.as_(desk_of(service))
    before = opened(desk, request)
    with arranging():
        request.caller.save()  # as another call from this number does
    assert sent(desk, before | {"caller_phone": said_phone(RIGHT)}).status_code == 302
    request.refresh_from_db()
    assert request.caller.phone == RIGHT


@pytest.mark.parametrize("typed", [said_phone(RIGHT), RIGHT])
def test_a_better_written_name_leaves_the_number_that_a_colleague_typed(
    client, service, partner, typed
):
    request = asked_online(client, service)
    desk = client.as_(desk_of(service))
    save = reverse("intake:save", args=[request.draft.pk])
    desk.post(save, opened(desk, request) | {"caller_phone": typed})
    corrected(desk_of(service), request, name="Marc Tessier", phone=PROVED)
    now = opened(desk, request)
    assert (now["caller_name"], now["caller_phone"]) == ("Marc Tessier", typed)


def test_the_number_is_corrected_in_the_draft_however_it_was_typed_there(client, service, partner):
    request = asked_online(client, service)
    desk = client.as_(desk_of(service))
    save = reverse("intake:save", args=[request.draft.pk])
    desk.post(save, opened(desk, request) | {"caller_phone": PROVED})
    corrected(desk_of(service), request)
    assert opened(desk, request)["caller_phone"] == said_phone(RIGHT)


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
