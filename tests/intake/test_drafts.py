"""A call left open: put aside, taken back, or finished by somebody else when it came online."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.intake.models import CareRequest, Draft
from tests.factories.directory import (
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
    PoleFactory,
)
from tests.factories.intake import CareRequestFactory, DraftFactory, desk_of
from tests.intake.test_desk import said
from tests.support import NOW, Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    CommuneFactory()
    return OrganizationFactory()


@pytest.fixture
def desk(client, service):
    client.actor = desk_of(service)
    return client.as_(client.actor)


def online(service):
    request = CareRequestFactory(organization=service, person=None, channel="online")
    return DraftFactory(organization=service, account=None, request=request)


def test_what_came_online_is_finished_by_whoever_takes_it_over(service, desk):
    draft = online(service)
    typed = said(draft_id=str(draft.pk))
    first = Browser().as_(desk_of(service, name="Hugo Marin"))
    assert first.post(reverse("intake:save", args=[draft.pk]), typed).status_code == 302
    page = desk.get(reverse("intake:draft", args=[draft.pk])).text
    assert "Hugo Marin" in page
    assert desk.post(reverse("intake:desk"), typed).status_code == 302
    draft.refresh_from_db()
    assert draft.account_id == desk.actor.account_id
    assert CareRequest.objects.get().person.birth_name == "Lefèvre"


def test_once_finished_nobody_adds_to_it(service, desk):
    draft = online(service)
    typed = said(draft_id=str(draft.pk))
    desk.post(reverse("intake:desk"), typed)
    other = Browser().as_(desk_of(service))
    answer = other.post(reverse("intake:save", args=[draft.pk]), typed | {"need": "Autre"})
    assert answer.status_code == 409


def test_a_call_is_put_aside_from_its_page_and_comes_back_by_undo(desk):
    call = said()
    desk.post(reverse("intake:save", args=[call["draft_id"]]), call)
    discard = reverse("intake:discard", args=[call["draft_id"]])
    assert discard in desk.get(reverse("intake:draft", args=[call["draft_id"]])).text
    assert discard in desk.get(reverse("intake:desk")).text
    page = desk.post(discard, follow=True).text
    assert "à reprendre" not in page
    undo = reverse("intake:restore", args=[call["draft_id"]])
    assert f'action="{undo}"' in page
    back = desk.post(undo, follow=True).text
    assert 'value="Lefèvre"' in back
    assert Draft.objects.get().ended_at is None


def test_a_call_cut_short_is_taken_up_by_the_desk_and_keeps_it_open(desk, service):
    """An orienteuse taken ill at 18:00 left a person nowhere, and the desk closed on it."""
    call = said()
    desk.post(reverse("intake:save", args=[call["draft_id"]]), call)
    take = reverse("intake:take_draft", args=[call["draft_id"]])
    desk.as_(desk_of(service))
    assert take not in desk.get(reverse("intake:desk")).text
    assert desk.post(take).status_code == 409

    desk.now = NOW + timedelta(minutes=40)
    end = {"pole": PoleFactory(organization=service).pk, "note": ""}
    refused = desk.post(reverse("intake:evening"), end)
    assert refused.status_code == 409
    assert "1\u00a0appel commencé n’a pas été enregistré" in refused.text
    assert take in desk.get(reverse("intake:desk")).text
    taken = desk.post(take, follow=True).text
    assert 'value="Lefèvre"' in taken
    assert desk.post(reverse("intake:desk"), call | {"delay": "h24"}).status_code == 302
    assert CareRequest.objects.get().person.birth_name == "Lefèvre"


def test_another_desk_neither_sees_nor_takes_it(desk, service):
    call = said()
    desk.post(reverse("intake:save", args=[call["draft_id"]]), call)
    desk.now = NOW + timedelta(minutes=40)
    desk.as_(desk_of(OrganizationFactory()))
    take = reverse("intake:take_draft", args=[call["draft_id"]])
    assert take not in desk.get(reverse("intake:desk")).text
    assert desk.post(take).status_code == 404


def test_taking_and_confiding_can_be_undone(client, service, desk):
    request = CareRequestFactory(organization=service)
    colleague = MembershipFactory(organization=service).account
    for account in (desk.actor.account_id, colleague.pk):
        request.refresh_from_db()
        before = request.owner_id
        page = desk.post(
            reverse("intake:act", args=[request.pk, "suivre"]),
            {"seen": request.version, "account_id": account},
            follow=True,
        ).text
        request.refresh_from_db()
        assert request.owner_id == account
        undo = reverse(
            "intake:give_back", args=[request.pk, before or "equipe"], query={"a": account}
        )
        assert f'action="{undo}"' in page
        desk.post(undo)
        request.refresh_from_db()
        assert request.owner_id == before
        desk.post(
            reverse("intake:act", args=[request.pk, "suivre"]),
            {"seen": request.version, "account_id": account},
        )


def test_what_a_colleague_took_meanwhile_is_not_given_back_by_who_had_it(service, desk):
    request = CareRequestFactory(organization=service)
    act = reverse("intake:act", args=[request.pk, "suivre"])
    desk.post(act, {"seen": request.version, "account_id": desk.actor.account_id})
    mine = {"a": desk.actor.account_id}
    undo = reverse("intake:give_back", args=[request.pk, "equipe"], query=mine)
    colleague = MembershipFactory(organization=service).account
    request.refresh_from_db()
    desk.post(act, {"seen": request.version, "account_id": colleague.pk})
    assert desk.post(undo).status_code == 409
    request.refresh_from_db()
    assert request.owner_id == colleague.pk


def test_enter_in_a_field_keeps_the_draft_and_transfers_nobody_to_the_15(desk):
    """A browser presses the first button of the form: it used to be the key of the 15."""
    for _ in range(2):  # the second time, a call waits to be taken up again
        page = desk.get(reverse("intake:desk")).text
        form = page[page.index('id="desk"') :]
        (number,) = re.findall(r'name="draft_id" value="([^"]+)"', form)
        first = re.search(r"<button type=.submit[^>]*>", form)[0]
        assert f'formaction="{reverse("intake:save", args=[number])}"' in first
        desk.post(reverse("intake:save", args=[number]), said(draft_id=number))
