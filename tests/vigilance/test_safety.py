"""A helper who does not feel safe: heard by her service, and by nobody who coordinates a person."""

from datetime import timedelta
from threading import Event
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.access.policy import visible
from cordee.access.sight import seen_by
from cordee.kernel.models import FactHeader
from cordee.pathways import aside, unsafe
from cordee.pathways.models import Task
from cordee.vigilance import selectors, services
from cordee.vigilance.models import Alert, RefusedVisit, SafetyAlert
from cordee.vigilance.rules.following import Deed
from cordee.vigilance.rules.safety import Fear
from cordee.vigilance.services import Done
from tests.factories.directory import MembershipFactory
from tests.support import (
    NOW,
    Browser,
    actor,
    arranging,
    run_jobs,
    simultaneously,
    until_somebody_waits,
)
from tests.vigilance.scene import of_herself, set_home
from tests.vigilance.test_phone import post

AT = reverse("vigilance:safety")


@pytest.fixture
def home(db):
    home = set_home()
    account = MembershipFactory(role="coordinator", organization=home.service).account
    home.lead = actor(Role.COORDINATOR, home.service, account_id=account.pk, name=account.name)
    return home


def _says(home):
    services.say_unsafe(actor=home.helper, organization=home.service, fear=Fear.THREAT, now=NOW)
    run_jobs()
    return SafetyAlert.objects.get()


def test_a_helper_says_it_in_one_press_and_her_service_answers_her(home):
    helper = Browser().as_(home.helper)
    page = helper.get(AT).text
    assert "Menace, violence ou harcèlement" in page
    assert "appelez le 17 ou le 112" in page
    assert helper.post(AT, {"fear": "threat"}).status_code == 302
    run_jobs()
    task = Task.objects.open().get()
    assert (task.kind, task.organization, task.person) == ("answer_safety", home.service, None)
    lead = Browser().as_(home.lead)
    assert "Sécurité des aides" in lead.get(reverse("pathways:worklist") + "?qui=team").text
    assert home.helper.name in lead.get(AT).text
    at = reverse("vigilance:answer_safety", args=[SafetyAlert.objects.get().pk])
    lead.post(at, {"words": "Nous irons à deux."})
    run_jobs()
    assert not Task.objects.open().exists()
    assert "Nous irons à deux." in helper.get(AT).text


def test_it_is_no_alert_of_anybody_and_stands_on_no_thread_of_a_person(home):
    _says(home)
    assert not Alert.objects.exists()
    assert selectors.open_alerts(home.coordinator) == []
    told = FactHeader.objects.filter(kind__startswith="vigilance.safety")
    assert [one.thread_id for one in told] == [None]
    assert "person" not in {one.name for one in SafetyAlert._meta.get_fields()}


def test_neither_who_coordinates_the_person_nor_a_colleague_reads_it(home):
    made = _says(home)
    other = MembershipFactory(role="home_help", organization=home.service).account
    colleague = actor(Role.HOME_HELP, home.service, account_id=other.pk, name=other.name)
    for one in (home.coordinator, colleague):
        assert not visible(SafetyAlert.objects.all(), one).exists()
        with seen_by(one):
            assert not SafetyAlert.objects.exists()
    for one in (home.helper, home.lead):
        with seen_by(one):
            assert SafetyAlert.objects.count() == 1
    at = reverse("vigilance:answer_safety", args=[made.pk])
    words = {"words": "Vu."}
    assert Browser().as_(home.coordinator).post(at, words).status_code == 404
    assert Browser().as_(home.helper).post(at, words).status_code == 403


def test_where_nobody_leads_the_service_the_helper_is_told_to_call(home):
    assert "va à qui dirige votre service" in Browser().as_(home.helper).get(AT).text
    with arranging():
        home.service.memberships.filter(role="coordinator").delete()
    assert "Personne ne dirige votre service" in Browser().as_(home.helper).get(AT).text


def test_the_database_keeps_an_answer_with_its_words(home):
    _says(home)
    promise = "vigilance_safety_alert_is_answered_in_words"
    with pytest.raises(IntegrityError, match=promise), arranging(), transaction.atomic():
        SafetyAlert.objects.update(answered_at=NOW)


def test_the_board_of_the_service_counts_it_and_that_of_others_does_not(home):
    _says(home)
    after = selectors.board(home.lead, 30, NOW + timedelta(hours=1)).after
    assert (after.safety, after.about["safety"]) == (1, 1)
    assert selectors.board(home.coordinator, 30, NOW + timedelta(hours=1)).after.safety is None
    rows = selectors.exported(selectors.board(home.lead, 30, NOW + timedelta(hours=1)), least=11)
    said = {row[0]: row[2] for row in rows if row[1] == "après"}
    assert said["Alertes de sécurité des aides"] == "moins de 11 personnes"


def test_the_board_says_how_long_an_alert_waits_for_an_action(home):
    home.send(home.record(signs=["fell"]))
    alert = Alert.objects.get()
    for hours in (2, 5):
        done = Done("Voir.", Deed.CALL, "Appel.", times=alert.times)
        at = NOW + timedelta(hours=hours)
        services.act_on_alert(actor=home.coordinator, alert=alert, done=done, now=at)
    after = selectors.board(home.coordinator, 30, NOW + timedelta(days=1)).after
    assert (after.acted.part, after.acted.whole) == (1, 1)
    assert after.acted_after == timedelta(hours=2)
    rows = selectors.exported(selectors.board(home.coordinator, 30, NOW + timedelta(days=1)), 1)
    said = {row[0]: row[2:] for row in rows if row[1] == "après"}
    assert said["De l’alerte à l’action, minutes (médiane)"] == ["120", ""]
    assert said["Alertes suivies d’une action"] == ["1", "1"]


