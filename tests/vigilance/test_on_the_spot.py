"""A visit that nobody planned, and whose visit it was that could not be taken."""

import json
import subprocess
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.kernel.identifiers import uuid7
from cordee.people.models import CircleMember
from cordee.vigilance.models import RefusedVisit, Visit
from tests.factories.directory import MembershipFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.factories.vigilance import planned, visit_of
from tests.support import NOW, Browser, actor, arranging
from tests.vigilance.scene import set_home
from tests.vigilance.test_phone import post
from tests.vigilance.test_sync import NODE, ROOT

pytestmark = pytest.mark.django_db
UNKNOWN = "Personne non reconnue"


@pytest.fixture
def home():
    return set_home()


def _followed(home, **details):
    """Somebody else whom the service follows."""
    one = PersonFactory(territory=home.desk.territory, **details)
    joins_circle(one, organization=home.service, role=CircleMember.Role.HOME_HELP)
    InformationFactory(person=one)
    return one


def aside(home):
    """What who leads the service reads of what was put aside."""
    lead = MembershipFactory(role="coordinator", organization=home.service).account
    leader = actor(Role.COORDINATOR, home.service, account_id=lead.pk, name=lead.name)
    return Browser().as_(leader).get(reverse("vigilance:aside")).text


def test_a_phone_is_told_whom_its_helper_visits_and_nobody_else(home):
    mine, seen, before, dead = (
        home.person,
        _followed(home),
        _followed(home),
        _followed(home, deceased_on=NOW.date()),
    )
    _followed(home)  # of the service, never visited by this helper
    left = PersonFactory(territory=home.desk.territory)  # visited, followed no more
    helper = home.phone.account
    for person, days in ((mine, 10), (dead, 3), (left, 3), (before, -20)):
        planned(person, home.service, helper, starts_at=NOW + timedelta(days=days))
    visit_of(seen, home.service, helper, happened_at=NOW - timedelta(days=9))
    told = post(home, []).json()
    assert {one["person"] for one in told["persons"]} == {str(mine.pk), str(seen.pk)}
    assert set(told["persons"][0]) == {"person", "name", "commune"}
    assert told["visits"] == []


def test_a_visit_that_nobody_planned_is_received_beside_the_one_that_was(home):
    coming = planned(home.person, home.service, home.phone.account)
    ours, spot = home.record(planned=str(coming.pk)), home.record(planned=None, name="Elle")
    acks = post(home, [ours, spot]).json()["acks"]
    assert [one["state"] for one in acks] == ["received", "received"]
    assert Visit.objects.get(pk=spot["id"]).planned_id is None
    assert post(home, [spot | {"words": "Autre"}]).json()["acks"][0]["why"] == "conflict"


def test_what_is_put_aside_is_named_by_the_planned_visit_when_its_person_reads_as_none(home):
    coming = planned(home.person, home.service, home.phone.account)
    post(home, [home.record(person="?", planned=str(coming.pk), starts=NOW.isoformat())])
    assert RefusedVisit.objects.get().why == "unreadable"
    page = aside(home)
    assert home.person.full_name in page
    assert "Visite prévue" in page
    assert UNKNOWN not in page


def test_what_is_put_aside_is_named_by_the_record_that_absorbed_hers(home):
    absorbed = PersonFactory(territory=home.desk.territory)
    post(home, [home.record(person=str(absorbed.pk), signs=["fell"])])
    assert UNKNOWN in aside(home)
    with arranging():
        type(absorbed).objects.filter(pk=absorbed.pk).update(merged_into=home.person)
    assert home.person.full_name in aside(home)


def test_the_planned_visit_of_another_service_names_nobody(home):
    elsewhere = set_home()
    coming = planned(elsewhere.person, elsewhere.service, elsewhere.phone.account)
    post(home, [home.record(person=str(uuid7()), planned=str(coming.pk))])
    page = aside(home)
    assert UNKNOWN in page
    assert elsewhere.person.full_name not in page


DAY = """
import { onceOf, todayOf } from "./frontend/src/visits/day.js";
const now = Date.parse("2026-11-24T09:00:00Z");
const at = "2026-11-24T08:00:00Z";
const [a, b] = [{ id: "a", person: "p", starts: at }, { id: "b", person: "p", starts: at }];
const other = { ...a, id: "c", person: "q" };
const night = { ...a, id: "d", starts: "2026-11-22T22:00:00Z" };
const sent = ["visit", "need"].map((kind) => ({ person: "p", planned: null, kind, at }));
const said = todayOf("p", [a, b, other, night], new Map([["b", { at: "1" }]]), sent, now);
const record = onceOf({ ...a, name: "Elle" })({});
console.log(JSON.stringify({ ...said, record, none: onceOf({ person: "p", name: "Elle" })({}) }));
"""


def test_the_phone_says_what_is_planned_or_noted_today_and_which_visit_it_sends():
    asked = [NODE, "--input-type=module", "--eval", DAY]
    ran = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, check=True, timeout=60)
    said = json.loads(ran.stdout)
    assert [one["id"] for one in said["open"]] == ["a"]
    assert said["done"] == ["1", "2026-11-24T08:00:00Z"]
    record, none = said["record"], said["none"]
    assert (record["planned"], record["name"]) == ("a", "Elle")
    assert record["starts"] == "2026-11-24T08:00:00Z"
    assert (none["planned"], none["starts"]) == (None, None)


def test_a_leaf_says_how_to_raise_a_need_without_an_account_and_names_nobody(home):
    with arranging():
        type(home.desk).objects.filter(pk=home.desk.pk).update(request_code="FEUILLE01")
    browser = Browser().as_(home.coordinator)
    panel = browser.get(reverse("vigilance:person_panel", args=[home.person.pk])).text
    assert reverse("vigilance:leaf") in panel
    page = browser.get(reverse("vigilance:leaf")).text
    link = f"{reverse('intake:online')}?structure=FEUILLE01"
    assert link in page
    assert "sans compte" in page
    assert home.person.birth_name not in page
    assert 'value="FEUILLE01"' in Browser().get(link).text
    assert (
        "n’a pas encore de code" in Browser().as_(home.helper).get(reverse("vigilance:leaf")).text
    )
