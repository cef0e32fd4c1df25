"""Visits on the pages: read by who may know of her care, seen, answered, raised in two taps."""

import json
from dataclasses import replace

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.kernel.identifiers import uuid7
from cordee.kernel.models import FactHeader
from cordee.pathways.forms import page_of
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.rules.processing import Purpose, Will
from cordee.people.services import Told
from cordee.vigilance import services
from cordee.vigilance.models import Device, RefusedVisit, Visit
from cordee.vigilance.rules.sent import read
from tests.factories.directory import MembershipFactory
from tests.factories.vigilance import planned, refused_of, visit_of
from tests.support import NOW, Browser, actor, run_jobs
from tests.vigilance.scene import set_home

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    return set_home()


@pytest.fixture
def visit(home):
    details = {"health_mark": 1, "signs": ["fell"], "words": "Elle est tombée.", "urgent": True}
    return visit_of(home.person, home.service, home.phone.account, **details)


def at(who, name, *about):
    return Browser().as_(who).get(reverse(f"vigilance:{name}", args=about))


def test_her_page_shows_the_marks_in_words_and_what_is_to_come(home, visit):
    planned(home.person, home.service, home.phone.account)
    page = at(home.coordinator, "person_panel", home.person.pk).text
    assert "Très mal" in page
    assert "A chuté" in page
    assert "Urgent" in page
    assert "À venir" in page


def test_who_coordinates_sees_it_and_says_what_was_done(home, visit):
    browser = Browser().as_(home.coordinator)
    browser.post(reverse("vigilance:see", args=[visit.pk]))
    visit.refresh_from_db()
    assert (visit.status, visit.seen_by_id) == ("seen", home.coordinator.account_id)
    browser.post(reverse("vigilance:see", args=[visit.pk]))
    empty = browser.post(reverse("vigilance:answer", args=[visit.pk]), {"words": " "})
    assert empty.status_code == 422
    browser.post(reverse("vigilance:answer", args=[visit.pk]), {"words": "Médecin appelé."})
    visit.refresh_from_db()
    assert (visit.status, visit.answer) == ("closed", "Médecin appelé.")
    told = FactHeader.objects.filter(kind__startswith="vigilance.visit_").values_list("kind")
    assert [kind for (kind,) in told] == ["vigilance.visit_seen", "vigilance.visit_answered"]
    assert "Médecin appelé." in at(home.helper, "visit", visit.pk).text


def test_a_helper_tells_and_does_not_answer(home, visit):
    browser = Browser().as_(home.helper)
    assert browser.get(reverse("vigilance:visit", args=[visit.pk])).status_code == 200
    assert browser.post(reverse("vigilance:see", args=[visit.pk])).status_code == 403


def test_who_refused_coordination_keeps_her_marks_inside_her_home_service(home, visit):
    people.choose_processing(
        actor=home.helper,
        person=home.person,
        purpose=Purpose.COORDINATION,
        will=Will.REFUSED,
        told=Told(),
        now=NOW,
    )
    assert at(home.coordinator, "visit", visit.pk).status_code == 404
    assert at(home.helper, "visit", visit.pk).status_code == 200
    one = home.record()
    assert home.send(one)[one["id"]] == ("received", "")


def test_a_colleague_answers_for_who_refused_coordination_and_not_who_wrote_it(home, visit):
    other = MembershipFactory(role="home_help", organization=home.service).account
    colleague = replace(home.helper, account_id=other.pk, name=other.name)
    address = reverse("vigilance:answer", args=[visit.pk])
    assert Browser().as_(colleague).post(address, {"words": "Vue"}).status_code == 403
    people.choose_processing(
        actor=home.helper,
        person=home.person,
        purpose=Purpose.COORDINATION,
        will=Will.REFUSED,
        told=Told(),
        now=NOW,
    )
    assert Browser().as_(home.helper).post(address, {"words": "Vue"}).status_code == 403
    Browser().as_(colleague).post(address, {"words": "Rappelée, tout va bien."})
    visit.refresh_from_db()
    assert (visit.answer, visit.seen_by_id) == ("Rappelée, tout va bien.", other.pk)


def test_any_staff_member_raises_a_need_by_one_button(home):
    page = at(home.coordinator, "need_for_person", home.person.pk)
    assert page.text.count('name="sign"') > 5
    address = reverse("vigilance:need_for_person", args=[home.person.pk])
    key = "01930000-0000-7000-8000-00000000000b"
    for _ in range(2):
        Browser().as_(home.coordinator).post(address, {"sign": "needs_equipment", "key": key})
    need = Visit.objects.get()
    assert (need.kind, need.signs) == ("need", ["needs_equipment"])
    assert FactHeader.objects.filter(kind="vigilance.need_raised").count() == 1


def test_another_need_from_the_same_page_is_another_need(home):
    """Two buttons pressed one after the other, or a page that the browser kept: one key."""
    address = reverse("vigilance:need_for_person", args=[home.person.pk])
    key = "01930000-0000-7000-8000-00000000000b"
    for sign in ("needs_equipment", "wants_to_talk", "wants_to_talk", "needs_equipment"):
        Browser().as_(home.coordinator).post(address, {"sign": sign, "key": key})
    kept = Visit.objects.values_list("signs", flat=True)
    assert sorted(kept) == [["needs_equipment"], ["wants_to_talk"]]
    assert FactHeader.objects.filter(kind="vigilance.need_raised").count() == 2


