"""Several professionals, one instrument: side by side, never averaged, settled with a reason."""

import re
from datetime import timedelta

import pytest

from cordee.assessments.models import QuestionnaireResponse
from tests.assessments.scenes import at, author_of, followed, typed
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import OrganizationFactory
from tests.support import NOW, stranger

pytestmark = pytest.mark.django_db
WHY = "Vu ensemble à domicile : elle ne sort plus depuis la chute."


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def ahmed(dac):
    return author_of(dac)


@pytest.fixture
def nadia(dac):
    return author_of(dac, name="Nadia Roux")


@pytest.fixture
def person(dac):
    return followed(dac)


@pytest.fixture
def sheet():
    return QuestionnaireFactory()


def answered(person, sheet, author, out, steps, ago=timedelta()):
    lines = [
        {"linkId": "sort", "answer": [{"valueCoding": {"code": out}}]},
        {"linkId": "pas", "answer": [{"valueInteger": steps}]},
    ]
    return ResponseFactory(
        person=person,
        questionnaire=sheet,
        author_id=author.account_id,
        authored_at=NOW - ago,
        items=[{"linkId": "marche", "item": lines}],
    )


@pytest.fixture
def both(person, sheet, ahmed, nadia):
    """One says that she goes out, the other that she does not; both count as many steps."""
    first = answered(person, sheet, nadia, "oui", 200, timedelta(days=2))
    return first, answered(person, sheet, ahmed, "non", 200, timedelta(days=1))


def test_each_has_a_column_and_where_they_differ_is_said(client, ahmed, both):
    assert "Regards croisés (2)" in client.as_(ahmed).get(at("result", both[0])).text
    page = client.get(at("team", both[0])).text
    for words in ("Nadia Roux", "Ahmed Diallo", "1\u00a0désaccord", "Oui, chaque jour", "Non"):
        assert words in page, words
    assert page.count(">Désaccord<") + page.count("Désaccord</span>") >= 1


def test_who_settles_answers_what_is_disputed_and_nothing_else(client, ahmed, both, person):
    sent = client.as_(ahmed).post(at("settle", both[0]), {"pourquoi": WHY})
    draft = QuestionnaireResponse.objects.drafts().get()
    assert sent["Location"] == at("fill", draft)
    (group,) = draft.items
    assert [line["linkId"] for line in group["item"]] == ["pas"]
    page = client.get(at("fill", draft)).text
    hints = re.findall(r"choice__hint.*?</small>", page)
    assert [("Nadia Roux" in one, "Ahmed Diallo" in one) for one in hints] == [
        (True, False),
        (False, True),
    ]

    client.post(at("complete", draft), typed(draft, sort="non", pourquoi="La chute", pas="200"))
    draft.refresh_from_db()
    assert (draft.status, draft.settled_because) == ("completed", WHY)
    assert draft.settles == [one.pk for one in both]
    page = client.get(at("result", draft)).text
    assert WHY.partition(" :")[0] in page
    assert "Nadia Roux" in client.get(at("team", draft)).text


def test_without_a_reason_nothing_is_settled(client, ahmed, both):
    for why in ("", "   ", "a" * 601):
        assert client.as_(ahmed).post(at("settle", both[0]), {"pourquoi": why}).status_code == 409
    assert not QuestionnaireResponse.objects.drafts().exists()


def test_one_alone_has_nothing_to_settle(client, ahmed, person, sheet):
    alone = answered(person, sheet, ahmed, "oui", 200)
    assert "Regards croisés" not in client.as_(ahmed).get(at("result", alone)).text
    assert client.post(at("settle", alone), {"pourquoi": WHY}).status_code == 409


def test_the_last_answers_of_each_count_and_old_ones_do_not(client, ahmed, nadia, person, sheet):
    answered(person, sheet, nadia, "non", 10, timedelta(days=90))
    answered(person, sheet, ahmed, "non", 10, timedelta(days=5))
    last = answered(person, sheet, ahmed, "oui", 200)
    assert "Regards croisés" not in client.as_(ahmed).get(at("result", last)).text
    answered(person, sheet, nadia, "oui", 200)
    page = client.get(at("team", last)).text
    assert "concordent" in page
    assert "Nadia Roux" in page


def test_a_draft_is_in_no_column(client, ahmed, nadia, both, person, sheet):
    third = author_of(OrganizationFactory._meta.model.objects.get(pk=ahmed.organization_id), "Lina")
    ResponseFactory(draft=True, person=person, questionnaire=sheet, author_id=third.account_id)
    assert "Lina" not in client.as_(ahmed).get(at("team", both[0])).text


def test_what_one_may_not_read_is_in_no_column(client, dac, ahmed, nadia, person):
    sheet = QuestionnaireFactory(category="mental_health")
    answered(person, sheet, nadia, "oui", 200)
    mine = answered(person, sheet, ahmed, "non", 200)
    assert "Nadia" not in client.as_(ahmed).get(at("team", mine)).text
    assert client.as_(stranger()).get(at("team", mine)).status_code == 404


def test_a_draft_begun_otherwise_is_kept(client, ahmed, both, person, sheet):
    ResponseFactory(draft=True, person=person, questionnaire=sheet, author_id=ahmed.account_id)
    assert client.as_(ahmed).post(at("settle", both[0]), {"pourquoi": WHY}).status_code == 409
    assert QuestionnaireResponse.objects.drafts().get().settles is None
