"""Lines sent with the event that brings them: what the list itself would say, to who may read."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cordee.access.models import Account
from cordee.access.sight import seen_by
from cordee.vigilance.models import Alert
from cordee.vigilance.rules.following import rank
from cordee.vigilance.rules.trend import Signal
from cordee.vigilance.selectors import alerts as selectors
from cordee.web import live
from cordee.web.followed import Part
from tests.factories.directory import MembershipFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW, Browser, run_jobs, traces
from tests.vigilance.scene import set_home
from tests.web.test_live import events, listen, session_of

LOW = {"visit": 4, "health": 1, "morale": 4, "fitness": 4}
ALERTS = "/alertes/"


@pytest.fixture
def home(transactional_db):
    return set_home()


def account_of(actor):
    return Account.objects.get(pk=actor.account_id)


def a_visit_is_sent(home):
    return lambda: home.send(home.record(marks=LOW))


def brought(pieces):
    """The lines that a page received, by person."""
    told = [one.splitlines() for one in pieces if one.startswith("event: lines\n")]
    said = [json.loads(lines[1].removeprefix("data: ")) for lines in told]
    return {one["person"]: one["lines"] for one in said}


def test_the_line_comes_with_the_event_to_who_may_read_it_and_is_traced(home):
    page = session_of(account_of(home.coordinator))
    stranger = session_of(MembershipFactory(role="coordinator").account)
    received = listen([page, stranger], a_visit_is_sent(home), shows=ALERTS)

    lines = brought(received[page])[str(home.person.pk)]
    assert home.person.full_name in lines
    assert reverse("vigilance:alert", args=[Alert.objects.get().pk]) in lines
    assert "event: thread:vigilance" in events(received[page])
    assert events(received[stranger]) == []
    (told,) = [one for one in traces("list") if one["verb"] == "vigilance.alert.list"]
    assert told["persons"] == [home.person.pk]


def test_it_says_what_the_list_says_and_of_that_person_alone(home):
    other = PersonFactory(territory=home.desk.territory, used_first_name="Autre")
    joins_circle(other, organization=home.desk)
    joins_circle(other, organization=home.service, role="home_help")
    InformationFactory(person=other)
    home.send(home.record(marks=LOW, person=str(other.pk)))
    page = session_of(account_of(home.coordinator))
    lines = brought(listen([page], a_visit_is_sent(home), shows=ALERTS)[page])

    assert list(lines) == [str(home.person.pk)]
    (alone,) = lines.values()
    assert other.full_name not in alone
    whole = Browser().as_(home.coordinator).get(ALERTS).content.decode()
    begin = alone.index('<div id="p-')
    assert alone[begin : alone.index("</article>")] in whole


@pytest.mark.parametrize(
    "shows", ["", "/alertes/budget", "/personnes/", "http://ailleurs/", "?", "/" * 600]
)
def test_a_page_that_shows_no_list_of_ours_is_sent_no_lines(home, shows):
    page = session_of(account_of(home.coordinator))
    pieces = listen([page], a_visit_is_sent(home), shows=shows)[page]
    assert brought(pieces) == {}
    assert "event: thread:vigilance" in events(pieces)


def test_a_list_that_somebody_may_not_open_says_nothing(home, caplog):
    home.send(home.record(marks=LOW))
    knot = live.Knot(1, 1, "vigilance", home.person.pk)

    def sent_to(account):
        actor = live.recognised(session_of(account))
        with seen_by(actor):
            return list(live._lines(Part.at(ALERTS), actor, [knot]))

    assert len(sent_to(account_of(home.coordinator))) == 1
    assert sent_to(MembershipFactory(role="administrator").account) == []
    assert caplog.records == []  # refused, not broken


def test_lines_that_cannot_be_written_take_nothing_from_the_event(home, monkeypatch):
    def broken(*given):
        raise RuntimeError

    monkeypatch.setattr(Part, "lines_of", broken)
    page = session_of(account_of(home.coordinator))
    pieces = listen([page], a_visit_is_sent(home), shows=ALERTS)[page]
    assert brought(pieces) == {}
    assert "event: thread:vigilance" in events(pieces)


def brought_by_a_task(home, shows):
    """The lines of the person that a page is sent when a visit makes a task about her."""
    page = session_of(account_of(home.coordinator))

    def a_task_is_made():
        home.send(home.record(marks=LOW))
        run_jobs()

    def made(received):
        return "event: thread:pathways" in events(received[page])

    pieces = listen([page], a_task_is_made, heard=made, shows=shows)[page]
    return brought(pieces)[str(home.person.pk)]


@pytest.mark.parametrize(("box", "there"), [("alerts", True), ("messages", False)])
def test_the_filters_of_the_page_hold(home, box, there):
    """The worklist of alerts brings the task; of that of calls, what stands of her would go."""
    lines = brought_by_a_task(home, f"/a-faire?qui=team&boite={box}")
    assert ("data-place" in lines) is there


@pytest.mark.parametrize("box", ["", "alerts"])
def test_the_lines_of_one_person_are_hers_among_what_was_put_off_too(home, box):
    other = PersonFactory(territory=home.desk.territory)
    joins_circle(other, organization=home.desk)
    for person in (home.person, other):
        TaskFactory(
            person=person,
            organization=home.desk,
            box="alerts",
            snoozed_until=NOW + timedelta(days=900),
        )
    lines = brought_by_a_task(home, f"/a-faire?qui=put_off&boite={box}")
    assert lines.count("data-place") == 1
    told = [one["persons"] for one in traces("list") if one["verb"] == "pathways.task.list"]
    assert told == [[home.person.pk]]


@given(
    st.lists(
        st.builds(
            SimpleNamespace,
            signal=st.sampled_from([one.value for one in Signal]),
            weight=st.integers(0, 10**9).map(lambda n: n / 1000),
            raised_at=st.integers(0, 10**6).map(lambda n: NOW + timedelta(seconds=n)),
            is_waiting=st.booleans(),
        ),
        max_size=8,
    )
)
def test_places_sort_as_the_rule_does(alerts):
    by_rule = sorted(alerts, key=lambda one: rank(selectors._standing(one)))
    places = [selectors.place_of(one) for one in by_rule]
    assert places == sorted(places)
