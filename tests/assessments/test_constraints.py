"""The database is the last colleague awake: each promise of the room, broken on purpose."""

import pytest
from django.db import IntegrityError, transaction

from cordee.assessments.models import Questionnaire, QuestionnaireResponse
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.people import PersonFactory
from tests.support import NOW, arranging, simultaneously

pytestmark = pytest.mark.django_db


def breaks(name, make):
    """Expect the database to refuse, naming its promise."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), arranging():
        make()


def changing(row, **columns):
    return lambda: type(row).objects.filter(pk=row.pk).update(**columns)


def test_an_edition_is_kept_once():
    one = QuestionnaireFactory()
    breaks(
        "assessments_questionnaire_is_one_per_edition",
        lambda: QuestionnaireFactory(url=one.url, status="retired", retired_at=NOW),
    )


def test_an_instrument_has_one_edition_in_use():
    one = QuestionnaireFactory()
    breaks(
        "assessments_questionnaire_has_one_edition_in_use",
        lambda: QuestionnaireFactory(url=one.url, edition="2"),
    )


def test_what_is_published_says_when():
    breaks(
        "assessments_published_questionnaire_says_when",
        lambda: QuestionnaireFactory(published_at=None),
    )


@pytest.mark.parametrize(
    "columns",
    [
        {"title": "Un autre"},
        {"definition": {}},
        {"category": "social"},
        {"digest": "0"},
        {"status": "draft"},
        {"status": "retired", "retired_at": NOW, "title": "Un autre"},
    ],
)
def test_what_is_published_is_never_rewritten(columns):
    one = QuestionnaireFactory()
    breaks("assessments_published_is_never_rewritten", changing(one, **columns))


def test_what_is_published_is_never_erased_and_never_comes_back():
    one = QuestionnaireFactory()
    breaks("assessments_published_is_never_rewritten", one.delete)
    with arranging():
        Questionnaire.objects.filter(pk=one.pk).update(status="retired", retired_at=NOW)
    breaks("assessments_published_is_never_rewritten", changing(one, status="active"))


@pytest.mark.parametrize(
    "columns",
    [{"items": []}, {"results": [{}]}, {"status": "in-progress", "authored_at": None}],
)
def test_what_is_completed_is_never_rewritten(columns):
    breaks("assessments_completed_is_never_rewritten", changing(ResponseFactory(), **columns))


def test_what_is_completed_is_neither_erased_nor_given_to_somebody_else():
    one, other = ResponseFactory(), PersonFactory()
    breaks("assessments_completed_is_never_rewritten", one.delete)
    breaks("assessments_completed_is_never_rewritten", changing(one, person=other))


def test_what_is_withdrawn_never_comes_back():
    one = ResponseFactory(status="entered-in-error")
    breaks("assessments_completed_is_never_rewritten", changing(one, status="completed"))


def test_an_evaluation_is_read_as_its_questionnaire_is():
    instrument = QuestionnaireFactory(category="mental_health")
    name = "assessments_response_is_read_as_its_questionnaire"
    breaks(name, lambda: ResponseFactory(questionnaire=instrument, category="care"))
    draft = ResponseFactory(draft=True, questionnaire=instrument)
    breaks(name, changing(draft, category="care"))
    breaks(name, changing(draft, questionnaire=QuestionnaireFactory()))


@pytest.mark.parametrize(
    "state", [{"status": "draft", "published_at": None}, {"status": "retired", "retired_at": NOW}]
)
def test_one_begins_only_what_is_in_use_and_corrects_in_its_edition(state):
    instrument = QuestionnaireFactory(**state)
    name = "assessments_draft_begins_in_an_edition_in_use"
    breaks(name, lambda: ResponseFactory(draft=True, questionnaire=instrument))
    whole = ResponseFactory(questionnaire=instrument)
    about = {"person": whole.person, "questionnaire": instrument, "author": whole.author}
    assert ResponseFactory(draft=True, corrects=whole, **about).is_draft


@pytest.mark.parametrize("wrong", [{"authored_at": None}, {"status": "in-progress"}])
def test_a_completed_evaluation_says_when_and_a_draft_does_not(wrong):
    breaks("assessments_completed_response_says_when", lambda: ResponseFactory(**wrong))


def test_a_correction_says_what_it_corrects():
    name = "assessments_amended_response_says_what_it_corrects"
    breaks(name, lambda: ResponseFactory(status="amended"))
    one = ResponseFactory()
    breaks(name, lambda: ResponseFactory(corrects=one))


@pytest.mark.django_db(transaction=True)
def test_an_evaluation_is_corrected_once_whoever_writes_first():
    one = ResponseFactory()
    again = {"person": one.person, "questionnaire": one.questionnaire, "corrects": one}
    answers = simultaneously(
        *[lambda: ResponseFactory(status="amended", author=one.author, **again)] * 2
    )
    refused = [str(answer) for answer in answers if isinstance(answer, IntegrityError)]
    assert len(refused) == 1
    assert "assessments_response_is_corrected_once" in refused[0]


@pytest.mark.django_db(transaction=True)
def test_an_author_has_one_draft_of_a_questionnaire_about_somebody():
    one = ResponseFactory()
    about = {"person": one.person, "questionnaire": one.questionnaire, "author": one.author}
    answers = simultaneously(*[lambda: ResponseFactory(draft=True, **about)] * 2)
    refused = [str(answer) for answer in answers if isinstance(answer, IntegrityError)]
    assert len(refused) == 1
    assert "assessments_draft_is_one_per_author_and_questionnaire" in refused[0]
    assert QuestionnaireResponse.objects.drafts().count() == 1
