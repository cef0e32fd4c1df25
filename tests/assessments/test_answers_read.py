"""Answers as people read them: several of one question, days, and when to ask again."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cordee.assessments.rules import filling, kept, reading
from cordee.assessments.rules.results import Result
from cordee.assessments.selectors.lines import Known, line_of
from tests.assessments.questionnaires import question, sheet
from tests.assessments.scenes import at, author_of, followed
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import OrganizationFactory
from tests.support import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return author_of(OrganizationFactory(kind="dac"))


@pytest.fixture
def person(author):
    return followed(OrganizationFactory._meta.model.objects.get(pk=author.organization_id))


def answered(**values):
    return [
        {"linkId": name, "answer": [{kind: one} for one in given]}
        for name, (kind, *given) in values.items()
    ]


def test_a_question_that_takes_several_answers_shows_them_and_room_for_one_more(
    client, author, person
):
    draft = ResponseFactory(
        draft=True,
        person=person,
        author_id=author.account_id,
        questionnaire=QuestionnaireFactory(definition=sheet(question("aides", repeats=True))),
        items=answered(aides=("valueString", "Canne", "Déambulateur")),
    )
    page = client.as_(author).get(at("fill", draft)).text
    assert 'value="Canne"' in page
    assert 'value="Déambulateur"' in page
    assert page.count('name="aides"') == 3


def test_a_day_and_a_moment_are_read_as_people_say_them(client, author, person):
    whole = ResponseFactory(
        person=person,
        author_id=author.account_id,
        questionnaire=QuestionnaireFactory(
            definition=sheet(question("chute", "date"), question("appel", "dateTime"))
        ),
        items=answered(
            chute=("valueDate", "2026-11-20"), appel=("valueDateTime", "2026-11-21T13:05:00Z")
        ),
    )
    page = client.as_(author).get(at("result", whole)).text
    assert "20/11/2026" in page
    assert "21/11/2026 à 14:05" in page
    assert ">2026-11-2" not in page


def test_only_the_last_that_stands_says_when_to_do_it_again(client, author, person):
    instrument = QuestionnaireFactory(name="norton")
    days = (NOW - timedelta(days=300), NOW - timedelta(days=200))
    result = Result("norton", "Norton", Decimal(12), None, "", None, (), "essai")
    before, last = (
        ResponseFactory(
            person=person,
            author_id=author.account_id,
            questionnaire=instrument,
            authored_at=day,
            results=kept.written([result]),
        )
        for day in days
    )
    client.as_(author)
    assert "À refaire" in client.get(at("result", last)).text
    assert "À refaire" not in client.get(at("result", before)).text


def test_a_day_that_is_known_is_said_as_people_write_it_and_taken_as_its_field_wants():
    definition = reading.read(sheet(question("depuis", "date")))
    (row,) = filling.filled(definition, [], today=NOW.date()).rows
    line = line_of(row, "", known=Known("2026-11-02", "Mme Roux, hier"))
    assert (line.known, line.known_said) == ("2026-11-02", "02/11/2026")
