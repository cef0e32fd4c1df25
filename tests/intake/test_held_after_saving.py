"""The caller, still on the line, says one thing more: the call is saved, its search is running."""

import re

import pytest
from django.urls import reverse

from cordee.broker.models import Solicitation
from cordee.intake.models import CareRequest, Draft, Hold
from cordee.kernel.latches import is_latched
from tests.factories.broker import nurse
from tests.factories.directory import CommuneFactory, MembershipFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory, DraftFactory, TriageVersionFactory, desk_of
from tests.intake.test_desk import said
from tests.support import NOW, facts, run_jobs, simultaneously

pytestmark = pytest.mark.django_db
SAID_NO_SIGN = {"delay": "h24"}
A_SIGN = {"q_respiration": "on", "no_sign": ""}


@pytest.fixture
def service():
    service = OrganizationFactory()
    TriageVersionFactory(organization=service, signed=True)
    return service


@pytest.fixture
def desk(client, service):
    CommuneFactory()
    client.actor = desk_of(service)
    return client.as_(client.actor)


@pytest.fixture
def call():
    return said(**SAID_NO_SIGN)


@pytest.fixture
def searched(desk, call):
    """A call saved with « chercher », and somebody asked."""
    nurse()
    desk.post(reverse("intake:desk"), call)
    run_jobs()
    request = CareRequest.objects.get()
    assert request.state == "searching"
    return request


def key_of_the_15(desk, call, **pressed):
    return desk.htmx(reverse("intake:samu", args=[call["draft_id"]]), call | pressed)


def is_held(request):
    """Held as a transfer from its page would hold it: nobody is sought, and it can be released."""
    run_jobs()
    request.refresh_from_db()
    held = (request.state, request.held_at) == ("qualified", NOW)
    stopped = Solicitation.objects.get().state == "cancelled"
    return held and stopped and is_latched(f"intake/request/{request.pk}")


def test_the_key_of_the_15_holds_the_search_of_a_call_already_saved(desk, call, searched):
    answer = key_of_the_15(desk, call, q_respiration="on")

    assert is_held(searched)
    assert "La recherche est retenue" in answer.text
    assert reverse("intake:request", args=[searched.pk]) in answer.text
    assert len(facts("intake.request_held")) == 1
    assert "respiration" in Hold.objects.get().signs


def test_pressed_again_it_is_noted_once_and_the_request_releases_it(desk, call, searched):
    for _ in range(2):
        key_of_the_15(desk, call)
    assert Hold.objects.count() == 1

    act = reverse("intake:act", args=[searched.pk, "reprendre"])
    assert desk.post(act, {"reason": "Le 15 ne se déplace pas"}).status_code == 302

    searched.refresh_from_db()
    assert searched.held_at is None
    assert not is_latched(f"intake/request/{searched.pk}")
    answer = key_of_the_15(desk, call)
    assert "La recherche est retenue" in answer.text
    assert Hold.objects.filter(released_at=None).count() == 1


def test_without_scripts_the_key_leads_to_the_request_that_it_holds(desk, call, searched):
    samu = reverse("intake:samu", args=[call["draft_id"]])
    page = desk.post(samu, call, follow=True)
    assert page.redirect_chain[-1][0] == reverse("intake:request", args=[searched.pk])
    assert "La recherche est retenue" in page.text


def test_a_hold_noted_during_the_call_and_released_since_is_not_shown_as_lasting(desk, call):
    key_of_the_15(desk, call)
    desk.post(reverse("intake:desk"), call)
    request = CareRequest.objects.get()
    act = reverse("intake:act", args=[request.pk, "reprendre"])
    desk.post(act, {"reason": "Fausse alerte"})

    key_of_the_15(desk, call)

    request.refresh_from_db()
    assert request.held_at == NOW
    assert Hold.objects.filter(released_at=None).get().request_id == request.pk


def test_what_ended_has_no_search_to_hold_and_the_key_says_so(desk, call, searched):
    cancel = reverse("intake:act", args=[searched.pk, "annuler"])
    desk.post(cancel, {"reason": "asked", "words": "", "seen": searched.version})

    answer = key_of_the_15(desk, call)

    assert answer.status_code == 409
    assert "terminée" in answer.text
    assert not Hold.objects.exists()


def test_a_call_put_aside_is_noted_and_nobody_says_that_a_search_is_held(desk, call):
    desk.post(reverse("intake:save", args=[call["draft_id"]]), call)
    desk.post(reverse("intake:discard", args=[call["draft_id"]]))

    answer = key_of_the_15(desk, call)

    assert "Transféré au 15" in answer.text
    assert "La recherche est retenue" not in answer.text
    assert "écarté" in answer.text
    assert Hold.objects.get().draft_id == Draft.objects.get().pk


@pytest.mark.django_db(transaction=True)
def test_saved_in_one_window_and_transferred_in_the_other_it_is_held(desk, call):
    """Whichever comes first, nothing is searched."""
    desk.post(reverse("intake:save", args=[call["draft_id"]]), call)
    answers = simultaneously(
        lambda: desk.post(reverse("intake:desk"), call), lambda: key_of_the_15(desk, call)
    )
    assert [one.status_code for one in answers] == [302, 200]
    assert CareRequest.objects.get().held_at == NOW
    assert Hold.objects.get().request_id == CareRequest.objects.get().pk


