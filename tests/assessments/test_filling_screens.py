"""An evaluation through its door: begun, completed, read, corrected, withdrawn."""

import pytest
from django.urls import reverse

from cordee.assessments.models import QuestionnaireResponse
from tests.assessments.scenes import at, author_of, followed, typed
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import OrganizationFactory
from tests.support import facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def person(dac):
    return followed(dac)


@pytest.fixture
def author(dac):
    return author_of(dac)


@pytest.fixture
def evaluation(person, author):
    return ResponseFactory(person=person, author_id=author.account_id)


def test_a_coordinator_begins_fills_and_reads_the_result(client, person, author):
    instrument = QuestionnaireFactory()
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


def test_a_correction_is_a_new_evaluation_that_says_what_it_corrects(client, author, evaluation):
    draft_at = client.as_(author).post(at("correct", evaluation))["Location"]
    draft = QuestionnaireResponse.objects.drafts().get()
    assert draft_at == at("fill", draft)
    assert "checked" in client.get(draft_at).text
    client.post(at("complete", draft), typed(draft, sort="non", pourquoi="Les marches"))
    evaluation.refresh_from_db()
    draft.refresh_from_db()
    assert (evaluation.status, draft.status) == ("completed", "amended")
    assert draft.corrects_id == evaluation.pk
    assert at("result", draft) in client.get(at("result", evaluation)).text
    (line,) = facts("assessments.response_corrected")
    assert line["data"]["corrected_id"] == str(evaluation.pk)


def test_what_was_corrected_is_not_corrected_again(client, author, evaluation):
    ResponseFactory(
        status="amended",
        corrects=evaluation,
        person=evaluation.person,
        questionnaire=evaluation.questionnaire,
        author_id=author.account_id,
    )
    refused = client.as_(author).post(at("correct", evaluation))
    assert refused.status_code == 409
    assert "n’est plus la dernière" in refused.text


def test_a_colleague_reads_and_corrects_nothing(client, dac, evaluation):
    client.as_(author_of(dac, name="Une collègue"))
    assert "Oui, chaque jour" in client.get(at("result", evaluation)).text
    assert client.post(at("correct", evaluation)).status_code == 403
    assert client.post(at("withdraw", evaluation)).status_code == 403


def test_what_was_entered_in_error_stays_readable_and_counts_no_more(
    client, person, author, evaluation
):
    client.as_(author).post(at("withdraw", evaluation))
    assert "Saisie par erreur" in client.get(at("result", evaluation)).text
    panel = client.get(reverse("assessments:person_panel", args=[person.pk])).text
    assert at("result", evaluation) not in panel
    assert facts("assessments.response_withdrawn")
