"""What is clinical in a record, column by column and reader by reader, as their screens show it."""

import re
from datetime import date

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.people.models import Person
from cordee.people.rules.sharing import CLINICAL
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import (
    InformationFactory,
    PersonAccountFactory,
    PersonFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.support import actor, coordinator_of, orienteuse_of, speaking_as

pytestmark = pytest.mark.django_db
COLUMNS = Person.privacy.clinical.split()
# What a screen says of each column, where it may be read.
SAID = {
    "ald": "Affection de longue durée",
    "unable_since": "Hors d’état de s’exprimer",
    "protection": "curatelle",
}
CARERS = {"nurse", "hospital", "coordinator", "orienteuse", "person"}
READ_BY = {
    "ald": CARERS,
    "unable_since": CARERS,
    "protection": CARERS | {"social worker", "home help", "relative"},
}
READERS = ["nurse", "hospital", "social worker", "home help", "coordinator", "orienteuse",
           "desk", "relative", "person"]  # fmt: skip


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def person(desk):
    return PersonFactory(
        territory=desk.territory,
        ald=True,
        protection="assisted",
        unable_since=date(2026, 2, 3),
    )


def reader(name, person, desk):
    """Each of them in the care team, but the desk: it has the least view."""
    if name in ("nurse", "social worker"):
        profession = "60" if name == "nurse" else "41"
        practitioner = PractitionerFactory(profession=profession)
        joins_circle(person, practitioner=practitioner)
        return speaking_as(practitioner, account_id=AccountFactory().pk)
    if name == "desk":
        return orienteuse_of(desk)
    if name in ("person", "relative"):
        return own_space(name, person)
    organization = OrganizationFactory()
    joins_circle(person, organization=organization)
    if name == "coordinator":
        return coordinator_of(organization)
    if name == "orienteuse":
        return orienteuse_of(organization)
    if name == "home help":
        return actor(Role.HOME_HELP, organization)
    return actor(Role.HOSPITAL, organization, profession="10")


def own_space(name, person):
    account = AccountFactory().pk
    if name == "relative":
        relative = RelativeFactory(person=person)
        PersonAccountFactory(person=person, account_id=account, relative=relative)
        for category in ("identity", "coordination"):
            SharingFactory(
                person=person, category=category, audience="relatives", choice="consented"
            )
    role = Role(name)
    return actor(role, account_id=account, person_ids=frozenset({person.pk}))


def test_each_clinical_column_has_a_category_that_somebody_decided():
    assert set(COLUMNS) == set(CLINICAL) == set(SAID) == set(READ_BY)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("name", READERS)
def test_a_clinical_column_is_read_by_whom_its_category_says(client, desk, person, column, name):
    InformationFactory(person=person)
    speaking = client.as_(reader(name, person, desk))
    shown = speaking.get(reverse("people:identity_panel", args=[person.pk]))
    assert shown.status_code == 200
    assert (SAID[column] in shown.text) is (name in READ_BY[column])
    edited = speaking.get(reverse("people:edit", args=[person.pk]))
    if edited.status_code == 200:
        assert (f'name="{column}"' in edited.text) is (name in READ_BY[column])
    else:
        assert name in ("person", "relative")


@pytest.mark.parametrize("column", ["ald", "unable_since"])
def test_before_the_person_is_informed_the_team_reads_no_finding_on_health(
    client, desk, person, column
):
    for name in ("nurse", "hospital", "coordinator", "orienteuse"):
        speaking = client.as_(reader(name, person, desk))
        for page in ("identity_panel", "edit"):
            shown = speaking.get(reverse(f"people:{page}", args=[person.pk])).text
            assert SAID[column] not in shown, (name, page)


@pytest.mark.parametrize("name", ["home help", "social worker"])
def test_neither_the_page_of_choices_nor_a_refusal_tells_that_somebody_cannot_speak(
    client, desk, person, name
):
    InformationFactory(person=person)
    speaking = client.as_(reader(name, person, desk))
    page = reverse("people:choices", args=[person.pk])
    shown = speaking.get(page).text
    assert "hors d’état" not in shown.lower()
    assert 'name="hands_notice"' in shown  # as for anybody else
    sent = {"speaker": "person", "how": "oral", "category": "care", "audience": "social",
            "choice": "consented", "hands_notice": "on"}  # fmt: skip
    refused = speaking.post(reverse("people:share", args=[person.pk]), sent)
    assert refused.status_code == 409
    assert "coordination de référence" in refused.text
    assert "Personne ne peut donner" not in refused.text


def test_who_reads_care_is_told_why_nobody_may_consent(client, desk, person):
    InformationFactory(person=person)
    speaking = client.as_(reader("coordinator", person, desk))
    shown = speaking.get(reverse("people:choices", args=[person.pk])).text
    assert "hors d’état" in shown.lower()
    sent = {"speaker": "person", "how": "oral", "category": "care", "audience": "social",
            "choice": "consented"}  # fmt: skip
    refused = speaking.post(reverse("people:share", args=[person.pk]), sent)
    assert "Personne ne peut donner cet accord" in refused.text


@pytest.mark.parametrize("page", ["web:person", "people:edit", "people:thread"])
def test_the_banner_tells_the_desk_of_the_territory_of_no_measure(client, desk, person, page):
    address = reverse(page, args=[person.pk])
    assert "curatelle" not in banner(client.as_(orienteuse_of(desk)).get(address).text)
    joined = client.as_(reader("coordinator", person, desk)).get(address).text
    assert "curatelle" in banner(joined)


def banner(shown):
    """What stays in view above a page."""
    (found,) = re.findall(r'<header class="person-banner".*?</header>', shown, re.DOTALL)
    return found.lower()


def test_a_correction_by_who_does_not_read_care_leaves_it_as_it_was(client, desk, person):
    speaking = client.as_(reader("home help", person, desk))
    sent = {"birth_name": person.birth_name, "protection": "guarded", "unable_since": "", "ald": ""}
    answer = speaking.post(reverse("people:edit", args=[person.pk]), sent)
    assert answer.status_code == 302
    person.refresh_from_db()
    assert (person.ald, person.unable_since) == (True, date(2026, 2, 3))
    assert person.protection == "guarded"
