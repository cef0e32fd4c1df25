"""The page of a person: composed of rooms, opened once, shut to strangers."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from cordee.access.actor import Purpose, Role
from cordee.web import panels
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import (
    MemberFactory,
    PersonAccountFactory,
    PersonFactory,
    joins_circle,
)
from tests.support import NOW, actor, speaking_as, stranger, traces, written_by_the_orm

SINCE = NOW - timedelta(days=9)

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return PersonFactory(birth_name="Grandidier")


def test_the_nurse_of_the_circle_opens_it_and_leaves_one_line(client, person):
    nurse = speaking_as(MemberFactory(person=person).practitioner)
    page = client.as_(nurse).get(f"/personnes/{person.pk}/")
    assert "GRANDIDIER" in page.content.decode()
    lines = [line for line in traces() if line["persons"] == [person.pk]]
    assert [line["kind"] for line in lines] == ["read"]


def test_a_stranger_learns_nothing_and_is_written_down(client, person):
    refused = client.as_(stranger()).get(f"/personnes/{person.pk}/")
    assert refused.status_code == 404
    assert "GRANDIDIER" not in refused.content.decode()
    assert [line["kind"] for line in traces()] == ["refused"]


def test_somebody_who_does_not_exist_is_refused_in_the_same_words(client, person):
    client.as_(stranger())
    hidden = client.get(f"/personnes/{person.pk}/").content.decode()
    absent = client.get("/personnes/01a2027c-8a59-7e42-a5e3-0dc4b35281e9/").content.decode()
    assert hidden.split("<main")[1] == absent.split("<main")[1]


def test_no_name_stands_in_the_title_that_a_browser_keeps(client, person):
    nurse = speaking_as(MemberFactory(person=person).practitioner)
    page = client.as_(nurse).get(f"/personnes/{person.pk}/").content.decode()
    assert "GRANDIDIER" not in page.split("</title>")[0].upper()


@pytest.mark.parametrize("panel", panels.PERSON, ids=lambda panel: panel.name)
def test_no_panel_is_without_its_view_in_the_house_with_all_rooms(panel, person):
    """A house may be built without a room, so that a panel without a view is passed over in
    silence: « Demandes » had none, and never was on the page."""
    address = reverse(panel.view, kwargs={"pk": person.pk})
    assert resolve(address).view_name == panel.view


def test_a_page_asked_again_is_not_written_anew(client, person, monkeypatch):
    nurse = speaking_as(MemberFactory(person=person).practitioner)
    address = f"/personnes/{person.pk}/"
    client.as_(nurse).get(address)  # its queries are written then
    written = written_by_the_orm(monkeypatch)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    assert not written
    assert len(asked) <= 18


def lines_about(person):
    return [line["kind"] for line in traces() if line["persons"] == [person.pk]]


def test_a_page_that_stays_open_stays_one_line_whatever_refreshes(client, person):
    nurse = speaking_as(MemberFactory(person=person).practitioner)
    page = client.as_(replace(nurse, session_key="s" * 32)).get(f"/personnes/{person.pk}/").text
    panels = set(re.findall(r'hx-get="([^"]+)"', page))
    assert len(panels) > 5
    for panel in sorted(panels):
        assert client.htmx(panel).status_code == 200
    assert lines_about(person) == ["read"]


def test_a_panel_asked_by_its_own_address_leaves_one_line(client, person):
    nurse = speaking_as(MemberFactory(person=person).practitioner)
    panels = [f"/personnes/{person.pk}/volets/{name}" for name in ("notes", "identite", "notes")]
    for number, session in enumerate(("a" * 32, "b" * 32), start=1):
        client.as_(replace(nurse, session_key=session))
        assert {client.get(panel).status_code for panel in panels} == {200}
        assert lines_about(person) == ["read"] * number


def test_the_same_page_under_another_hat_is_another_look(client, person):
    account = AccountFactory().pk
    for number in (1, 2):
        service = joins_circle(person, organization=OrganizationFactory(), since=SINCE).organization
        hat = actor(Role.COORDINATOR, service, account_id=account, session_key="s" * 32)
        for _ in range(2):
            assert (
                client.as_(hat).htmx(f"/personnes/{person.pk}/volets/identite").status_code == 200
            )
        assert lines_about(person) == ["read"] * number


@pytest.mark.parametrize("gesture", ["deces", "en-vie"])
def test_a_form_that_comes_back_to_be_corrected_leaves_a_line(client, person, gesture):
    nurse = speaking_as(MemberFactory(person=person).practitioner)
    shown = client.as_(nurse).post(f"/personnes/{person.pk}/{gesture}", {})
    assert (shown.status_code, lines_about(person)) == (422, ["read"])


def test_who_follows_several_persons_leaves_a_line_that_names_each(client):
    space = PersonAccountFactory(since=SINCE)
    other = PersonAccountFactory(account=space.account, since=SINCE).person
    both = frozenset({space.person.pk, other.pk})
    follows = actor(Role.PERSON, account_id=space.account_id, person_ids=both, purpose=Purpose.OWN)
    assert other.birth_name.upper() in client.as_(follows).get("/mon-espace").text
    assert [set(line["persons"]) for line in traces()] == [both]
