"""Followed more closely: the visits propose, somebody decides, somebody ends it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.kernel.errors import DomainError
from cordee.kernel.identifiers import uuid7
from cordee.pathways.models import Task
from cordee.plans.rules.rhythms import end_of
from cordee.vigilance import selectors, services
from cordee.vigilance.models import ReinforcedFollowUp
from cordee.vigilance.rules import reinforced as rules
from cordee.vigilance.rules.reinforced import Ground, Marked, Outcome
from tests.factories.directory import OrganizationFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import InformationFactory, PersonFactory, SharingFactory, joins_circle
from tests.factories.vigilance import visit_of
from tests.support import NOW, actor, arranging, run_jobs, simultaneously
from tests.vigilance.scene import set_home

DAY = timedelta(days=1)


def seen(*days_and_marks, **said):
    return [Marked(NOW - days * DAY, mark, **said) for days, mark in days_and_marks]


@pytest.mark.parametrize(
    ("visits", "grounds"),
    [
        ([], ()),
        (seen((1, 1)), ()),
        (seen((1, 1), (14, 1)), (Ground.BAD_MARKS,)),
        (seen((1, 1), (15, 1)), ()),
        (seen((1, 4), (2, None), urgent=True), (Ground.BAD_MARKS,)),
        (seen((1, 2), (2, 2)), ()),
        (seen((1, 2), (2, 2), (3, 2)), (Ground.LOW_MARKS,)),
        (seen((1, 1), (2, 1), (3, 2)), (Ground.BAD_MARKS,)),
        (seen((3, 5), fell=True), (Ground.FALL,)),
        (seen((-1, 1), (-2, 1)), ()),
    ],
)
def test_the_visits_of_two_weeks_propose_an_entry(visits, grounds):
    assert rules.proposed(visits, NOW) == grounds


@pytest.mark.parametrize(
    ("visits", "days_in", "may"),
    [
        (seen((1, 4), (8, 3), (15, 5)), 21, True),
        (seen((1, 4), (8, 3), (15, 5)), 20, False),
        (seen((1, 4), (8, 3)), 60, False),
        (seen((1, 4), (8, 2), (15, 5)), 60, False),
        (seen((1, 4), (8, 3), (15, 5), (22, 1)), 60, True),
        (seen((1, 4), (8, None), (15, 5)), 60, False),
        (seen((1, 4), (8, 3), (15, 5)) + seen((2, None), urgent=True), 60, False),
        (seen((1, 4), (8, 3), (15, 5), fell=True), 60, False),
    ],
)
def test_an_exit_is_proposed_after_three_calm_weeks_that_visits_show(visits, days_in, may):
    assert rules.may_leave(visits, NOW - days_in * DAY, NOW) is may


def test_no_visit_for_a_week_is_said():
    assert rules.days_without(seen((7, 4)), NOW - 30 * DAY, NOW) is None
    assert rules.days_without(seen((8, 4)), NOW - 30 * DAY, NOW) == 8
    assert rules.days_without([], NOW - 9 * DAY, NOW) == 9


@pytest.fixture
def home(db):
    return set_home()


def reinforced(home, **details):
    return services.reinforce(
        actor=home.coordinator,
        person=home.person,
        ground=Ground.FALL,
        review_on=NOW.date() + 14 * DAY,
        now=NOW,
        **details,
    )


def test_a_coordinator_enters_somebody_looks_again_and_ends_it(home, client):
    visit_of(home.person, home.service, home.phone.account, signs=["fell"])
    browser = client.as_(home.coordinator)
    panel = browser.get(reverse("vigilance:person_panel", args=[home.person.pk])).text
    assert "Chute à domicile" in panel
    form = reverse("vigilance:reinforce", args=[home.person.pk])
    assert "le proposent" in browser.get(form).text
    sent = {"ground": "fall", "review_on": (NOW.date() + 7 * DAY).strftime("%d/%m/%Y")}
    made = browser.post(form, sent)
    page = browser.get(made["Location"]).text
    assert "Chute à domicile" in page
    assert home.person.full_name in browser.get(reverse("vigilance:cohort")).text
    found = ReinforcedFollowUp.objects.get()
    later = {"review_on": (NOW.date() + 21 * DAY).strftime("%d/%m/%Y")}
    browser.post(reverse("vigilance:review_reinforced", args=[found.pk]), later)
    found.refresh_from_db()
    assert found.review_on == NOW.date() + 21 * DAY
    browser.post(reverse("vigilance:end_reinforced", args=[found.pk]), {"outcome": "stable"})
    assert "La situation est redevenue stable" in browser.get(made["Location"]).text
    assert home.person.full_name not in browser.get(reverse("vigilance:cohort")).text


def test_a_fall_counts_however_many_visits_came_since(home):
    """Her page reads sixty visits; more within two weeks are all looked at."""
    of_her = (home.person, home.service, home.phone.account)
    visit_of(*of_her, happened_at=NOW - 14 * DAY, signs=["fell"])
    for number in range(61):
        visit_of(*of_her, happened_at=NOW - number * DAY / 5)
    found = selectors.proposed_for(home.coordinator, home.person, NOW)
    assert found == (Ground.FALL,)
    assert len(selectors.latest_visits(home.coordinator, home.person)) == 6


def test_a_second_entry_is_refused_with_a_sentence(home, client):
    reinforced(home)
    sent = {"ground": "alone", "review_on": NOW.date().strftime("%d/%m/%Y")}
    form = reverse("vigilance:reinforce", args=[home.person.pk])
    answer = client.as_(home.coordinator).post(form, sent)
    assert answer.status_code == 422
    assert "déjà en suivi renforcé" in answer.text


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("01/01/2020", "choisissez un jour à venir"),
        ("", "Dites quand vous ferez le point"),
        ("hier", "n’est pas une date qui existe"),
        ("31/12/2035", "Choisissez un jour à venir, dans les trois mois au plus"),
    ],
)
def test_a_point_that_is_past_or_too_far_is_given_back_with_a_sentence(home, client, day, why):
    form = reverse("vigilance:reinforce", args=[home.person.pk])
    answer = client.as_(home.coordinator).post(form, {"ground": "fall", "review_on": day})
    assert answer.status_code == 422
    assert why in answer.text
    assert not ReinforcedFollowUp.objects.exists()


def test_a_home_help_decides_nothing(home, client):
    form = reverse("vigilance:reinforce", args=[home.person.pk])
    assert client.as_(home.helper).get(form).status_code == 403
    assert client.as_(home.helper).get(reverse("vigilance:cohort")).status_code == 403


def test_what_was_ended_meanwhile_is_not_ended_twice(home):
    found = reinforced(home)
    services.end_reinforced(actor=home.coordinator, followup=found, outcome=Outcome.STABLE, now=NOW)
    with pytest.raises(DomainError, match="terminé entre-temps"):
        services.end_reinforced(
            actor=home.coordinator, followup=found, outcome=Outcome.OTHER, now=NOW
        )


def test_another_structure_does_not_end_it(home, client):
    found = reinforced(home)
    other = OrganizationFactory(kind="dac", territory=home.desk.territory)
    joins_circle(home.person, organization=other)
    stranger = actor(home.coordinator.role, other)
    assert selectors.reinforced_of(stranger, home.person)
    url = reverse("vigilance:end_reinforced", args=[found.pk])
    assert client.as_(stranger).post(url, {"outcome": "stable"}).status_code == 403


def test_who_may_not_know_of_her_care_reads_nothing_of_it(home):
    reinforced(home)
    SharingFactory(
        person=home.person,
        category="care",
        audience="coordination",
        medium="screen",
        choice="opposed",
    )
    assert not selectors.reinforced_of(home.coordinator, home.person)


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_her_at_once_make_one():
    home = set_home()
    outcomes = simultaneously(lambda: reinforced(home), lambda: reinforced(home))
    assert [type(one) for one in outcomes].count(DomainError) == 1
    assert ReinforcedFollowUp.objects.count() == 1
    promise = "vigilance_reinforced_is_open_once_per_person_and_structure"
    twin = ReinforcedFollowUp.objects.get()
    twin.pk = uuid7()
    with arranging(), pytest.raises(IntegrityError, match=promise), transaction.atomic():
        twin.save(force_insert=True)


def test_an_end_says_who_and_how(home):
    found = reinforced(home)
    promise = "vigilance_reinforced_ends_with_who_and_how"
    with arranging(), pytest.raises(IntegrityError, match=promise), transaction.atomic():
        ReinforcedFollowUp.objects.filter(pk=found.pk).update(ended_at=NOW)


def test_the_worklist_narrows_to_the_cohort(home, client):
    other = PersonFactory(territory=home.desk.territory)
    joins_circle(other, organization=home.desk)
    InformationFactory(person=other)
    for person in (home.person, other):
        TaskFactory(person=person, organization=home.desk)
    browser = client.as_(home.coordinator)
    closely = reverse("pathways:worklist") + "?qui=closely"
    assert "Rien n’attend pour les personnes en suivi renforcé" in browser.get(closely).text
    reinforced(home)
    page = browser.get(closely).text
    assert home.person.full_name in page
    assert other.full_name not in page


def points(home):
    return list(
        Task.objects.open().filter(kind="review_reinforced").values_list("person", "assignee")
    )


def test_the_next_point_stands_on_the_worklist_until_it_ends(home):
    found = reinforced(home)
    run_jobs()
    assert points(home) == [(home.person.pk, home.coordinator.account_id)]
    assert Task.objects.open().get().due_at == end_of(found.review_on)
    later = found.review_on + 7 * DAY
    services.review(actor=home.coordinator, followup=found, review_on=later, now=NOW)
    run_jobs()
    assert Task.objects.open().get().due_at == end_of(later)
    services.end_reinforced(actor=home.coordinator, followup=found, outcome=Outcome.STABLE, now=NOW)
    run_jobs()
    assert points(home) == []
