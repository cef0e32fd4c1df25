"""What the page of a request proposes when nobody was found is really done from there."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.broker import services as broker
from cordee.broker.models import Invitation, Solicitation
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse
from tests.factories.directory import CommuneFactory
from tests.pathways.test_conductor import qualify, waiting
from tests.support import arranging, run_jobs, speaking_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk_page(client, orienteuse, now):
    """The desk in its browser, a little after the search came to its end."""
    client.now = now + timedelta(minutes=1)
    return client.as_(orienteuse)


def nobody_found(request_, orienteuse, now, proposal):
    search = qualify(request_, orienteuse, now)
    assert search.state == "exhausted"
    assert proposal in request_.proposals
    return search


def followed(desk_page, request_, text):
    """Follow the proposal from the page of the request, as one clicks it."""
    page = desk_page.get(reverse("intake:request", args=[request_.pk])).text
    before, _ = page.split(f">{text}</a>")
    return desk_page.get(before.rpartition('href="')[2].rstrip('"'), follow=True).text


def calls_and_hears_yes(desk_page, search, practitioner):
    address = reverse("broker:call", args=[search.pk])
    return desk_page.post(address, {"practitioner": str(practitioner.pk), "outcome": "yes"})


def found_by_phone(desk_page, request_, search, practitioner):
    """She is offered in the form of the call, her yes is kept, and she knows the person."""
    assert calls_and_hears_yes(desk_page, search, practitioner).status_code in (200, 302)
    run_jobs()
    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id) == ("found", practitioner.pk)
    assert request_.person.circle.filter(practitioner=practitioner, until=None).exists()
    assert "call_back" in waiting(request_)


def at_her_cap(now):
    somebody = nurse(weekly_cap=1)
    InvitationFactory(
        solicitation=SolicitationFactory(origin="intake/request/other", state="filled"),
        practitioner=somebody,
        answer="accepted",
        asked_at=now,
        answered_at=now,
    )
    return somebody


def test_lift_the_cap(desk_page, request_, orienteuse, now):
    somebody = at_her_cap(now)
    search = nobody_found(request_, orienteuse, now, "lift_cap")
    page = followed(desk_page, request_, "Demander au-delà du plafond déclaré")
    assert "Appel passé" in page
    assert f'value="{somebody.pk}"' in page
    found_by_phone(desk_page, request_, search, somebody)


BARRED = {
    "her tie is not confirmed": {
        "tie_confirmed_at": None,
        "tie_confirmed_by": None,
        "tie_how": "",
    },
    "she declared no hours": {"week": None},
    "she does not say this care": {"kinds": ["dressing"]},
    "she wants no texts": {"stopped": True},
}


@pytest.mark.parametrize("why", BARRED)
def test_call_the_list(desk_page, request_, orienteuse, now, why):
    declared = dict(BARRED[why])
    stopped = declared.pop("stopped", False)
    somebody = nurse(**declared, **({"stopped_at": now} if stopped else {}))
    search = nobody_found(request_, orienteuse, now, "phone")
    page = followed(desk_page, request_, "Appeler la liste téléphonique")
    assert f'value="{somebody.pk}"' in page
    found_by_phone(desk_page, request_, search, somebody)


def test_who_was_set_aside_or_practises_no_more_is_not_called(desk_page, request_, orienteuse, now):
    aside, gone = nurse(), nurse()
    with arranging():
        gone.closed_on = now.date()
        gone.save()
        request_.wishes.create(practitioner=aside, choice="exclude")
    search = nobody_found(request_, orienteuse, now, "phone")
    for one in (aside, gone):
        assert calls_and_hears_yes(desk_page, search, one).status_code == 422
    assert not Invitation.objects.exists()


def test_widen(desk_page, request_, orienteuse, now):
    CommuneFactory(code="05039", name="Chabottes", epci_code=request_.commune.epci_code)
    near = nurse(communes=["05039"])
    search = nobody_found(request_, orienteuse, now, "widen")
    page = followed(desk_page, request_, "Élargir la zone")
    assert reverse("broker:widen", args=[search.pk]) in page
    assert desk_page.post(reverse("broker:widen", args=[search.pk])).status_code == 302
    run_jobs()
    assert Invitation.objects.get().practitioner == near
    request_.refresh_from_db()
    assert request_.state == "searching"


def edited(desk_page, request_, text, **changes):
    """Follow the proposal to the need, change it there, and search at once."""
    assert (
        reverse("intake:edit", args=[request_.pk])
        in desk_page.get(reverse("intake:request", args=[request_.pk])).text
    )
    assert 'name="geste"' in followed(desk_page, request_, text)
    said = {
        "kind": request_.kind,
        "commune": request_.commune.name,
        "commune_code": request_.commune_id,
        "need": request_.need,
        "seen": request_.version,
        "geste": "search",
    }
    address = reverse("intake:edit", args=[request_.pk])
    assert desk_page.post(address, said | changes).status_code == 302
    run_jobs()
    request_.refresh_from_db()
    return Solicitation.objects.filter(origin=f"intake/request/{request_.pk}").latest("launched_at")


def test_another_profession(desk_page, request_, orienteuse, now):
    nurse(kinds=["sampling"])
    midwife = nurse(practitioner__profession="50", kinds=["sampling"])
    nobody_found(request_, orienteuse, now, "other_profession")
    text = "Chercher une autre profession"
    search = edited(desk_page, request_, text, kind="sampling", profession="50")
    assert [one.practitioner for one in search.invitations.all()] == [midwife]
    assert request_.state == "searching"


def test_begin_later(desk_page, request_, orienteuse, now):
    somebody = nurse()
    search = qualify(request_, orienteuse, now)
    invitation = Invitation.objects.get()
    broker.later_offer(
        actor=speaking_as(somebody, account_id=None),
        invitation=invitation,
        offers_from=now + timedelta(days=2),
        now=now,
    )
    run_jobs()
    desk_page.post(reverse("broker:relaunch", args=[search.pk]))
    run_jobs()
    request_.refresh_from_db()
    assert "later" in request_.proposals
    assert 'name="geste"' in followed(desk_page, request_, "Accepter un début plus tard")
    taken = desk_page.post(reverse("broker:take_offer", args=[invitation.pk]))
    assert taken.status_code == 302
    run_jobs()
    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id) == ("found", somebody.pk)
