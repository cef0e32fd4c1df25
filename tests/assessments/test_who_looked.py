"""What the list of who opened a record says of evaluations: nothing of what is hidden."""

import pytest
from django.urls import reverse

from cordee.access import trace
from cordee.access.actor import Role
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules.limits import LONGEST
from tests.assessments.scenes import at, author_of, followed, typed
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonAccountFactory, RelativeFactory
from tests.support import actor, arranging, coordinator_of, traces

pytestmark = pytest.mark.django_db
QUICK = {"HX-Request": "true"}


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def author(dac):
    return author_of(dac)


@pytest.fixture
def person(dac):
    return followed(dac)


@pytest.fixture
def guardian(person):
    """A relative who holds her voice."""
    with arranging():
        type(person).objects.filter(pk=person.pk).update(protection="guarded")
    relative = RelativeFactory(person=person, is_representative=True)
    space = PersonAccountFactory(person=person, relative=relative)
    return actor(Role.RELATIVE, account_id=space.account_id, person_ids=frozenset({person.pk}))


def list_of(client, reader, person):
    return client.as_(reader).get(reverse("people:traces_panel", args=[person.pk])).text


def begun(client, author, person, category="care"):
    instrument = QuestionnaireFactory(category=category)
    client.as_(author).post(reverse("assessments:begin", args=[person.pk, instrument.pk]))
    return QuestionnaireResponse.objects.drafts().get()


def test_who_holds_her_voice_is_not_told_that_she_was_evaluated(client, author, person, guardian):
    draft = begun(client, author, person, "mental_health")
    client.post(at("complete", draft), typed(draft, sort="oui"))
    told = list_of(client, guardian, person)
    assert "Ahmed Diallo" in told
    assert "a mis à jour ce qui concerne la personne" in told
    assert "évaluation" not in told


def test_a_draft_kept_a_hundred_times_pushes_nobody_out_of_the_list(
    client, dac, author, person, guardian
):
    curious = coordinator_of(dac, account_id=AccountFactory(name="Lucie Bernard").pk)
    trace.read(curious, person)
    draft = begun(client, author, person)
    for steps in range(101):
        client.post(at("save", draft), typed(draft, sort="oui", pas=str(steps)), headers=QUICK)
    told = list_of(client, guardian, person)
    assert "Lucie Bernard" in told
    assert told.count("Ahmed Diallo") < 5


def test_what_is_kept_already_is_not_written_again(client, author, person):
    draft = begun(client, author, person)
    for _ in range(3):
        answer = client.post(at("save", draft), typed(draft, sort="oui"), headers=QUICK)
        assert "Brouillon gardé" in answer.text
    draft.refresh_from_db()
    assert draft.version == 2
    assert [one["verb"] for one in traces("act")].count("assessments.answer") == 1


def test_a_text_too_long_is_said_and_not_kept(client, author, person):
    draft = ResponseFactory(draft=True, person=person, author_id=author.account_id, items=[])
    fields = typed(draft, sort="non", pourquoi="a" * (LONGEST + 1))
    answer = client.as_(author).post(at("save", draft), fields)
    assert "20\u202f000 au plus" in answer.text
    draft.refresh_from_db()
    assert "pourquoi" not in str(draft.items)
    assert "non" in str(draft.items)
