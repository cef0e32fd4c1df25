"""One instrument over time: drawn and told, and what stands on one line when its text changes."""

import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.access.actor import SYSTEM, Actor, Role
from cordee.assessments import selectors, services
from cordee.assessments.models import ComparableEditions, Questionnaire
from cordee.assessments.rules.comparing import groups
from cordee.assessments.shipped import FOLDER
from tests.assessments.scenes import author_of, followed
from tests.factories.assessments import QuestionnaireFactory
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.support import NOW, arranging, simultaneously

pytestmark = pytest.mark.django_db
WHY = "Seule la mise en page a changé : mêmes questions, mêmes réponses."


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def author(dac):
    return author_of(dac)


@pytest.fixture
def person(dac):
    return followed(dac)


@pytest.fixture
def publisher():
    return Actor(role=Role.ADMINISTRATOR, account_id=AccountFactory(name="Inès Faure").pk)


def edition(version, now):
    text = json.loads((FOLDER / "tug.json").read_text(encoding="utf-8")) | {"version": version}
    kept = services.import_questionnaire(actor=SYSTEM, content=text, now=now)
    return services.publish_questionnaire(
        actor=SYSTEM, questionnaire=kept, digest=kept.digest, now=now
    )


def walked(author, person, instrument, seconds, now):
    blank = selectors.blank(author, person, instrument, now)
    draft = services.begin(actor=author, response=blank, now=now)
    items = [{"linkId": "seconds", "answer": [{"valueDecimal": seconds}]}]
    written = services.Written(items, draft.version)
    return services.complete(actor=author, response=draft, written=written, now=now)


@pytest.fixture
def two(author, person):
    """Two evaluations with one edition, then one with the next."""
    first = edition("1", NOW - timedelta(days=300))
    walked(author, person, first, 12, NOW - timedelta(days=200))
    walked(author, person, first, 15, NOW - timedelta(days=100))
    second = edition("2", NOW - timedelta(days=50))
    last = walked(author, person, second, 22, NOW)
    return first, second, last


def course(client, author, person, instrument):
    at = reverse("assessments:history", args=[person.pk, instrument.pk])
    return BeautifulSoup(client.as_(author).get(at).content, "html.parser").select_one("#mesure-1")


def compare(client, publisher, instrument, **typed):
    at = reverse("assessments:compare", args=[instrument.pk])
    return client.as_(publisher).post(at, {"pourquoi": WHY} | typed)


def test_one_edition_over_time_is_a_line_with_its_table(client, author, person):
    first = edition("1", NOW - timedelta(days=300))
    walked(author, person, first, 12, NOW - timedelta(days=200))
    walked(author, person, first, 15, NOW - timedelta(days=100))
    shown = course(client, author, person, first)
    assert [one.text for one in shown.select(".course__value")] == ["12", "15"]
    assert len(shown.select(".course__spot")) == 2
    rows = [row.text for row in shown.select("tbody tr")]
    assert "15" in rows[0]
    assert "12" in rows[1]
    assert not shown.select(".hint")


def test_editions_that_nobody_compared_draw_no_line_and_the_page_says_why(
    client, author, person, two
):
    shown = course(client, author, person, two[1])
    assert not shown.select(".course")
    assert len(shown.select("tbody tr")) == 3
    said = shown.select_one(".hint").text
    assert "2\u00a0mesures ne sont pas dessinées" in said
    assert "la version a changé (1 puis 2)" in said
    result = client.get(reverse("assessments:result", args=[two[2].pk])).text
    assert "Non comparable\u00a0: la version a changé" in result


def test_declared_comparable_they_are_one_line_that_says_who_declared_it_and_why(
    client, author, person, publisher, two
):
    assert compare(client, publisher, two[1]).status_code == 302
    shown = course(client, author, person, two[1])
    assert [one.text for one in shown.select(".course__value")] == ["12", "15", "22"]
    said = shown.select_one(".hint").text
    for words in ("éditions 1 et 2", "Inès Faure", WHY):
        assert words in said
    result = client.get(reverse("assessments:result", args=[two[2].pk])).text
    assert "Moins bien\u00a0: 15 puis 22" in result
    panel = reverse("assessments:person_panel", args=[person.pk])
    assert "15 puis 22" in client.get(panel).text
    about = client.get(reverse("assessments:questionnaire", args=[two[1].pk])).text
    assert "Comparable à l’édition 1" in about
    assert WHY in about


def test_taken_back_they_are_compared_no_more(client, author, person, publisher, two):
    compare(client, publisher, two[1])
    compare(client, publisher, two[1], geste="reprendre")
    assert not course(client, author, person, two[1]).select(".course")
    assert ComparableEditions.objects.get().withdrawn_at == NOW
    assert compare(client, publisher, two[1]).status_code == 302


def test_only_who_publishes_declares_it_with_words_and_of_an_edition_that_has_one_before(
    client, author, publisher, two
):
    assert compare(client, author, two[1]).status_code == 403
    assert compare(client, publisher, two[1], pourquoi="  ").status_code == 409
    assert compare(client, publisher, two[0]).status_code == 409
    assert compare(client, publisher, two[1]).status_code == 302
    assert compare(client, publisher, two[1]).status_code == 409


def test_what_two_editions_share_with_a_third_all_three_share():
    assert groups([("1", "2"), ("4", "5"), ("2", "3")]) == ({"4", "5"}, {"1", "2", "3"})
    assert groups([("1", "2"), ("3", "4"), ("2", "3")]) == ({"1", "2", "3", "4"},)


def breaks(name, make):
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), arranging():
        make()
    assert refused.value.__cause__.diag.constraint_name == name


def said(one, other, publisher, **more):
    return ComparableEditions.objects.create(
        edition=one,
        before=other,
        declared_at=NOW,
        declared_by_id=publisher.account_id,
        **{"why": WHY} | more,
    )


def test_the_database_compares_published_editions_of_one_instrument_once(publisher, two):
    of_one = "assessments_comparable_editions_are_of_one_instrument"
    other = QuestionnaireFactory()
    breaks(of_one, lambda: said(two[1], other, publisher))
    breaks("assessments_comparison_says_why", lambda: said(two[1], two[0], publisher, why=""))
    breaks("assessments_comparison_says_why", lambda: said(two[1], two[1], publisher))
    with arranging():
        said(two[1], two[0], publisher)
    breaks("assessments_edition_is_compared_once", lambda: said(two[1], two[0], publisher))
    breaks(of_one, lambda: ComparableEditions.objects.update(why="Autre chose"))
    breaks(
        "assessments_comparison_is_withdrawn_by_somebody",
        lambda: ComparableEditions.objects.update(withdrawn_at=NOW),
    )


@pytest.mark.django_db(transaction=True)
def test_declared_by_two_at_once_it_is_declared_once(publisher):
    edition("1", NOW - timedelta(days=300))
    second = edition("2", NOW - timedelta(days=50))

    def declare():
        found = Questionnaire.objects.get(pk=second.pk)
        services.compare_editions(actor=publisher, questionnaire=found, why=WHY, now=NOW)

    simultaneously(declare, declare)
    assert ComparableEditions.objects.count() == 1
