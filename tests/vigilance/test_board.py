"""The board of a service: two periods side by side, and what they cannot prove."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.kernel.identifiers import uuid7
from cordee.vigilance import selectors
from cordee.vigilance.rules import figures as rules
from cordee.vigilance.rules.figures import Share, VisitLine
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import SharingFactory
from tests.factories.vigilance import planned, visit_of
from tests.support import NOW, actor
from tests.vigilance.scene import set_home

DAY = timedelta(days=1)


def test_the_interval_of_a_share_is_wilson_s():
    low, high = rules.wilson(10, 100)
    assert (round(low, 2), round(high, 2)) == (5.52, 17.44)  # Newcombe 1998, Stat. Med. 17:857
    assert rules.wilson(0, 0) is None
    assert rules.wilson(0, 20)[0] == 0
    assert rules.wilson(20, 20)[1] == 100


def test_two_periods_are_apart_when_their_intervals_do_not_meet():
    assert rules.is_apart(Share(1, 100), Share(40, 100)) is True
    assert rules.is_apart(Share(10, 100), Share(12, 100)) is False
    assert rules.is_apart(Share(0, 0), Share(12, 100)) is None


def test_needs_are_counted_apart_from_visits_and_durations_are_of_signals_only():
    person = uuid7()
    lines = [
        VisitLine(person, NOW, (4, 4, 4, 4), seconds=18, seen_after=timedelta(hours=40)),
        VisitLine(person, NOW, (4, 1, None, 4), seconds=22, seen_after=timedelta(hours=2)),
        VisitLine(person, NOW, (None,) * 4, is_need=True, home_unsafe=True),
    ]
    found = rules.figures(lines, planned=4, unmarked=1)
    assert (found.visits, found.needs, found.persons, found.home_unsafe) == (2, 1, 1, 1)
    assert (found.low, found.unmarked, found.seen) == (Share(1, 2), Share(1, 4), Share(1, 2))
    assert found.seconds == 20
    assert found.seen_after == timedelta(hours=2)
    assert found.answered_after is None
    assert found.levels[1] == {4: 1, 1: 1}


@pytest.mark.parametrize(("persons", "masked"), [(0, False), (1, True), (10, True), (11, False)])
def test_figures_about_fewer_than_eleven_persons_leave_the_screen_masked(persons, masked):
    assert rules.masked(persons, 11) is masked


@pytest.fixture
def lead(db):
    home = set_home()
    account = MembershipFactory(role="coordinator", organization=home.service).account
    home.lead = actor(Role.COORDINATOR, home.service, account_id=account.pk, name=account.name)
    return home


def test_who_leads_the_service_reads_its_visits_and_who_had_none(lead, client):
    visit_of(lead.person, lead.service, lead.phone.account, health_mark=1, happened_at=NOW - DAY)
    planned(lead.person, lead.service, starts_at=NOW - DAY)
    page = client.as_(lead.lead).get(reverse("vigilance:board")).text
    assert (
        "Chaque personne qu’un service d’aide à domicile visite a eu une visite notée cette semaine"
        in page
    )
    found = selectors.board(lead.lead, 30, NOW)
    assert found.after.low == Share(1, 1)
    assert found.after.unmarked == Share(1, 1)
    later = selectors.board(lead.lead, 7, NOW + 9 * DAY)
    assert [one.person.pk for one in later.silent] == [lead.person.pk]


def test_the_file_masks_what_speaks_of_few(lead, client):
    visit_of(lead.person, lead.service, lead.phone.account, health_mark=1, happened_at=NOW - DAY)
    answer = client.as_(lead.lead).get(reverse("vigilance:board_export"))
    said = answer.content.decode()
    assert "moins de 11 personnes" in said
    assert "Visites notées;après;1;" not in said
    assert str(lead.person.pk) not in said


def test_a_coordinator_reads_what_is_done_for_whom_they_follow_and_nothing_else(lead):
    visit_of(lead.person, lead.service, lead.phone.account, happened_at=NOW - DAY)
    stranger = actor(Role.COORDINATOR, OrganizationFactory(kind="dac"))
    assert selectors.board(lead.coordinator, 30, NOW).after.visits == 1
    assert selectors.board(stranger, 30, NOW).after.visits == 0
    SharingFactory(person=lead.person, category="care", audience="coordination")
    assert selectors.board(lead.coordinator, 30, NOW).after.visits == 0


@pytest.mark.parametrize("days", ["", "8", "trente", "-7", "90"])
def test_an_odd_period_is_a_month(lead, client, days):
    page = client.as_(lead.lead).get(reverse("vigilance:board") + f"?jours={days}")
    assert page.status_code == 200


def test_each_figure_of_the_file_is_masked_by_the_persons_it_speaks_of():
    lines = [VisitLine(uuid7(), NOW, (4, 4, 4, 4), home_unsafe=not order) for order in range(12)]
    period = rules.figures(lines, planned=12, unmarked=3)
    rows = selectors.exported(selectors.Board(30, period, period, []), least=11)
    said = {row[0]: row[2] for row in rows if row[1] == "après"}
    assert said["Visites notées"] == "12"
    assert said["Logement dit dangereux"] == "moins de 11 personnes"
    assert said["Besoins signalés"] == "0"
