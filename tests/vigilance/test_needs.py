"""A need raised from home waits on a worklist until somebody says what was done."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.access.sight import seen_by
from cordee.kernel.errors import Forbidden
from cordee.pathways import needed
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.models import CircleMember, Person
from cordee.people.rules.processing import Purpose, Will
from cordee.people.services import Told
from cordee.vigilance import services
from cordee.vigilance.models import Alert, Visit
from cordee.vigilance.rules.marks import Kind
from tests.factories.directory import MembershipFactory
from tests.support import NOW, Browser, actor, arranging, run_jobs
from tests.vigilance.scene import set_home


@pytest.fixture
def home(db):
    return set_home()


def _need(home, *signs, **details):
    said = home.record(kind=Kind.NEED.value, marks={}, signs=list(signs), **details)
    home.send(said)
    run_jobs()
    return Visit.objects.get(pk=said["id"])


def _open():
    rows = Task.objects.open().order_by("organization", "role")
    return list(rows.values_list("kind", "organization", "role", "person"))


def _refuses(home):
    people.choose_processing(
        actor=SYSTEM,
        person=home.person,
        purpose=Purpose.COORDINATION,
        will=Will.REFUSED,
        told=Told(),
        now=NOW,
    )
    run_jobs()


def test_a_need_without_an_urgent_sign_waits_for_who_coordinates_until_it_is_answered(home):
    need = _need(home, "needs_equipment")
    assert not Alert.objects.exists()
    assert _open() == [("answer_need", home.desk.pk, "", home.person.pk)]
    browser = Browser().as_(home.coordinator)
    listed = browser.get(reverse("pathways:worklist") + "?qui=team").content.decode()
    assert "Répondre à un besoin signalé au domicile" in listed
    assert "Matériel" not in listed
    task = Task.objects.open().get()
    answer = browser.get(reverse("pathways:open", args=[task.pk]))
    assert answer.headers["Location"] == reverse("vigilance:visit", args=[need.pk])
    browser.post(reverse("vigilance:see", args=[need.pk]))
    run_jobs()
    assert [one[0] for one in _open()] == ["answer_need"]
    browser.post(reverse("vigilance:answer", args=[need.pk]), {"words": "Commandé, merci."})
    run_jobs()
    assert _open() == []


def test_a_need_that_raises_an_alert_is_asked_once(home):
    _need(home, "home_unsafe")
    assert [one[0] for one in _open()] == ["answer_alert"]


def test_an_urgent_need_whose_alert_could_not_be_raised_still_waits(home):
    need = _need(home, "home_unsafe")
    with arranging():
        Alert.objects.all().delete()
        Task.objects.all().delete()
    services.see(actor=home.coordinator, visit=need, now=NOW)
    run_jobs()
    assert [one[0] for one in _open()] == ["answer_need"]


def test_a_need_whose_alert_is_closed_without_a_word_is_answered_by_default(home):
    need, alert = _need(home, "home_unsafe"), Alert.objects.get()
    said = {"verdict": "known", "effect": "same", "times": alert.times}
    browser = Browser().as_(home.coordinator)
    browser.post(reverse("vigilance:close_alert", args=[alert.pk]), said)
    run_jobs()
    need.refresh_from_db()
    assert (need.status, _open()) == (Visit.Status.CLOSED, [])
    assert "a clos l’alerte" in need.answer


def test_a_need_that_no_open_alert_tells_stands_on_a_worklist(home):
    need = _need(home, "home_unsafe")
    with arranging():
        worth = {"verdict": "known", "effect": "same"}
        by = {"seen_by": home.coordinator.account_id, "closed_by": home.coordinator.account_id}
        Alert.objects.update(seen_at=NOW, closed_at=NOW, **worth, **by)
    needed.follow(SYSTEM, SimpleNamespace(data={"visit_id": str(need.pk)}), NOW)
    assert "answer_need" in [one[0] for one in _open()]


def test_a_visit_that_is_only_marked_asks_nothing(home):
    home.send(home.record())
    run_jobs()
    assert _open() == []


def test_who_refuses_coordination_has_her_needs_answered_by_her_home_service(home):
    need = _need(home, "other_help")
    _refuses(home)
    assert _open() == [("answer_need", home.service.pk, "home_help", home.person.pk)]
    assert home.person.full_name not in _listed(home.coordinator)
    assert home.person.full_name in _listed(home.helper)
    with seen_by(home.coordinator):
        assert not Task.objects.exists()
    with pytest.raises(Forbidden):
        services.answer(actor=home.helper, visit=need, words="Moi-même", now=NOW)
    words = "Une aide de plus mardi."
    services.answer(actor=_colleague(home), visit=need, words=words, now=NOW)
    run_jobs()
    assert _open() == []


def test_the_alerts_of_who_refused_coordination_wait_on_the_list_of_her_home_service(home):
    _refuses(home)
    home.send(home.record(signs=["fell"]))
    run_jobs()
    assert _open() == [("answer_alert", home.service.pk, "home_help", home.person.pk)]
    assert home.person.full_name in _listed(home.helper)
    task, alert = Task.objects.open().get(), Alert.objects.get()
    answer = Browser().as_(home.helper).get(reverse("pathways:open", args=[task.pk]))
    assert answer.headers["Location"] == reverse("vigilance:alert", args=[alert.pk])


def test_where_nobody_coordinates_a_colleague_of_the_home_service_answers(home):
    with arranging():
        CircleMember.objects.filter(organization=home.desk).update(until=NOW)
    need = _need(home, "wants_to_talk")
    assert (home.service.pk, "home_help") in {one[1:3] for one in _open()}
    services.answer(actor=_colleague(home), visit=need, words="Je passe la voir.", now=NOW)
    run_jobs()
    assert _open() == []


def test_a_helper_reads_nothing_of_the_list_of_who_coordinates(home):
    _need(home, "needs_equipment")
    assert home.person.full_name not in _listed(home.helper)
    with seen_by(home.helper):
        assert not Task.objects.exists()


def test_nobody_is_asked_about_the_needs_of_who_is_dead(home):
    _need(home, "needs_equipment")
    with arranging():
        Person.objects.filter(pk=home.person.pk).update(deceased_on=NOW.date())
    needed.look_again(SYSTEM, NOW)
    assert _open() == []


def _listed(who):
    return Browser().as_(who).get(reverse("pathways:worklist") + "?qui=team").content.decode()


def _colleague(home):
    account = MembershipFactory(role="home_help", organization=home.service).account
    return actor(Role.HOME_HELP, home.service, account_id=account.pk, name=account.name)
