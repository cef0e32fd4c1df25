"""A draft while it is filled in: kept by the page, one window at a time, and what stops it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.assessments import services
from cordee.assessments.models import Questionnaire, QuestionnaireResponse
from cordee.people.models import Person
from tests.assessments.scenes import at, author_of, followed, typed
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory, definition
from tests.factories.directory import OrganizationFactory
from tests.factories.people import ProcessingFactory
from tests.support import (
    NOW,
    Browser,
    arranging,
    coordinator_of,
    facts,
    simultaneously,
    until_somebody_waits,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def author(dac):
    return author_of(dac)


@pytest.fixture
def draft(dac, author):
    return ResponseFactory(draft=True, person=followed(dac), author_id=author.account_id, items=[])


def keep(client, draft, **answers):
    """What the page does by itself while one types."""
    headers = {"HX-Request": "true"}
    return client.post(at("save", draft), typed(draft, **answers), headers=headers)


def answers_of(draft):
    draft.refresh_from_db()
    return draft.items


def test_what_is_typed_is_kept_and_what_follows_is_asked(client, author, draft):
    answer = keep(client.as_(author), draft, sort="non")
    assert "Ce qui l’en empêche" in answer.text
    assert "Brouillon gardé à" in answer.text
    assert "Il manque 1\u00a0réponse" in answer.text
    assert "sort" in str(answers_of(draft))
    assert "Ce qui l’en empêche" in client.get(at("fill", draft)).text


def test_the_questions_are_left_alone_while_none_appears(client, author, draft):
    shown = client.as_(author).get(at("fill", draft)).text
    signature = shown.partition('name="_shown" value="')[2].partition('"')[0]
    fields = typed(draft, pas="12") | {"_shown": signature}
    answer = client.post(at("save", draft), fields, headers={"HX-Request": "true"})
    assert answer["HX-Reswap"] == "none"
    assert "Sort de chez elle" not in answer.text.partition('id="suite"')[0]


def test_what_cannot_be_read_is_said_beside_its_field_and_not_kept(client, author, draft):
    answer = keep(client.as_(author), draft, sort="oui", pas="beaucoup")
    assert "Tapez un nombre entier" in answer.text
    assert 'value="beaucoup"' in answer.text
    assert "beaucoup" not in str(answers_of(draft))
    refused = client.post(at("complete", draft), typed(draft, sort="oui", pas="beaucoup"))
    assert refused.status_code == 422


def test_a_score_sent_by_the_page_is_not_believed(client, author, draft):
    sent = typed(draft, sort="oui") | {"results": "6", "score": "6", "marche": "6"}
    client.as_(author).post(at("complete", draft), sent)
    draft.refresh_from_db()
    assert (draft.status, draft.results) == ("completed", [])


def test_what_is_missing_is_listed_with_links_and_the_draft_is_kept(client, author, draft):
    refused = client.as_(author).post(at("complete", draft), typed(draft, pas="12"))
    assert refused.status_code == 422
    assert 'href="#q-marche-sort"' in refused.text
    assert "12" in str(answers_of(draft))
    assert draft.is_draft
    assert not facts("assessments.response_completed")


def test_a_draft_is_its_author_s_alone(client, dac, author, draft):
    colleague = author_of(dac)
    client.as_(colleague)
    assert client.get(at("fill", draft)).status_code == 404
    assert client.get(at("result", draft)).status_code == 404
    listing = reverse("assessments:list", args=[draft.person_id])
    assert at("fill", draft) not in client.get(listing).text
    assert at("fill", draft) in client.as_(author).get(listing).text


def test_two_windows_do_not_undo_each_other(client, author, draft):
    keep(client.as_(author), draft, sort="oui")
    other = typed(draft, sort="non") | {"_window": "b"}
    refused = client.post(at("save", draft), other, headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert "autre fenêtre" in refused.text
    assert "oui" in str(answers_of(draft))


def test_a_window_goes_on_after_an_answer_that_it_never_received(client, author, draft):
    """It still says the version it first saw: what it wrote last is its own."""
    keep(client.as_(author), draft, sort="oui")
    assert keep(client, draft, sort="non").status_code == 200
    assert "non" in str(answers_of(draft))


@pytest.mark.django_db(transaction=True)
def test_a_double_click_completes_once(author, draft):
    sent = typed(draft, sort="oui")
    gestures = [lambda: Browser().as_(author).post(at("complete", draft), sent)] * 2
    answers = simultaneously(*gestures)
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(facts("assessments.response_completed")) == 1


def test_what_was_completed_elsewhere_is_said_to_who_still_types(client, author, draft):
    client.as_(author).post(at("complete", draft), typed(draft, sort="oui"))
    late = keep(client, draft, sort="non")
    assert late.status_code == 409
    assert "déjà terminée" in late.text


@pytest.mark.django_db(transaction=True)
def test_two_beginnings_at_once_open_one_draft(dac, author):
    person, instrument = followed(dac), QuestionnaireFactory()
    begin = reverse("assessments:begin", args=[person.pk, instrument.pk])
    answers = simultaneously(*[lambda: Browser().as_(author).post(begin)] * 2)
    assert len({answer["Location"] for answer in answers}) == 1
    assert QuestionnaireResponse.objects.drafts().count() == 1


def test_an_edition_retired_meanwhile_is_said_and_the_draft_is_kept(client, author, draft):
    with arranging():
        Questionnaire.objects.update(status="retired", retired_at=NOW)
    refused = client.as_(author).post(at("complete", draft), typed(draft, sort="oui"))
    assert refused.status_code == 409
    assert "a été retiré depuis" in refused.text
    assert "Cette édition a été retirée" in client.get(at("fill", draft)).text


def test_the_answers_of_a_retired_edition_are_taken_up_where_they_fit(client, author, draft):
    keep(client.as_(author), draft, sort="oui", pas="12")
    old = draft.questionnaire
    content = definition(old.url, "2", old.title)
    content["item"][0]["item"].pop()  # the number of steps is no longer asked
    with arranging():
        Questionnaire.objects.update(status="retired", retired_at=NOW)
    new = QuestionnaireFactory(url=old.url, edition="2", definition=content)
    assert "Reprendre mes réponses dans l’édition 2" in client.get(at("fill", draft)).text
    client.post(reverse("assessments:begin", args=[draft.person_id, new.pk]))
    taken_up = QuestionnaireResponse.objects.get(questionnaire=new)
    assert "oui" in str(taken_up.items)
    assert "pas" not in str(taken_up.items)


def test_the_panel_asks_as_much_for_one_evaluation_as_for_twelve(client, author, dac):
    person = followed(dac)
    panel, counts = reverse("assessments:person_panel", args=[person.pk]), []
    client.as_(author)
    for more in (1, 11):
        for _ in range(more):
            ResponseFactory(person=person, author_id=author.account_id)
        client.get(panel)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(panel).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_is_no_longer_proposed_is_not_begun(client, dac, author):
    person = followed(dac)
    instrument = QuestionnaireFactory(status="retired", retired_at=NOW)
    begin = reverse("assessments:begin", args=[person.pk, instrument.pk])
    refused = client.as_(author).post(begin)
    assert refused.status_code == 409
    assert "n’est plus proposé" in refused.text


@pytest.mark.django_db(transaction=True)
def test_what_is_retired_at_the_moment_of_beginning_is_not_begun(dac, author):
    person, instrument = followed(dac), QuestionnaireFactory()
    begin = reverse("assessments:begin", args=[person.pk, instrument.pk])
    with ThreadPoolExecutor(1) as pool:
        with gesture(actor=SYSTEM, verb="test.arrange", now=NOW):
            services.retire_questionnaire(actor=SYSTEM, questionnaire=instrument, now=NOW)
            late = pool.submit(posts, author, begin)
            until_somebody_waits()
        refused = late.result()
    assert refused.status_code == 409
    assert "n’est plus proposé" in refused.text
    assert not QuestionnaireResponse.objects.exists()


def posts(author, address):
    try:
        return Browser().as_(author).post(address)
    finally:
        connection.close()


def test_a_death_noted_meanwhile_is_said_and_the_draft_is_kept(client, author, draft):
    with arranging():
        Person.objects.update(deceased_on=date(2026, 11, 20))
    refused = client.as_(author).post(at("complete", draft), typed(draft, sort="oui"))
    assert refused.status_code == 409
    assert "20/11/2026" in refused.text
    draft.refresh_from_db()
    assert draft.is_draft


def test_a_refusal_of_coordination_shuts_the_draft_to_its_author(client, author, draft):
    ProcessingFactory(person=draft.person)
    client.as_(author)
    assert client.get(at("fill", draft)).status_code == 404
    assert keep(client, draft, sort="oui").status_code == 404
    assert answers_of(draft) == []


def test_who_left_the_circle_reads_their_draft_no_more(client, draft):
    gone = coordinator_of(OrganizationFactory(), account_id=draft.author_id)
    assert client.as_(gone).get(at("fill", draft)).status_code == 404


def test_a_draft_is_erased_by_its_author(client, author, draft):
    client.as_(author).post(at("discard", draft))
    assert not QuestionnaireResponse.objects.exists()
