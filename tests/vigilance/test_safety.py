"""A helper who does not feel safe: heard by her service, and by nobody who coordinates a person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.access.actor import Role
from cordee.access.policy import visible
from cordee.access.sight import seen_by
from cordee.kernel.models import FactHeader
from cordee.pathways.models import Task
from cordee.vigilance import selectors, services
from cordee.vigilance.models import Alert, SafetyAlert
from cordee.vigilance.rules.following import Deed
from cordee.vigilance.rules.safety import Fear
from cordee.vigilance.services import Done
from tests.factories.directory import MembershipFactory
from tests.support import NOW, Browser, actor, arranging, run_jobs
from tests.vigilance.scene import set_home

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
