"""The instruments of the house: brought by a file, published for good, one edition at a time."""

import json
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from cordee.access.action import gesture
from cordee.access.actor import Role
from cordee.assessments import demo, services
from cordee.assessments.models import Questionnaire
from cordee.assessments.shipped import shipped_files
from tests.assessments.scenes import author_of
from tests.factories.assessments import QuestionnaireFactory, definition
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.support import NOW, Browser, actor, facts, simultaneously, until_somebody_waits

pytestmark = pytest.mark.django_db
BRING = "/questionnaires/apporter"


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def admin(dac):
    return actor(Role.ADMINISTRATOR, dac, account_id=AccountFactory().pk)


def a_file(content):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return {"fichier": SimpleUploadedFile("q.json", body, "application/json")}


def publish(one):
    return reverse("assessments:publish", args=[one.pk])


def read(one):
    """What the page of an edition posts: the text that it shows."""
    return {"empreinte": one.digest}


def test_what_was_replaced_since_it_was_read_is_not_published(client, dac, admin):
    client.as_(author_of(dac)).post(BRING, a_file(definition()))
    brought = Questionnaire.objects.get()
    page = client.as_(admin).get(reverse("assessments:questionnaire", args=[brought.pk])).text
    assert f'name="empreinte" value="{brought.digest}"' in page
    client.as_(author_of(dac)).post(BRING, a_file(definition(title="Un autre titre")))
    refused = client.as_(admin).post(publish(brought), read(brought))
    assert refused.status_code == 409
    assert "a été remplacé depuis" in refused.text
    assert client.post(publish(brought)).status_code == 409
    brought.refresh_from_db()
    assert (brought.status, brought.title) == ("draft", "Un autre titre")


@pytest.mark.django_db(transaction=True)
def test_an_import_waits_for_who_publishes_and_then_says_that_it_is_published(dac, admin):
    one = QuestionnaireFactory(status="draft", published_at=None)
    other = definition(one.url, one.edition, "Un autre titre")
    with ThreadPoolExecutor(1) as pool:
        with gesture(actor=admin, verb="test.arrange", now=NOW):
            services.publish_questionnaire(
                actor=admin, questionnaire=one, digest=one.digest, now=NOW
            )
            late = pool.submit(lambda: brings(dac, other))
            until_somebody_waits()
        answer = late.result()
    assert answer.status_code == 409
    assert "existe déjà avec un autre texte" in answer.text


def brings(dac, content):
    try:
        return Browser().as_(author_of(dac)).post(BRING, a_file(content))
    finally:
        connection.close()


def test_a_coordinator_brings_and_administration_publishes(client, dac, admin):
    client.as_(author_of(dac))
    client.post(BRING, a_file(definition()))
    brought = Questionnaire.objects.get()
    assert (brought.status, brought.edition) == ("draft", "1")
    page = client.get(reverse("assessments:questionnaire", args=[brought.pk])).text
    assert "Sort de chez elle" in page
    assert client.post(publish(brought)).status_code == 403
    client.as_(admin).post(publish(brought), read(brought))
    brought.refresh_from_db()
    assert brought.status == "active"
    (line,) = facts("assessments.questionnaire_published")
    assert line["data"]["digest"] == brought.digest


def test_all_that_is_not_supported_is_listed_and_nothing_is_kept(client, dac):
    wrong = definition(experimental=True, effectivePeriode={}, item=[])
    wrong["item"] = [{"linkId": "a", "type": "attachment"}, {"linkId": "a", "type": "string"}]
    refused = client.as_(author_of(dac)).post(BRING, a_file(wrong))
    assert refused.status_code == 422
    assert "attachment" in refused.text
    assert "effectivePeriode" in refused.text
    assert not Questionnaire.objects.exists()


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[1", b"[]", b"{}", b"[" * 100_000])
def test_what_is_no_questionnaire_is_said(client, dac, body):
    refused = client.as_(author_of(dac)).post(BRING, a_file(body))
    assert refused.status_code == 422
    assert not Questionnaire.objects.exists()


def test_a_category_that_is_not_one_is_never_guessed(client, dac):
    refused = client.as_(author_of(dac)).post(BRING, a_file(definition(category="secret")))
    assert refused.status_code == 409
    assert "catégorie d’information inconnue" in refused.text


def test_what_is_published_is_not_replaced_under_its_number(client, dac):
    kept = QuestionnaireFactory()
    other = definition(kept.url, kept.edition, "Un autre titre")
    refused = client.as_(author_of(dac)).post(BRING, a_file(other))
    assert refused.status_code == 409
    assert "existe déjà avec un autre texte" in refused.text


def test_a_new_edition_retires_the_one_in_use(client, admin):
    old = QuestionnaireFactory()
    new = QuestionnaireFactory(url=old.url, edition="2", status="draft", published_at=None)
    client.as_(admin).post(publish(new), read(new))
    states = dict(Questionnaire.objects.values_list("edition", "status"))
    assert states == {"1": "retired", "2": "active"}
    assert client.post(publish(old)).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_two_editions_published_at_once_leave_one_in_use(admin):
    one = QuestionnaireFactory(status="draft", published_at=None)
    two = QuestionnaireFactory(url=one.url, edition="2", status="draft", published_at=None)
    answers = simultaneously(
        *[
            lambda each=each: Browser().as_(admin).post(publish(each), read(each))
            for each in (one, two)
        ]
    )
    assert {answer.status_code for answer in answers} <= {302, 409}
    assert Questionnaire.objects.active().count() == 1


def test_the_command_publishes_what_is_shipped_and_may_run_again():
    for _ in range(2):
        call_command("publish_questionnaire", shipped=True, stdout=StringIO())
    assert Questionnaire.objects.active().count() == len(shipped_files())
    assert len(facts("assessments.questionnaire_published")) == len(shipped_files())
    protected = Questionnaire.objects.exclude(category="care")
    assert {"epices", "gds-15", "mini-gds"} <= set(protected.values_list("name", flat=True))


def test_the_command_prints_every_problem_and_fails(tmp_path):
    wrong, right = tmp_path / "wrong.json", tmp_path / "right.json"
    wrong.write_text(json.dumps(definition(item=[{"linkId": "a", "type": "attachment"}])))
    right.write_text(json.dumps(definition()))
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("publish_questionnaire", wrong, right, stderr=said, stdout=StringIO())
    assert "attachment" in said.getvalue()
    assert Questionnaire.objects.active().count() == 1


def test_a_demonstration_starts_again_when_a_shipped_text_has_changed_since():
    QuestionnaireFactory(url="urn:cordee:questionnaire:aggir", edition="1.0", title="D’avant")
    demo.load(NOW)
    assert Questionnaire.objects.get(url="urn:cordee:questionnaire:aggir").title == "D’avant"
    assert Questionnaire.objects.active().count() == len(shipped_files())
