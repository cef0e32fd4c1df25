"""The frame of the worklist is kept by all that it is told: it never says what another role, place,
count or setting would."""

import re
from dataclasses import replace

import pytest
from django.conf import settings as house
from django.shortcuts import render
from django.urls import reverse

from cordee.access.actor import Role
from cordee.kernel import http, patterns
from tests.factories.directory import OrganizationFactory
from tests.factories.pathways import TaskFactory
from tests.pathways.team import known_person, works_at
from tests.support import Browser, less_marks

pytestmark = pytest.mark.django_db
HOME = "/a-faire"


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def nurse(desk):
    return works_at(desk, "Claire <Roux> 100 %s %(told_0)s")


@pytest.fixture(autouse=True)
def nothing_is_kept():
    patterns._page.cache_clear()


def page_of(speaker, address=HOME, **cookies):
    browser = Browser().as_(speaker)
    browser.cookies.load(cookies)
    return browser.get(address).text


def written_whole(monkeypatch):
    """Pages written by their template each time, as every other."""

    def whole(request, template, context, words):
        return render(request, template, dict(context) | dict(words)).text

    monkeypatch.setattr(http, "write_page", whole)


ADDRESSES = ["", "?boite=alerts", "?boite=tasks&urgence=2", "?qui=team", "?qui=put_off", "?apres=x"]
ROLES = [Role.ORIENTEUSE, Role.COORDINATOR, Role.HOSPITAL, Role.DPO, Role.HOME_HELP]


@pytest.mark.parametrize("is_full", [False, True])
def test_what_is_kept_is_what_its_template_writes(desk, nurse, monkeypatch, is_full):
    for number in range(60 if is_full else 0):
        person = known_person(desk, birth_name=f"O'Neil & {number} %s %(lines)s")
        TaskFactory(organization=desk, person=person, kind="call_back", urgency=number % 3)
    asked = [
        (replace(nurse, role=role, name=name), HOME + query, theme)
        for role in ROLES
        for name in (nurse.name, "Autre")
        for query in ADDRESSES
        for theme in ({}, {"theme": "dark"}, {"theme": '"><b>'})
        if theme == {} or not query
    ]
    kept = [less_marks(page_of(speaker, where, **theme)) for speaker, where, theme in asked * 2]
    assert patterns._page.cache_info().hits >= len(asked)
    written_whole(monkeypatch)
    whole = [less_marks(page_of(speaker, where, **theme)) for speaker, where, theme in asked]
    for one, *both in zip(asked, kept, kept[len(asked) :], whole, strict=False):
        assert both[0] == both[2], one
        assert both[1] == both[2], one


def counts(page):
    return re.findall(r'<span class="count">([^<]*)<', page)


def test_a_count_that_changes_is_shown_at_once(desk, nurse):
    for number in range(3):
        assert counts(page_of(nurse)) == [str(number), "0", "0", "0", str(number), "0"]
        TaskFactory(organization=desk, kind="call_back", box="tasks")


def test_the_first_line_and_the_last_change_what_is_said_around_them(desk, nurse):
    assert "Rien ne vous attend" in page_of(nurse)
    task = TaskFactory(organization=desk, kind="read_text")
    assert "Rien ne vous attend" not in page_of(nurse)
    Browser().as_(nurse).htmx(reverse("pathways:settle", args=[task.pk]), {})
    assert "Rien ne vous attend" in page_of(nurse)


def test_what_is_said_once_is_said_once(desk, nurse):
    task, browser = TaskFactory(organization=desk, kind="read_text"), Browser().as_(nurse)
    assert "C’est fait." not in browser.get(HOME).text
    browser.post(reverse("pathways:settle", args=[task.pk]))
    assert "C’est fait." in browser.get(HOME).text
    assert "C’est fait." not in browser.get(HOME).text


def test_each_page_has_its_own_proofs(desk, nurse):
    TaskFactory(organization=desk, kind="call_back")
    browser = Browser(enforce_csrf_checks=True).as_(nurse)
    first, second = [browser.get(HOME).text for _ in range(2)]
    proof = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')
    assert proof.search(first)[1] != proof.search(second)[1]
    for page in (first, second):
        assert f'content="{proof.search(page)[1]}"' in page


def test_two_who_have_one_name_have_each_their_note(desk):
    one, other = works_at(desk, "Claire Roux"), works_at(desk, "Claire Roux")
    notes = [re.search(r'"written-for" content="([^:]+):', page_of(who))[1] for who in (one, other)]
    assert notes[0] != notes[1]
    assert notes[0] in page_of(one)


def test_a_house_of_real_data_does_not_say_that_it_is_a_demonstration(nurse, settings, monkeypatch):
    monkeypatch.setattr("cordee.web.middleware.lacks_second_factor", lambda actor: False)
    assert "Données fictives" in page_of(nurse)
    settings.CORDEE = replace(house.CORDEE, mode="production")
    assert "Données fictives" not in page_of(nurse)


def test_no_word_of_a_list_is_empty_for_the_template_could_not_tell(rf):
    with pytest.raises(ValueError, match="an empty word"):
        patterns.write_page(rf.get(HOME), "pathways/worklist.jinja", {}, {"told": ("1", "")})


def test_a_kept_page_is_told_no_hour():
    with pytest.raises(LookupError):
        patterns._Reader({}).now  # noqa: B018 — read as the filters of a template do
