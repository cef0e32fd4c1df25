"""What is known already is proposed with its source; what one may not read is not."""

import pytest

from cordee.access.actor import SYSTEM
from cordee.assessments.models import Questionnaire
from cordee.assessments.shipped import FOLDER, publish_file
from tests.assessments.scenes import at, author_of, followed
from tests.factories.assessments import ResponseFactory
from tests.factories.directory import OrganizationFactory
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
    assert "Psychologue" in client.get(at("fill", draft)).text
    assert Questionnaire.objects.active().count() == 2