def _comes(home, room):
    """A helper is afraid; or what a phone says cannot be taken, and is put aside."""
    if room is unsafe:
        services.say_unsafe(actor=home.helper, organization=home.service, fear=Fear.ANIMAL, now=NOW)
    else:
        post(home, [of_herself(fear="other things")])


def _is_answered(home, room):
    said = {"actor": home.lead, "words": "Appelée.", "now": NOW}
    if room is unsafe:
        services.answer_unsafe(safety=SafetyAlert.objects.get(), **said)
    else:
        services.answer_refused(refused=RefusedVisit.objects.get(), **said)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("room", "read"), [(unsafe, "safety_waits"), (aside, "waits_aside")], ids=["unsafe", "aside"]
)
def test_what_comes_while_the_one_before_is_answered_keeps_its_line(home, monkeypatch, room, read):
    _comes(home, room)
    run_jobs()
    _is_answered(home, room)
    reads, is_read = getattr(selectors, read), Event()

    def read_while_another_comes(service):
        found = reads(service)
        if not is_read.is_set():
            is_read.set()
            until_somebody_waits()
        return found

    def hear(before):
        before()
        fact = SimpleNamespace(data={"organization_id": str(home.service.pk)})
        room.follow(SYSTEM, fact, NOW)

    def another_comes():
        is_read.wait(60)
        _comes(home, room)

    monkeypatch.setattr(selectors, read, read_while_another_comes)
    assert simultaneously(lambda: hear(lambda: None), lambda: hear(another_comes)) == [None, None]
    assert Task.objects.open().filter(organization=home.service).count() == 1


def _fates(answer):
    return {one["id"]: (one["state"], one["why"]) for one in answer.json()["acks"]}


def test_what_a_phone_kept_without_a_network_is_received_once_however_often_it_is_sent(home):
    said, visit = of_herself(at=(NOW - timedelta(hours=3)).isoformat()), home.record()
    assert _fates(post(home, [visit, said, said])) == {
        said["id"]: ("received", ""),
        visit["id"]: ("received", ""),
    }
    assert _fates(post(home, [said]))[said["id"]] == ("known", "")
    kept = SafetyAlert.objects.get()
    assert (str(kept.pk), kept.fear, kept.helper_id, kept.organization) == (
        said["id"],
        "threat",
        home.helper.account_id,
        home.service,
    )
    assert kept.said_at == NOW - timedelta(hours=3)
    run_jobs()
    assert Task.objects.open().get().kind == "answer_safety"
    with arranging():  # rows bear the true clock
        SafetyAlert.objects.update(created_at=NOW)
    page = Browser().as_(home.lead).get(AT).text
    assert home.helper.name in page
    assert ", reçu " in page


def test_a_phone_that_waits_for_it_is_told_what_the_service_answered(home):
    said = of_herself()
    post(home, [said])
    services.answer_unsafe(
        actor=home.lead, safety=SafetyAlert.objects.get(), words="Nous irons à deux.", now=NOW
    )
    assert post(home, []).json()["told"] == []
    (told,) = post(home, [], awaits=True).json()["told"]
    assert (told["id"], told["by"], told["answer"]) == (
        said["id"],
        home.lead.name,
        "Nous irons à deux.",
    )


def test_another_reason_under_the_same_identifier_overwrites_nothing_and_is_put_aside(home):
    said = of_herself()
    other = said | {"fear": "animal"}
    assert _fates(post(home, [said]))[said["id"]] == ("received", "")
    assert _fates(post(home, [other]))[said["id"]] == ("aside", "conflict")
    assert SafetyAlert.objects.get().fear == "threat"
    assert "animal dangereux" in Browser().as_(home.lead).get(reverse("vigilance:aside")).text


@pytest.mark.parametrize("wrong", [{"fear": "other things"}, {"fear": ["threat"]}, {"at": "hier"}])
def test_what_does_not_read_is_put_aside_as_urgent(home, wrong):
    said = of_herself(**wrong)
    assert _fates(post(home, [said]))[said["id"]][0] == "aside"
    assert not SafetyAlert.objects.exists()
    run_jobs()
    assert Task.objects.open().get().kind == "read_urgent_aside"


def test_what_a_phone_that_was_taken_back_still_held_is_read_by_who_leads_the_service(home):
    services.revoke(actor=home.lead, device=home.phone, now=NOW)
    said = of_herself()
    assert _fates(post(home, [said]))[said["id"]] == ("aside", "revoked")
    run_jobs()
    assert Task.objects.open().get().kind == "read_urgent_aside"
    aside = reverse("vigilance:aside")
    page = Browser().as_(home.lead).get(aside).text
    assert "Sécurité de l’aide" in page
    assert "menace, violence ou harcèlement" in page
    assert "menace" not in Browser().as_(home.coordinator).get(aside).text


def test_the_phone_is_told_when_nobody_leads_the_service(home):
    with arranging():
        home.service.memberships.filter(role="coordinator").delete()
    said = of_herself()
    assert _fates(post(home, [said]))[said["id"]] == ("received", "unheard")
    assert SafetyAlert.objects.count() == 1