# --- the form sent again -------------------------------------------------------------------------


def test_a_sign_ticked_on_a_form_sent_again_holds_the_search_and_is_said(desk, call, searched):
    page = desk.post(reverse("intake:desk"), call | A_SIGN, follow=True)

    assert is_held(searched)
    assert page.redirect_chain[-1][0] == reverse("intake:request", args=[searched.pk])
    assert "la recherche est retenue, les signes cochés sont notés" in page.text
    assert searched.triages.order_by("pk").last().signs == ["respiration"]
    assert Hold.objects.get().signs == ["respiration"]


def test_sent_again_once_more_the_sign_is_heard_once_and_holds_nothing_after_its_release(
    desk, call, searched
):
    for _ in range(2):
        desk.post(reverse("intake:desk"), call | A_SIGN)
    act = reverse("intake:act", args=[searched.pk, "reprendre"])
    desk.post(act, {"reason": "Vue par le médecin du 15"})

    desk.post(reverse("intake:desk"), call | A_SIGN)

    searched.refresh_from_db()
    assert searched.held_at is None
    assert (Hold.objects.count(), searched.triages.count()) == (1, 2)


def test_a_sign_heard_while_the_request_is_held_is_written_too(desk, call, searched):
    key_of_the_15(desk, call)
    desk.post(reverse("intake:desk"), call | A_SIGN)
    assert searched.triages.order_by("pk").last().signs == ["respiration"]
    assert Hold.objects.count() == 1


def test_a_sign_for_what_ended_is_refused_and_not_dropped(desk, call, searched):
    cancel = reverse("intake:act", args=[searched.pk, "annuler"])
    desk.post(cancel, {"reason": "asked", "words": "", "seen": searched.version})

    answer = desk.post(reverse("intake:desk"), call | A_SIGN)

    assert answer.status_code == 422
    assert "Transférez l’appel au 15" in answer.text


def test_what_a_form_sent_again_changes_otherwise_is_not_taken_and_is_said(desk, call, searched):
    page = desk.post(reverse("intake:desk"), call | {"need": "Le soir aussi"}, follow=True)
    assert "Cet appel était déjà enregistré" in page.text
    assert "n’est pas repris" in page.text
    searched.refresh_from_db()
    assert (searched.need, searched.state) == ("", "searching")


@pytest.mark.parametrize("heard", [{}, A_SIGN, {"weight": "advice"}])
def test_the_same_form_sent_twice_says_nothing_more(desk, call, heard):
    for _ in range(2):
        page = desk.post(reverse("intake:desk"), call | heard, follow=True)
    assert CareRequest.objects.count() == 1
    assert "déjà enregistré" not in page.text


def test_saved_without_searching_then_sent_again_to_search_it_says_that_nobody_is_sought(desk):
    call = said(**SAID_NO_SIGN, geste="keep")
    desk.post(reverse("intake:desk"), call)
    page = desk.post(reverse("intake:desk"), call | {"geste": "search"}, follow=True)
    assert CareRequest.objects.get().state == "received"
    assert "sans recherche" in page.text


# --- what came online ----------------------------------------------------------------------------


@pytest.fixture
def online(service):
    request = CareRequestFactory(organization=service, person=None, channel="online")
    return DraftFactory(organization=service, account=None, request=request)


def test_a_request_that_came_online_is_held_by_the_key_before_it_is_completed(desk, online):
    call = said(**SAID_NO_SIGN, draft_id=str(online.pk))
    key_of_the_15(desk, call, q_respiration="on")
    request = CareRequest.objects.get()
    assert request.held_at == NOW
    assert len(facts("intake.request_held")) == 1
    page = desk.get(reverse("intake:draft", args=[online.pk])).text
    assert "La recherche est retenue" in page

    desk.post(reverse("intake:desk"), call)

    request.refresh_from_db()
    assert (request.state, request.held_at) == ("received", NOW)
    assert Hold.objects.count() == 1


def test_released_before_it_is_completed_its_key_is_there_again(desk, online):
    call = said(**SAID_NO_SIGN, draft_id=str(online.pk))
    key_of_the_15(desk, call)
    act = reverse("intake:act", args=[online.request_id, "reprendre"])
    desk.post(act, {"reason": "Fausse alerte"})
    page = desk.get(reverse("intake:draft", args=[online.pk])).text
    assert "La recherche est retenue." not in page
    assert re.search(r"Transférez au 15 \(SAMU\) maintenant", page)


def test_what_came_online_is_handed_on_held_with_its_signs(desk, service, online):
    there = MembershipFactory().organization
    call = said(draft_id=str(online.pk))
    key_of_the_15(desk, call, q_respiration="on")
    request = CareRequest.objects.get()

    handed = {"organization": there.pk, "reason": "territory", "spoken_with": "Nadia"}
    to = reverse("intake:act", args=[request.pk, "transmettre"])
    assert desk.post(to, handed | {"seen": request.version}).status_code == 302

    copy = CareRequest.objects.get(organization=there)
    assert copy.held_at == NOW
    hold = Hold.objects.get(request=copy)
    assert "respiration" in hold.signs
    assert is_latched(f"intake/request/{copy.pk}")
