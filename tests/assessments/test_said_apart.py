"""What is wrong elsewhere than in one question is said too: nothing stops without a reason."""

import pytest

from tests.assessments.questionnaires import group, question, sheet
from tests.assessments.scenes import at, author_of, followed
from tests.assessments.test_expressions import constraint
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def author(dac):
    return author_of(dac)


@pytest.fixture
def draft_of(dac, author):
    def make(json, items=()):
        return ResponseFactory(
            draft=True,
            person=followed(dac),
            questionnaire=QuestionnaireFactory(definition=json),
            items=list(items),
            author_id=author.account_id,
        )

    return make


def posted(draft, **answers):
    return answers | {"_seen": draft.version, "_window": "a"}


def test_a_constraint_of_the_whole_that_does_not_hold_is_said(client, author, draft_of):
    words = "Donnez une réponse au plus."
    more = [
        constraint("%resource.item.answer.count() <= 1", words),
        constraint("%resource.item.answer.count() <= 1", "Relisez bien.", "warning"),
    ]
    draft = draft_of(sheet(question("a"), question("b"), extension=more))
    page = client.as_(author).post(at("complete", draft), posted(draft, a="x", b="y")).text
    assert page.count(words) >= 1
    draft.refresh_from_db()
    assert draft.status == "in-progress"
    assert "Relisez bien." in client.get(at("fill", draft)).text


def test_a_group_that_is_required_and_empty_is_named(client, author, draft_of):
    json = sheet(group("proches", question("nom"), repeats=True, required=True), question("a"))
    draft = draft_of(json)
    page = client.as_(author).post(at("complete", draft), posted(draft, a="x")).text
    assert "Proches\u00a0: rien n’y est répondu" in page


def test_a_moment_stays_in_its_field(client, author, draft_of):
    moment = {"linkId": "le", "answer": [{"valueDateTime": "2026-11-27T13:05:00+00:00"}]}
    draft = draft_of(sheet(question("le", "dateTime")), [moment])
    assert 'value="2026-11-27T14:05"' in client.as_(author).get(at("fill", draft)).text
