"""A correction mends what was answered, on the day that it was answered: it is not done today."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.assessments import selectors, services
from cordee.assessments.models import AskedPart, QuestionnaireResponse
from cordee.assessments.shipped import FOLDER, publish_file
from cordee.pathways.models import Task
from tests.assessments.scenes import at, author_of, followed, typed
from tests.factories.assessments import AskedPartFactory, QuestionnaireFactory, ResponseFactory
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.support import NOW, run_jobs

pytestmark = pytest.mark.django_db
JANUARY, JUNE = NOW - timedelta(days=310), NOW - timedelta(days=200)


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def author(dac):
    speaker = author_of(dac)
    MembershipFactory(account_id=speaker.account_id, organization=dac, role="coordinator")
    return speaker


@pytest.fixture
def person(dac):
    return followed(dac)


def walked(author, person, seconds, now):
    """A walk that was timed: its instrument is to be done again after six months."""
    instrument = publish_file(FOLDER / "tug.json", actor=SYSTEM, now=JANUARY)
    blank = selectors.blank(author, person, instrument, now)
    draft = services.begin(actor=author, response=blank, now=now)
    items = [{"linkId": "seconds", "answer": [{"valueDecimal": seconds}]}]
    written = services.Written(items, draft.version)
    return services.complete(actor=author, response=draft, written=written, now=now)


def corrected(client, author, response, **answers):
    """What a page makes of « Corriger » then « Terminer »."""
    client.as_(author).post(at("correct", response))
    draft = QuestionnaireResponse.objects.drafts().get()
    sent = client.post(at("complete", draft), answers | {"_seen": draft.version, "_window": "a"})
    assert sent["Location"] == at("result", draft)
    draft.refresh_from_db()
    return draft


def test_what_is_evaluated_today_is_not_taken_for_the_correction_under_way(client, author, person):
    january = walked(author, person, 12, JANUARY)
    client.as_(author).post(at("correct", january))
    draft = QuestionnaireResponse.objects.drafts().get()
    assert "Elle gardera cette date" in client.get(at("fill", draft)).text
    begun = client.post(reverse("assessments:begin", args=[person.pk, january.questionnaire.pk]))
    assert begun.status_code == 409
    assert "terminez ou effacez cette correction" in begun.text


def test_the_correction_of_an_old_evaluation_is_not_the_latest(client, author, person):
    january, june = walked(author, person, 12, JANUARY), walked(author, person, 31, JUNE)
    run_jobs(until=NOW)
    task = Task.objects.open().get()
    assert task.origin == f"assessments/response/{june.pk}"
    correction = corrected(client, author, january, seconds="14")
    run_jobs(until=NOW)
    assert correction.authored_at == JANUARY
    assert correction.saved_at > JUNE
    (latest,) = selectors.latest_of(author, person, NOW)
    assert latest.response.pk == june.pk
    assert Task.objects.open().get() == task
    url = june.questionnaire.url
    known = [one.pk for one in selectors.history_of(author, person, url)]
    assert known == [correction.pk, june.pk]


def test_the_correction_of_the_latest_is_owed_on_the_day_that_it_was(client, author, person):
    june = walked(author, person, 31, JUNE)
    run_jobs(until=NOW)
    correction = corrected(client, author, june, seconds="14")
    run_jobs(until=NOW)
    assert Task.objects.open().get().origin == f"assessments/response/{correction.pk}"


def test_the_page_says_when_it_was_done_and_when_it_was_corrected(client, author, person):
    january = walked(author, person, 12, JANUARY)
    done = client.as_(author).get(at("result", january)).text.split("Faite ")[1].split(" par ")[0]
    correction = corrected(client, author, january, seconds="14")
    page = client.get(at("result", correction)).text
    assert f"Faite {done} par " in page
    assert "corrigée <time" in page
    listing = client.get(reverse("assessments:list", args=[person.pk])).text
    assert "corrigée <time" in listing


def test_a_correction_corrected_again_is_of_the_first_day(client, author, person):
    january = walked(author, person, 12, JANUARY)
    dated_late = ResponseFactory(  # as corrections were before they kept their day
        status="amended",
        corrects=january,
        person=person,
        questionnaire=january.questionnaire,
        author_id=author.account_id,
        items=january.items,
        authored_at=NOW,
    )
    assert corrected(client, author, dated_late, seconds="15").authored_at == JANUARY


def test_an_evaluation_of_the_team_stays_one_when_it_is_corrected(client, author, person):
    sheet = QuestionnaireFactory()
    parts = [ResponseFactory(person=person, questionnaire=sheet) for _ in range(2)]
    settled = ResponseFactory(
        person=person,
        questionnaire=sheet,
        author_id=author.account_id,
        settles=[one.pk for one in parts],
        settled_because="Vue ensemble à domicile",
    )
    client.as_(author).post(at("correct", settled))
    draft = QuestionnaireResponse.objects.drafts().get()
    client.post(at("complete", draft), typed(draft, sort="oui"))
    page = client.get(at("result", draft)).text
    assert "Évaluation de l’équipe" in page
    assert "Vue ensemble à domicile" in page


def test_the_correction_of_what_was_done_before_answers_nothing_asked_since(client, author, person):
    january = walked(author, person, 12, JANUARY)
    AskedPartFactory(person=person, questionnaire=january.questionnaire, guest_id=author.account_id)
    corrected(client, author, january, seconds="14")
    assert AskedPart.objects.awaited().exists()


def test_a_correction_that_lacks_an_answer_stays_a_draft_of_its_day(client, author, person):
    january = walked(author, person, 12, JANUARY)
    client.as_(author).post(at("correct", january))
    draft = QuestionnaireResponse.objects.drafts().get()
    sent = client.post(at("complete", draft), {"_seen": draft.version, "_window": "a"})
    assert sent.status_code == 422
    assert "Elle gardera cette date" in sent.text
