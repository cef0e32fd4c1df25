"""As which information an instrument is read: shipped with why, chosen by who answers for it."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM, Actor, Role
from cordee.access.models import Trace
from cordee.assessments import selectors, services
from cordee.assessments.models import ComparableEditions, Questionnaire
from cordee.assessments.rules import about, reading
from cordee.assessments.rules.read_as import READINGS, read_otherwise
from cordee.assessments.shipped import publish_file, shipped_files
from cordee.kernel.errors import DomainError, Forbidden
from cordee.people.rules.sharing import Category
from tests.assessments.scenes import author_of, followed
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.support import NOW

pytestmark = pytest.mark.django_db
WHY = "Décision de la structure, d’après l’avis de sa déléguée à la protection des données."
LATER = NOW + timedelta(days=1)
(SHEET,) = (path for path in shipped_files() if path.stem == "carer-burden")


@pytest.fixture
def sheet():
    return publish_file(SHEET, actor=SYSTEM, now=NOW - timedelta(days=1))


def keeper(role=Role.DPO):
    return Actor(role=role, account_id=AccountFactory(name="Inès Faure").pk)


def chosen(sheet, category=Category.MENTAL_HEALTH, now=LATER):
    return services.read_as(
        actor=keeper(), questionnaire=sheet, category=category, why=WHY, now=now
    )


def test_each_reading_that_is_told_is_the_one_that_is_shipped():
    shipped = {}
    for path in shipped_files():
        read = reading.read(reading.loads(path.read_bytes()))
        shipped[read.url] = about.category_of(read)
    assert {url: category for url, (category, _) in READINGS.items()}.items() <= shipped.items()


@pytest.mark.parametrize("role", [Role.DPO, Role.ADMINISTRATOR])
def test_who_answers_for_the_data_reads_why_and_chooses_otherwise(client, sheet, role):
    client.as_(keeper(role))
    page = client.get(reverse("assessments:questionnaire", args=[sheet.pk])).text
    assert "La fiche de l’aidant se lit comme des soins" in page.replace("\u00a0", " ")
    asked = {"categorie": "mental_health", "pourquoi": WHY}
    to = client.post(reverse("assessments:publish", args=[sheet.pk]), asked).url
    made = Questionnaire.objects.active().get(url=sheet.url)
    assert to == reverse("assessments:questionnaire", args=[made.pk])
    assert (made.category, made.edition) == ("mental_health", "1.0+1.mental-health")
    assert "choisi par Inès Faure" in client.get(to).text
    assert WHY in client.get(to).text
    assert Trace.objects.filter(verb="assessments.read_as").exists()


@pytest.mark.parametrize("why", ["", "  ", "un\0mot", "x" * 601])
def test_a_choice_without_words_that_a_text_holds_changes_nothing(client, sheet, why):
    asked = {"categorie": "mental_health", "pourquoi": why}
    answer = client.as_(keeper()).post(reverse("assessments:publish", args=[sheet.pk]), asked)
    assert answer.status_code == 409
    assert [one.pk for one in Questionnaire.objects.active().filter(url=sheet.url)] == [sheet.pk]


@pytest.mark.parametrize("role", [Role.DPO, Role.ADMINISTRATOR])
def test_a_draft_is_published_by_no_other_reading_of_it(client, sheet, role):
    content = json.loads(SHEET.read_text()) | {"version": "2.0"}
    draft = services.import_questionnaire(actor=SYSTEM, content=content, now=NOW)
    asked = {"categorie": "mental_health", "pourquoi": WHY}
    answer = client.as_(keeper(role)).post(reverse("assessments:publish", args=[draft.pk]), asked)
    assert answer.status_code == 409
    assert [one.pk for one in Questionnaire.objects.active().filter(url=sheet.url)] == [sheet.pk]
    assert Questionnaire.objects.filter(url=sheet.url).count() == 2


def test_an_edition_whose_name_has_no_room_left_is_not_read_otherwise(tmp_path):
    path = tmp_path / SHEET.name
    path.write_text(json.dumps(json.loads(SHEET.read_text()) | {"version": "1" * 30}))
    with pytest.raises(DomainError) as refused:
        chosen(publish_file(path, actor=SYSTEM, now=NOW))
    assert refused.value.code == "assessments.edition_too_long"


def test_what_was_answered_stays_read_as_it_was_and_what_comes_is_read_otherwise(sheet):
    dac = OrganizationFactory(kind="dac")
    author, person = author_of(dac), followed(dac)
    before = services.begin(
        actor=author, response=selectors.blank(author, person, sheet, NOW), now=NOW
    )
    made = chosen(sheet)
    before.refresh_from_db()
    assert before.category == "care"
    assert selectors.blank(author, person, made, LATER).category == "mental_health"
    assert ComparableEditions.objects.get(edition=made).before == sheet
    back = chosen(made, Category.CARE, LATER + timedelta(days=1))
    assert (back.edition, back.category) == ("1.0+2.care", "care")


def test_the_text_is_the_same_to_the_letter(sheet):
    def less(text):
        return {name: value for name, value in text.items() if name not in ("version", "extension")}

    made = chosen(sheet)
    assert less(made.definition) == less(sheet.definition)
    assert made.definition["extension"] == [
        *sheet.definition["extension"],
        {"url": "urn:cordee:category", "valueCode": "mental_health"},
    ]
    twice = read_otherwise(made.definition, Category.CARE, 2)
    assert [one["url"] for one in twice["extension"]].count("urn:cordee:category") == 1


def test_nobody_else_chooses_and_not_without_a_reason(sheet):
    for role in (Role.COORDINATOR, Role.HOSPITAL, Role.ORIENTEUSE, Role.PRACTITIONER):
        with pytest.raises(Forbidden):
            services.read_as(
                actor=keeper(role),
                questionnaire=sheet,
                category=Category.SOCIAL,
                why=WHY,
                now=LATER,
            )
    with pytest.raises(DomainError, match="compared_without_words"):
        services.read_as(
            actor=keeper(), questionnaire=sheet, category=Category.SOCIAL, why=" ", now=LATER
        )
    assert (
        services.read_as(
            actor=keeper(), questionnaire=sheet, category=Category.CARE, why="", now=LATER
        )
        == sheet
    )
    made = chosen(sheet)
    sheet.refresh_from_db()
    with pytest.raises(DomainError, match="assessments.retired"):
        chosen(sheet, Category.SOCIAL)
    assert made.status == "active"


def test_what_is_shipped_afterwards_is_read_as_was_chosen(sheet, tmp_path):
    made = chosen(sheet)
    assert publish_file(SHEET, actor=SYSTEM, now=LATER).pk in (made.pk, sheet.pk)
    assert Questionnaire.objects.active().get(url=sheet.url) == made
    newer = tmp_path / "carer-burden.json"
    newer.write_text(json.dumps(json.loads(SHEET.read_text()) | {"version": "1.1"}))
    for _ in range(2):
        publish_file(newer, actor=SYSTEM, now=LATER + timedelta(days=1))
        found = Questionnaire.objects.active().get(url=sheet.url)
        assert (found.edition, found.category) == ("1.1+1.mental-health", "mental_health")
