"""What is known already is proposed with its source; what one may not read is not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordee.access.actor import SYSTEM
from cordee.assessments.models import Questionnaire
from cordee.assessments.selectors import proposals_of
from cordee.assessments.shipped import FOLDER, publish_file
from tests.assessments.scenes import at, author_of, followed
from tests.factories.assessments import ResponseFactory
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import SharingFactory
from tests.support import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def author(dac):
    return author_of(dac)


@pytest.fixture
def person(dac):
    return followed(dac)


def shipped(name):
    return publish_file(FOLDER / f"{name}.json", actor=SYSTEM, now=NOW)


def test_the_age_of_the_record_is_proposed_and_not_typed_again(client, author, person):
    draft = ResponseFactory(
        draft=True,
        person=person,
        questionnaire=shipped("charlson"),
        author_id=author.account_id,
        items=[],
    )
    page = client.as_(author).get(at("fill", draft)).text
    assert "Déjà connu" in page
    assert 'data-take="85"' in page


def mood_of(dac, person):
    """The depression scale that a colleague made: only her consent opens it."""
    gds = shipped("gds-15")
    answers = [
        {"linkId": item["linkId"], "answer": [{"valueBoolean": True}]}
        for item in gds.definition["item"]
        if item["type"] == "boolean"
    ]
    return ResponseFactory(
        person=person,
        questionnaire=gds,
        author_id=author_of(dac, name="Psychologue").account_id,
        items=answers,
        results=[
            {
                **{"code": "gds-15", "label": "GDS", "value": "12", "out_of": "15", "unit": ""},
                **{"band": None, "points": [], "source": "", "caution": ""},
            }
        ],
    )


def test_what_one_may_not_read_is_not_proposed(client, dac, author, person):
    mood_of(dac, person)
    draft = ResponseFactory(
        draft=True,
        person=person,
        questionnaire=shipped("sega-a"),
        author_id=author.account_id,
        items=[],
    )
    assert "Psychologue" not in client.as_(author).get(at("fill", draft)).text
    SharingFactory(
        person=person, category="mental_health", audience="coordination", choice="consented"
    )
    page = client.get(at("fill", draft)).text
    assert "Psychologue" in page
    assert "lue par moins de personnes que celle-ci" in page
    assert Questionnaire.objects.active().count() == 2


def norton(person, code):
    answer = [{"valueCoding": {"code": code}}]
    return ResponseFactory(
        person=person,
        questionnaire=shipped("norton"),
        author=AccountFactory(name="Odile Roux"),
        items=[{"linkId": "activity", "answer": answer}],
    )


def test_what_as_many_people_read_says_nothing_of_readers(client, author, person):
    norton(person, "walks-helped")
    draft = ResponseFactory(
        draft=True,
        person=person,
        questionnaire=shipped("sega-a"),
        author_id=author.account_id,
        items=[],
    )
    page = client.as_(author).get(at("fill", draft)).text
    assert "Échelle de Norton, aujourd’hui, Odile Roux" in page
    assert "lue par moins de personnes" not in page


def test_evaluations_that_feed_nothing_here_are_not_even_read(author, person):
    """TUG feeds no question of SEGA: each page would read all of them again for nothing."""
    tug = shipped("tug")
    draft = ResponseFactory(
        draft=True, person=person, questionnaire=shipped("sega-a"), author_id=author.account_id
    )
    ResponseFactory.create_batch(3, person=person, questionnaire=tug, items=[{"linkId": "?"}])
    with CaptureQueriesContext(connection) as queries:
        assert set(proposals_of(author, draft, NOW.date())) == {"age"}
    assert len(queries) == 1
    assert "norton" in queries[0]["sql"]
    assert "tug" not in queries[0]["sql"]
