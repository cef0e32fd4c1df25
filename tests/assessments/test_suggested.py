"""What a result calls for next: said with its reason, begun in one tap, by who may."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules.instruments import gds
from cordee.assessments.shipped import FOLDER, publish_file
from tests.assessments.scenes import at, author_of, followed
from tests.factories.assessments import ResponseFactory
from tests.factories.directory import OrganizationFactory
from tests.plans.scene import herself
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


def measured(name, code, band):
    result = {"code": code, "label": "Mesure", "value": "9", "out_of": None, "unit": ""}
    return {
        "questionnaire": shipped(name),
        "items": [],
        "results": [
            result
            | {"band": {"code": band, "label": "Repérée", "severity": 2}}
            | {"points": [], "source": "", "caution": ""}
        ],
    }


@pytest.fixture
def mini(author, person):
    """A mini-GDS that found something."""
    found = measured("mini-gds", "mini-gds", gds.MINI_FOUND.code)
    return ResponseFactory(person=person, author_id=author.account_id, **found)


def test_a_mini_gds_proposes_the_gds_and_one_tap_begins_it(client, author, person, mini):
    longer = shipped("gds-15")
    page = client.as_(author).get(at("result", mini)).text
    assert "la GDS à 15 questions précise" in page
    begin = reverse("assessments:begin", args=[person.pk, longer.pk])
    assert f'action="{begin}"' in page
    assert client.post(begin).status_code == 302
    assert QuestionnaireResponse.objects.drafts().get().questionnaire == longer


def test_frailty_proposes_an_evaluation_to_who_may_make_it_alone(client, author, person):
    shipped("multidimensional")
    found = measured("sega-a", "sega-a", "frail")
    sega = ResponseFactory(person=person, author_id=author.account_id, **found)
    assert "Pour aller plus loin" in client.as_(author).get(at("result", sega)).text
    page = client.as_(herself(SimpleNamespace(person=person))).get(at("result", sega))
    assert page.status_code == 200
    assert "Pour aller plus loin" not in page.text


def test_what_was_done_since_is_proposed_no_more(client, author, person, mini):
    ResponseFactory(
        person=person, author_id=author.account_id, **measured("gds-15", "gds-15", "none")
    )
    assert "Pour aller plus loin" not in client.as_(author).get(at("result", mini)).text


def test_what_is_not_in_use_is_not_proposed(client, author, mini):
    assert "Pour aller plus loin" not in client.as_(author).get(at("result", mini)).text


def test_what_is_proposed_is_not_printed(client, author, mini):
    shipped("gds-15")
    page = client.as_(author).get(at("result", mini) + "?format=pdf")
    assert page["Content-Type"] == "application/pdf"
