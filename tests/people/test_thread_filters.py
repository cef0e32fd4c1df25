"""The filters of the thread: kept while one goes back in time, and never of what is hidden."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cordee.access.actor import Role
from cordee.people import services
from cordee.people.policy import CATEGORY_OF_FACT
from cordee.people.rules.sharing import Category
from cordee.people.selectors import thread as selectors
from cordee.people.services import Joining
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import NOW, actor, coordinator_of, orienteuse_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return OrganizationFactory(name="Numéro unique du Champsaur")


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac", name="DAC des Alpes")


@pytest.fixture
def person(desk, dac):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    joins_circle(person, organization=dac, role="coordination")
    return person


@pytest.fixture
def claire(desk):
    return orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk)


@pytest.fixture
def ahmed(dac):
    return coordinator_of(dac, account_id=AccountFactory(name="Ahmed Diallo").pk)


def joins(speaker, person, *, now=NOW, name="Vernet"):
    nurse = PractitionerFactory(last_name=name)
    joining = Joining(role="nurse", practitioner_id=nurse.pk)
    services.join_circle(actor=speaker, person=person, joining=joining, now=now)


def test_the_lines_of_one_author_and_of_one_structure(client, person, claire, ahmed, dac):
    joins(claire, person, name="Nurse-de-Claire")
    joins(ahmed, person, name="Nurse-d-Ahmed")
    speaking, address = client.as_(claire), reverse("people:thread", args=[person.pk])
    whole = speaking.get(address).text
    assert "Nurse-de-Claire" in whole
    assert "Nurse-d-Ahmed" in whole
    for asked in ({"auteur": ahmed.account_id}, {"structure": dac.pk}):
        shown = speaking.get(address, asked).text
        assert "Nurse-d-Ahmed" in shown
        assert "Nurse-de-Claire" not in shown
    neither = {"auteur": claire.account_id, "structure": dac.pk}
    assert "Nurse-d" not in speaking.get(address, neither).text


def test_what_its_reader_knows_is_asked_once_a_category_for_the_whole_page(client, person, claire):
    joins(claire, person)
    speaking, address = client.as_(claire), reverse("people:thread", args=[person.pk])
    speaking.get(address)
    with CaptureQueriesContext(connection) as asked:
        speaking.get(address)
    judged = [one for one in asked if "people_gate_stay" in one["sql"]]
    assert len(set(CATEGORY_OF_FACT.values()) | {Category.COORDINATION}) == 5
    assert len(judged) <= 7  # and whether she is seen, and in the circle
    assert len(asked) <= 20


def test_older_keeps_every_filter_and_finds_the_rest(
    client, person, claire, ahmed, desk, monkeypatch
):
    monkeypatch.setattr(selectors, "LINES", 2)
    for day in range(5):
        joins(claire, person, now=NOW + timedelta(days=day), name=f"Jour-{day}")
        joins(ahmed, person, now=NOW + timedelta(days=day), name="Autre")
    begins, ends = NOW.date() + timedelta(days=1), NOW.date() + timedelta(days=4)
    asked = {
        "salle": ["people", "broker"],
        "du": f"{begins:%d/%m/%Y}",
        "au": f"{ends:%d/%m/%Y}",
        "auteur": claire.account_id,
        "structure": desk.pk,
    }
    speaking, address = client.as_(claire), reverse("people:thread", args=[person.pk])
    pages = [speaking.get(address, asked).text]
    while kept := older(pages[-1]):
        assert kept.pop("avant")
        assert set(kept) == set(asked)
        pages.append(speaking.get(address, older(pages[-1])).text)
    told = [re.findall(r"Jour-\d|Autre", page) for page in pages]
    assert told == [["Jour-4", "Jour-3"], ["Jour-2", "Jour-1"]]


def older(page):
    """What the button « Plus ancien » sends."""
    form = page.partition('<div id="fil"')[2].partition("<form")[2].partition("</form>")[0]
    sent: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(unescape(value))
    return sent


def test_who_wrote_only_what_is_hidden_is_in_no_filter(client, person, claire, ahmed):
    """A choice of the person is told to the person alone: its author must not show either."""
    from cordee.people.rules.sharing import Audience, Category, Choice
    from cordee.people.services import Chosen, Told

    chosen = Chosen(Choice.OPPOSED, Category.SOCIAL, Audience.SOCIAL)
    services.choose_sharing(actor=ahmed, person=person, chosen=chosen, told=Told(), now=NOW)
    address = reverse("people:thread", args=[person.pk])
    assert "Ahmed Diallo" not in client.as_(claire).get(address).text
    herself = actor(Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({person.pk}))
    assert "Ahmed Diallo" in client.as_(herself).get(address).text


@pytest.mark.parametrize("name", ["auteur", "structure", "avant", "du", "salle"])
@pytest.mark.parametrize("naughty", ["<script>x</script>", "9" * 40, "🙂", "' OR 1=1 --", "\x00"])
def test_a_naughty_filter_is_no_fault(client, person, claire, name, naughty):
    joins(claire, person)
    answer = client.as_(claire).get(reverse("people:thread", args=[person.pk]), {name: naughty})
    assert answer.status_code == 200
    assert "<script>x" not in answer.text
