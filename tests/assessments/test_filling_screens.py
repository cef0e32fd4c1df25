"""An evaluation through its door: begun, kept while one types, completed, read."""

import pytest
from django.urls import reverse

from cordee.assessments.models import QuestionnaireResponse
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import coordinator_of, facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def person(dac):
    person = PersonFactory(territory=dac.territory)
    joins_circle(person, organization=dac, role="coordination")
    InformationFactory(person=person)
    return person


@pytest.fixture
def author(dac):
    return coordinator_of(dac, account_id=AccountFactory(name="Ahmed Diallo").pk)


@pytest.fixture
def instrument():
    return QuestionnaireFactory()


@pytest.fixture
def draft(person, author, instrument):
    return ResponseFactory(
        draft=True, person=person, questionnaire=instrument, author_id=author.account_id, items=[]
    )


def at(name, response):
    return reverse(f"assessments:{name}", args=[response.pk])


def typed(draft, **answers):
    """What the page posts: answers by their path, and what it knows of the draft."""
    fields = {f"marche/{name}": value for name, value in answers.items()}
    return fields | {"_seen": draft.version, "_window": "a"}


def test_a_coordinator_begins_fills_and_reads_the_result(client, person, author, instrument):
    client.as_(author)
    listing = client.get(reverse("assessments:list", args=[person.pk])).text
    assert instrument.title in listing
    begun = client.post(reverse("assessments:begin", args=[person.pk, instrument.pk]))
    draft = QuestionnaireResponse.objects.get()
    assert begun["Location"] == at("fill", draft)
    page = client.get(at("fill", draft)).text
    assert "Sort de chez elle" in page
    assert "Ce qui l’en empêche" not in page
    sent = client.post(at("complete", draft), typed(draft, sort="oui", pas="1200"))
    assert sent["Location"] == at("result", draft)
    result = client.get(at("result", draft)).text
    assert "Oui, chaque jour" in result
    assert "1200" in result
    (line,) = facts("assessments.response_completed")
    assert line["thread"] == person.pk
    assert set(line["data"]) == {"person_id", "response_id", "questionnaire_id"}


def test_beginning_again_finds_the_draft_one_had(client, person, author, draft):
    again = reverse("assessments:begin", args=[person.pk, draft.questionnaire_id])
    assert client.as_(author).post(again)["Location"] == at("fill", draft)
