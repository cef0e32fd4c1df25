"""Who reads an evaluation: by the category of its questionnaire; what is hidden has no shadow."""

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.access.sight import seen_by
from cordee.assessments.models import QuestionnaireResponse
from tests.assessments.scenes import at, author_of, followed, typed
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import SharingFactory, joins_circle
from tests.support import actor, facts, speaking_as

pytestmark = pytest.mark.django_db
PROTECTED = ["mental_health", "social"]
AUDIENCE = {"audience": "coordination", "choice": "consented"}


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
def colleague(dac):
    return author_of(dac, name="Une collègue")


def completed(client, author, person, category):
    """One evaluation, made through the door: its line is on the thread."""
    instrument = QuestionnaireFactory(category=category, title=f"Grille {category}")
    begin = reverse("assessments:begin", args=[person.pk, instrument.pk])
    client.as_(author).post(begin)
    draft = QuestionnaireResponse.objects.drafts().get()
    client.post(at("complete", draft), typed(draft, sort="oui"))
    return QuestionnaireResponse.objects.get(pk=draft.pk)


def pages_of(client, person):
    """All that is said of her evaluations: the panel, the list, the thread."""
    names = ("assessments:person_panel", "assessments:list", "people:thread", "web:person")
    return "".join(client.get(reverse(name, args=[person.pk])).text for name in names)


@pytest.mark.parametrize("category", PROTECTED)
def test_what_is_protected_is_read_by_its_author_and_with_her_consent(
    client, person, author, colleague, category
):
    made = completed(client, author, person, category)
    assert at("result", made) in pages_of(client, person)
    assert client.as_(colleague).get(at("result", made)).status_code == 404
    SharingFactory(person=person, category=category, **AUDIENCE)
    assert client.get(at("result", made)).status_code == 200
    assert at("result", made) in pages_of(client, person)


@pytest.mark.parametrize("category", PROTECTED)
def test_what_is_protected_casts_no_shadow(client, person, author, colleague, category):
    client.as_(colleague)
    before = {name: client.get(reverse(name, args=[person.pk])).text for name in SHADOWS}
    completed(client, author, person, category)
    client.as_(colleague)
    after = {name: client.get(reverse(name, args=[person.pk])).text for name in SHADOWS}
    gone = f"Grille {category}"
    assert "valuation de" not in after["people:thread"]
    assert gone not in after["assessments:person_panel"]
    assert before["assessments:person_panel"] == after["assessments:person_panel"]
    assert "Pas encore d’évaluation que vous puissiez lire" in after["assessments:list"]


SHADOWS = ("assessments:person_panel", "assessments:list", "people:thread")


def test_care_is_read_by_the_care_team_and_its_line_too(client, person, author):
    made = completed(client, author, person, "care")
    nurse = PractitionerFactory()
    joins_circle(person, practitioner=nurse)
    client.as_(speaking_as(nurse))
    assert client.get(at("result", made)).status_code == 200
    assert "Une évaluation a été faite" in pages_of(client, person)


def test_home_help_reads_no_care_and_begins_nothing(client, person, author):
    made = completed(client, author, person, "care")
    help_service = OrganizationFactory(kind="home_help")
    joins_circle(person, organization=help_service, role="home_help")
    client.as_(actor(Role.HOME_HELP, help_service, account_id=AccountFactory().pk))
    assert client.get(at("result", made)).status_code == 404
    said = pages_of(client, person)
    assert "valuation a été faite" not in said
    assert "Évaluer" not in client.get(reverse("assessments:person_panel", args=[person.pk])).text
    begin = reverse("assessments:begin", args=[person.pk, made.questionnaire_id])
    assert client.post(begin).status_code == 403


def test_her_opposition_to_sharing_care_hides_what_was_evaluated(client, person, author, colleague):
    made = completed(client, author, person, "care")
    SharingFactory(person=person, category="care", audience="coordination", choice="opposed")
    assert client.as_(colleague).get(at("result", made)).status_code == 404


def test_lines_say_identifiers_and_never_an_answer(client, person, author):
    for category in ("care", *PROTECTED):
        completed(client, author, person, category)
    lines = [one for one in facts() if one["kind"].startswith("assessments.")]
    assert [one["kind"].removeprefix("assessments.") for one in lines] == [
        "response_completed",
        "mental_health_response_completed",
        "social_response_completed",
    ]
    assert "oui" not in str([one["data"] for one in lines])


def test_the_second_lock_shows_a_draft_to_its_author_alone(person, author, colleague):
    ResponseFactory(draft=True, person=person, author_id=author.account_id)
    for reader, count in ((author, 1), (colleague, 0)):
        with seen_by(reader):
            assert QuestionnaireResponse._base_manager.count() == count
