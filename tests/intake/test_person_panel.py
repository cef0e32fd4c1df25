"""What was asked for a person, on her page: for who may see it, and no gap for the others."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cordee.access.actor import Role
from cordee.intake.rules import State
from cordee.kernel.typography import sentence
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.intake import CareRequestFactory
from tests.factories.people import PersonAccountFactory, SharingFactory, joins_circle
from tests.support import (
    NOW,
    actor,
    coordinator_of,
    orienteuse_of,
    speaking_as,
    stranger,
    traces,
    written_by_the_orm,
)

pytestmark = pytest.mark.django_db
PANEL = re.compile(r'<section[^>]*\bid="requests".*?</section>', re.DOTALL)
ENDED = ("refused", "cancelled", "handed_on")
WON = ("found", "confirmed", "closed")


@pytest.fixture
def sio():
    return OrganizationFactory()


@pytest.fixture
def person(sio):
    return CareRequestFactory(organization=sio, kind="injection").person


def in_state(state, **more):
    """A request that went as far as this state."""
    if state in (*WON, "searching"):
        more.setdefault("searching_at", NOW)
    if state in WON:
        more = {"practitioner": PractitionerFactory(), "found_at": NOW} | more
    if state in ("confirmed", "closed"):
        more |= {"confirmed_at": NOW, "first_visit_on": NOW.date()}
    if state in ("closed", *ENDED):
        more = {"ended_at": NOW, "told_at": NOW} | more
    if state in ENDED:
        more["end_reason"] = "other"
    return CareRequestFactory(state=state, **more)


def page_of(client, reader, person):
    """The page of the person as it is read."""
    page = client.as_(reader).get(reverse("web:person", args=[person.pk]))
    assert page.status_code == 200
    return page.text


def panel_of(client, reader, person):
    """The requests on the page of the person, tags taken away; nothing where they are not."""
    found = PANEL.search(page_of(client, reader, person))
    text = re.sub(r"<[^>]+>", " ", found[0]) if found else ""
    return " ".join(unescape(text).split())


# --- who sees it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [coordinator_of, orienteuse_of])
def test_the_desk_reads_what_was_asked_and_opens_it(client, sio, person, role):
    care = person.care_requests.get()
    page = page_of(client, role(sio), person)
    assert '<a href="#requests">Demandes</a>' in page
    link = re.search(r'href="(/demandes/[0-9a-f-]{36})">Injection', PANEL.search(page)[0])[1]
    assert link == reverse("intake:request", args=[care.pk])
    assert client.get(link).status_code == 200


def test_who_comes_reads_what_she_won_and_nothing_else(client, sio, person):
    winner = PractitionerFactory()
    joins_circle(person, practitioner=winner)
    won = in_state("found", organization=sio, person=person, kind="dressing", practitioner=winner)
    shown = panel_of(client, speaking_as(winner), person)
    assert "Pansement" in shown
    assert "Injection" not in shown
    assert client.get(reverse("intake:request", args=[won.pk])).status_code == 200


def test_who_may_not_read_them_meets_no_gap(client, sio, person):
    other, help_service = OrganizationFactory(), OrganizationFactory(kind="home_help")
    joins_circle(person, organization=other)
    joins_circle(person, organization=help_service, role="home_help")
    nurse = joins_circle(person).practitioner
    space = PersonAccountFactory(person=person, since=NOW - timedelta(days=9))
    herself = actor(Role.PERSON, account_id=space.account_id, person_ids=frozenset({person.pk}))
    readers = (coordinator_of(other), actor(Role.HOME_HELP, help_service), speaking_as(nurse))
    for reader in (*readers, herself):
        answer = client.as_(reader).get(reverse("web:person", args=[person.pk]))
        assert 'id="requests"' not in answer.text
        assert "#requests" not in answer.text
        panel = client.get(reverse("intake:person_panel", args=[person.pk]))
        assert (panel.status_code, panel.text.strip()) == (200, "")


def test_nothing_was_asked_nothing_is_shown(client, sio):
    person = joins_circle(CareRequestFactory().person, organization=sio).person
    assert panel_of(client, coordinator_of(sio), person) == ""


def test_a_stranger_does_not_learn_that_there_is_a_panel(client, person):
    answer = client.as_(stranger()).get(reverse("intake:person_panel", args=[person.pk]))
    assert answer.status_code == 404
    assert [line["kind"] for line in traces()] == ["refused"]


@pytest.mark.parametrize("state", ["searching", "closed"])
def test_who_refused_coordination_is_read_by_no_desk(client, sio, person, state):
    in_state(state, organization=sio, person=person, kind="dressing")
    SharingFactory(person=person, category="coordination", audience="coordination")
    for reader in (coordinator_of(sio), orienteuse_of(sio)):
        for address in ("web:person", "intake:person_panel"):
            shown = client.as_(reader).get(reverse(address, args=[person.pk])).text
            assert not [care for care in ("Injection", "Pansement") if care in shown]
            assert 'id="requests"' not in shown


def test_care_that_was_refused_is_read_while_it_is_carried_and_no_longer(client, sio, person):
    in_state("closed", organization=sio, person=person, kind="dressing")
    SharingFactory(person=person, category="care", audience="coordination")
    shown = panel_of(client, coordinator_of(sio), person)
    assert "Injection" in shown
    assert "Pansement" not in shown


def test_asked_by_its_own_address_it_leaves_a_line(client, sio, person):
    client.as_(coordinator_of(sio)).get(reverse("intake:person_panel", args=[person.pk]))
    assert [line["persons"] for line in traces("read")] == [[person.pk]]


# --- what it says --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
def test_it_says_where_each_request_stands(client, sio, state):
    care = in_state(state.value, organization=sio)
    assert f"Injection {sentence(state.label)} " in panel_of(
        client, coordinator_of(sio), care.person
    )


def test_it_says_what_is_asked_when_it_came_for_when_and_who_follows_it(client, sio):
    care = CareRequestFactory(
        organization=sio,
        other_kinds=["dressing"],
        received_at=NOW - timedelta(days=1),
        begins_on=NOW.date() + timedelta(days=1),
        owner=AccountFactory(name="Inès Arnaud"),
    )
    shown = panel_of(client, coordinator_of(sio), care.person)
    assert "Injection, pansement" in shown
    assert "reçue hier , souhaitée pour demain , suivie par Inès Arnaud" in shown
    assert "attendu" in shown


def test_it_says_that_nobody_follows_it_yet_and_that_it_is_late(client, sio):
    late = NOW - timedelta(hours=2)
    care = CareRequestFactory(organization=sio, owner=None, received_at=late, due_at=late)
    shown = panel_of(client, coordinator_of(sio), care.person)
    assert "personne ne la suit encore" in shown
    assert "en retard" in shown


def test_it_says_that_the_search_is_held_for_the_15(client, sio):
    care = CareRequestFactory(organization=sio, held_at=NOW)
    assert "Transférée au 15" in panel_of(client, coordinator_of(sio), care.person)


def test_a_call_for_advice_says_so(client, sio):
    care = CareRequestFactory(organization=sio, kind="", weight="advice", delay="", due_at=None)
    assert "Conseil, orientation" in panel_of(client, coordinator_of(sio), care.person)


def test_what_is_under_way_comes_first_then_the_latest(client, sio, person):
    asked = {"organization": sio, "person": person}
    for kind, days in (("dressing", 1), ("infusion", 3)):
        in_state("closed", kind=kind, received_at=NOW - timedelta(days=days), **asked)
    in_state("searching", kind="toilette", received_at=NOW - timedelta(days=9), **asked)
    shown = panel_of(client, coordinator_of(sio), person)
    expected = ["Injection", "Toilette", "Pansement", "Perfusion"]
    assert re.findall("|".join(expected), shown) == expected
    assert "plus anciennes" not in shown


def test_ten_are_shown_and_it_says_that_there_are_more(client, sio, person):
    for days in range(10):
        in_state("closed", organization=sio, person=person, received_at=NOW - timedelta(days=days))
    shown = panel_of(client, coordinator_of(sio), person)
    assert shown.count("Injection") == 10
    assert "Les demandes plus anciennes ne sont pas montrées ici." in shown


# --- what it costs -------------------------------------------------------------------------------


def test_many_cost_what_one_does_and_the_orm_writes_none(client, sio, person, monkeypatch):
    address = reverse("web:person", args=[person.pk])
    reader = coordinator_of(sio)
    client.as_(reader)

    def cost():
        for _ in range(3):
            client.get(address)  # what is remembered from a first time is remembered
        with CaptureQueriesContext(connection) as told:
            client.get(address)
        return len(told)

    one = cost()
    for _ in range(5):
        in_state("closed", organization=sio, person=person, owner=AccountFactory())
    assert cost() == one
    written = written_by_the_orm(monkeypatch)
    client.get(address)
    assert "CareRequest" not in written
    assert "Account" not in written
