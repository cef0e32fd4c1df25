"""Equipment from the day it is asked for to its use, and small actions that are tried."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cordee.access.actor import SYSTEM
from cordee.access.policy import visible
from cordee.access.sight import seen_by
from cordee.kernel.errors import DomainError
from cordee.pathways import equipped
from cordee.pathways.models import Task
from cordee.plans.rules.rhythms import end_of
from cordee.vigilance import services
from cordee.vigilance.models import Alert, Equipment, EquipmentStep, Trial
from cordee.vigilance.rules.equipment import ENDED, NEXT, Stage, What, may_follow, proposed_due
from cordee.vigilance.rules.following import Effect
from cordee.vigilance.services import Step, Tried, Wanted
from tests.factories.people import PersonFactory, SharingFactory
from tests.factories.vigilance import equipment_of, trial_of
from tests.support import NOW, Browser, arranging, run_jobs, simultaneously
from tests.vigilance.scene import set_home

TODAY, DAY = NOW.date(), timedelta(days=1)


@pytest.fixture
def home(db):
    return set_home()


@pytest.fixture
def browser(home):
    return Browser().as_(home.coordinator)


def _asks(home, **details):
    wanted = Wanted(**{"what": What.BED, "due_on": TODAY + 3 * DAY} | details)
    return services.ask_equipment(
        actor=home.coordinator, person=home.person, wanted=wanted, now=NOW
    )


def _moves(home, made, stage, **details):
    about = {"happened_on": TODAY, "due_on": TODAY + 7 * DAY, "seen": made.number}
    step = Step(stage=stage, **about | details)
    services.move_equipment(actor=home.coordinator, equipment=made, step=step, now=NOW)
    made.refresh_from_db()


def _days():
    rows = Task.objects.open().filter(kind__in=["follow_equipment", "review_trial"])
    return list(rows.values_list("kind", "due_at"))


def _typed(day):
    return day.strftime("%d/%m/%Y")


def test_equipment_goes_from_asked_to_in_use_and_each_step_says_when_and_who(home, browser):
    form = reverse("vigilance:ask_equipment", args=[home.person.pk])
    assert browser.get(form).status_code == 200
    said = {"what": "bed", "words": "Lit médicalisé", "due_on": _typed(TODAY + 3 * DAY)}
    page = browser.post(form, said).headers["Location"]
    made = Equipment.objects.get()
    at = reverse("vigilance:move_equipment", args=[made.pk])
    stages = ["awaited", "prescribed", "ordered", "delivered", "in_use"]
    for seen, stage in enumerate(stages, start=1):
        due = "" if stage == "in_use" else _typed(TODAY + 7 * DAY)
        step = {"stage": stage, "happened_on": _typed(TODAY), "due_on": due, "seen": seen}
        assert browser.post(at, step | {"words": f"Étape {seen}"}).status_code == 302
    made.refresh_from_db()
    assert (made.stage, made.due_on, made.number) == ("in_use", None, 6)
    shown = browser.get(page).text
    for words in ("Ordonnance attendue", "Commandé", "Livré, à essayer", "Étape 5"):
        assert words in shown
    assert home.coordinator.name in shown
    assert (
        "Lit, matelas" in browser.get(reverse("vigilance:person_panel", args=[home.person.pk])).text
    )


def test_a_task_stands_on_the_day_said_and_goes_with_the_last_step(home):
    made = _asks(home)
    run_jobs()
    assert _days() == [("follow_equipment", end_of(TODAY + 3 * DAY))]
    _moves(home, made, Stage.ORDERED)
    run_jobs()
    assert _days() == [("follow_equipment", end_of(TODAY + 7 * DAY))]
    _moves(home, made, Stage.DROPPED, due_on=None)
    run_jobs()
    assert _days() == []


def test_after_a_merge_the_task_names_the_record_that_stays(home):
    _asks(home)
    run_jobs()
    with arranging():
        Task.objects.filter(kind="follow_equipment").update(person=PersonFactory())
    equipped.follow_person(SYSTEM, SimpleNamespace(data={"survivor_id": home.person.pk}), NOW)
    (task,) = Task.objects.open().filter(kind="follow_equipment")
    assert task.person_id == home.person.pk


def test_what_does_not_fit_is_looked_for_again(home):
    made = _asks(home)
    _moves(home, made, Stage.DELIVERED)
    _moves(home, made, Stage.IN_USE, due_on=None)
    _moves(home, made, Stage.NOT_FITTING, words="Trop bas")
    run_jobs()
    assert [kind for kind, _ in _days()] == ["follow_equipment"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ({"stage": Stage.IN_USE}, "vigilance.step"),
        ({"stage": Stage.ORDERED, "seen": 4}, "vigilance.equipment_moved"),
        ({"stage": Stage.ORDERED, "happened_on": TODAY + DAY}, "vigilance.step_day"),
        ({"stage": Stage.ORDERED, "happened_on": TODAY - DAY}, "vigilance.step_day"),
        ({"stage": Stage.ORDERED, "due_on": None}, "vigilance.due_day"),
        ({"stage": Stage.ORDERED, "due_on": TODAY - DAY}, "vigilance.due_day"),
        ({"stage": Stage.ORDERED, "due_on": TODAY + 200 * DAY}, "vigilance.due_day"),
    ],
)
def test_a_step_that_cannot_be_is_refused_with_a_sentence(home, step, code):
    made = _asks(home)
    with pytest.raises(DomainError) as refused:
        _moves(home, made, **step)
    assert refused.value.code == code
    assert EquipmentStep.objects.count() == 1


def test_two_who_note_a_step_at_once_note_one(transactional_db):
    home = set_home()
    made = _asks(home)

    def moves():
        _moves(home, Equipment.objects.get(pk=made.pk), Stage.ORDERED, seen=1)

    ended = simultaneously(moves, moves)
    assert [getattr(one, "code", None) for one in ended if one] == ["vigilance.equipment_moved"]
    assert list(EquipmentStep.objects.order_by("number").values_list("stage", flat=True)) == [
        "asked",
        "ordered",
    ]


def test_an_alert_begins_equipment_and_a_small_action_and_shows_them(home, browser):
    home.send(home.record(signs=["fell"]))
    alert = Alert.objects.get()
    at = reverse("vigilance:ask_equipment", args=[home.person.pk]) + f"?alerte={alert.pk}"
    page = browser.get(reverse("vigilance:alert", args=[alert.pk])).text
    assert at in page
    due = _typed(TODAY + 3 * DAY)
    browser.post(at, {"what": "walking", "words": "", "due_on": due})
    trying = reverse("vigilance:try_action", args=[home.person.pk]) + f"?alerte={alert.pk}"
    browser.post(trying, {"words": "Un tour au jardin", "due_on": due})
    assert (Equipment.objects.get().alert, Trial.objects.get().alert) == (alert, alert)
    page = browser.get(reverse("vigilance:alert", args=[alert.pk])).text
    assert "Aide à la marche" in page
    assert "Un tour au jardin" in page


def test_a_small_action_is_tried_then_reviewed_with_its_effect(home, browser):
    form = reverse("vigilance:try_action", args=[home.person.pk])
    said = {"words": "Un tour au jardin", "due_on": _typed(TODAY + 14 * DAY)}
    page = browser.post(form, said).headers["Location"]
    run_jobs()
    assert _days() == [("review_trial", end_of(TODAY + 14 * DAY))]
    tried = Trial.objects.get()
    at = reverse("vigilance:review_trial", args=[tried.pk])
    assert browser.post(at, {}).status_code == 422
    browser.post(at, {"effect": "better", "goes_on": "on"})
    run_jobs()
    assert _days() == []
    shown = browser.get(page).text
    assert "Mieux" in shown
    assert "On continue" in shown
    with pytest.raises(DomainError, match="déjà été revue"):
        services.review_trial(
            actor=home.coordinator, trial=tried, effect=Effect.SAME, goes_on=False, now=NOW
        )


def test_an_alert_of_somebody_else_is_not_where_equipment_comes_from(home):
    home.send(home.record(signs=["fell"]))
    other = PersonFactory(territory=home.desk.territory)
    tried = Tried("Marcher", TODAY, alert=Alert.objects.get())
    with arranging(), pytest.raises(DomainError, match="autre personne"):
        services.try_action.__wrapped__(actor=home.coordinator, person=other, tried=tried, now=NOW)


def test_who_may_not_know_of_her_care_reads_nothing_of_it(home, browser):
    made, tried = _asks(home), trial_of(home.person, home.desk, home.phone.account)
    SharingFactory(
        person=home.person,
        category="care",
        audience="coordination",
        medium="screen",
        choice="opposed",
    )
    for model in (Equipment, EquipmentStep, Trial):
        assert not visible(model.objects.all(), home.coordinator).exists()
        with seen_by(home.coordinator):
            assert not model.objects.exists()
    for name, one in (("equipment", made), ("trial", tried)):
        assert browser.get(reverse(f"vigilance:{name}", args=[one.pk])).status_code == 404


@given(st.sampled_from(list(Stage)), st.sampled_from(list(Stage)))
def test_what_is_dropped_stays_so_and_what_is_open_has_a_day(stage, wanted):
    assert may_follow(stage, wanted) is (wanted in NEXT[stage])
    assert not may_follow(Stage.DROPPED, wanted)
    assert (proposed_due(stage, date(2026, 11, 27)) is None) is (stage in ENDED)


@pytest.mark.parametrize(
    ("name", "model", "columns"),
    [
        (
            "vigilance_equipment_is_looked_at_again_while_awaited",
            Equipment,
            {"due_on": None},
        ),
        ("vigilance_trial_says_what_is_tried", Trial, {"words": ""}),
        ("vigilance_trial_is_reviewed_after_it_began", Trial, {"review_on": TODAY - DAY}),
        ("vigilance_trial_is_reviewed_with_its_effect", Trial, {"effect": "better"}),
        ("vigilance_step_stays_as_said", EquipmentStep, {"stage": "in_use"}),
    ],
)
def test_the_database_keeps_what_is_asked_and_tried_whole(home, name, model, columns):
    equipment_of(home.person, home.desk, home.phone.account)
    trial_of(home.person, home.desk, home.phone.account)
    with pytest.raises(IntegrityError, match=name), arranging(), transaction.atomic():
        model.objects.update(**columns)


def test_equipment_takes_one_step_at_a_time(home):
    equipment_of(home.person, home.desk, home.phone.account)
    step = EquipmentStep.objects.get()
    step.pk, step._state.adding = None, True
    promise = "vigilance_equipment_takes_one_step_at_a_time"
    with pytest.raises(IntegrityError, match=promise), arranging(), transaction.atomic():
        EquipmentStep.objects.bulk_create([step])