def test_a_visit_is_marked_without_scripts(home):
    address = reverse("vigilance:mark_for_person", args=[home.person.pk])
    browser = Browser().as_(home.helper)
    assert browser.post(address, {"words": " "}).status_code == 422
    browser.post(address, {"health": "2", "signs": ["pain"], "words": "Mal au dos"})
    visit = Visit.objects.get()
    assert (visit.health_mark, visit.signs, visit.kind) == (2, ["pain"], "visit")


def test_a_phone_is_taken_back_by_its_owner_and_by_who_leads_the_service_only(home):
    lead = MembershipFactory(role="coordinator", organization=home.service).account
    leader = actor(Role.COORDINATOR, home.service, account_id=lead.pk, name=lead.name)
    address = reverse("vigilance:revoke", args=[home.phone.pk])
    assert Browser().as_(home.coordinator).post(address).status_code == 404
    assert "Retirer ce téléphone" in at(leader, "phones").text
    Browser().as_(leader).post(address)
    assert Device.objects.get().revoked_at == NOW
    assert "pas encore effacé" in at(home.helper, "phones").text


def test_what_was_put_aside_is_read_word_for_word_and_answered_by_who_leads(home):
    lead = MembershipFactory(role="coordinator", organization=home.service).account
    leader = actor(Role.COORDINATOR, home.service, account_id=lead.pk, name=lead.name)
    refused = refused_of(home.phone, content='{"words": "<b>Elle a chuté</b>"}')
    page = at(leader, "aside").text
    assert "Elle a chuté" in page
    assert "<b>Elle" not in page
    address = reverse("vigilance:answer_aside", args=[refused.pk])
    assert Browser().as_(home.helper).post(address, {"words": "Lu"}).status_code == 403
    assert Browser().as_(home.coordinator).post(address, {"words": "Lu"}).status_code == 404
    Browser().as_(leader).post(address, {"words": "Rappelée, noté à la main."})
    assert RefusedVisit.objects.get().answer == "Rappelée, noté à la main."
    assert "Elle a chuté" not in at(leader, "aside").text


@pytest.fixture
def leader(home):
    lead = MembershipFactory(role="coordinator", organization=home.service).account
    return actor(Role.COORDINATOR, home.service, account_id=lead.pk, name=lead.name)


def waiting(home):
    """What the worklist of the service asks to read."""
    run_jobs()
    return [one.kind for one in Task.objects.open().filter(organization=home.service)]


def test_what_was_put_aside_is_said_in_words_with_whom_it_is_about(home, leader):
    gone = home.record(
        person=str(uuid7()), name="Mme Petit", starts=NOW.isoformat(), signs=["fell"], kind="visit"
    )
    text = json.dumps(home.record(words="x" * 700, marks={"health": 1}))
    batch = [read(one) for one in (gone, text)]
    services.record_visits(actor=home.helper, device=home.phone, batch=batch, sent_at=NOW, now=NOW)
    page = at(leader, "aside").text
    for words in ("Mme Petit", "A chuté", "Urgent", "Visite prévue", "Très mal"):
        assert words in page
    assert home.person.birth_name.upper() in page.upper()
    assert "{" not in page.split("<h1>")[1].split("</main>")[0]


def test_what_was_put_aside_stands_on_the_worklist_until_it_is_answered(home, leader):
    home.send(home.record(words="x" * 700), home.record(words="x" * 700, urgent=True))
    assert waiting(home) == ["read_urgent_aside"]
    shown = Browser().as_(leader).get("/a-faire?qui=team").text
    assert "Lire un envoi urgent mis de côté" in shown
    assert page_of("vigilance/aside") == reverse("vigilance:aside")
    urgent, other = RefusedVisit.objects.order_by("content")
    urgent, other = (urgent, other) if '"urgent": true' in urgent.content else (other, urgent)
    for one, left in ((urgent, ["read_aside"]), (other, [])):
        address = reverse("vigilance:answer_aside", args=[one.pk])
        Browser().as_(leader).post(address, {"words": "Lu, noté à la main."})
        assert waiting(home) == left


def test_what_was_put_aside_of_who_refused_coordination_is_read_by_no_coordinator(home, leader):
    home.send(home.record(words="x" * 700, signs=["pain"], name="Mme Petit"))
    assert "Douleur" in at(leader, "aside").text
    people.choose_processing(
        actor=home.helper,
        person=home.person,
        purpose=Purpose.COORDINATION,
        will=Will.REFUSED,
        told=Told(),
        now=NOW,
    )
    page = at(leader, "aside").text
    assert "a refusé la coordination" in page
    for words in ("Douleur", "xxx", "Mme Petit", home.person.birth_name):
        assert words not in page
    assert "Douleur" in at(home.helper, "aside").text
    assert "reste dans votre service" in at(home.helper, "need_for_person", home.person.pk).text


def test_the_median_of_marking_is_shown_as_measured_in_use_and_never_of_a_handful(home):
    for seconds in (10, 12, 14, 60):
        visit_of(home.person, home.service, home.phone.account, seconds=seconds)
    assert "Durée pour noter" not in at(home.helper, "phones").text
    visit_of(home.person, home.service, home.phone.account, seconds=16)
    page = at(home.helper, "phones").text
    assert "Durée pour noter" in page
    assert "5\u00a0visites" in page
