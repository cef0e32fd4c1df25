"""The data protection officer reads the trace of the house, and no name of a person in it."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from cordee.access import trace
from cordee.access.actor import Role
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory
from tests.support import actor, orienteuse_of, traces

pytestmark = pytest.mark.django_db
TRACES = "/traces/"


@pytest.fixture
def dpo(client):
    return client.as_(actor(Role.DPO, OrganizationFactory(), account_id=AccountFactory().pk))


def test_who_did_what_is_told_without_saying_to_whom(dpo):
    person = PersonFactory(birth_name="Introuvable")
    nurse = AccountFactory(name="Claire Roux")
    trace.read(orienteuse_of(OrganizationFactory(), account_id=nurse.pk), person)

    shown = dpo.get(TRACES).content.decode()

    assert "Claire Roux" in shown
    assert "a ouvert la page" in shown
    assert "Introuvable" not in shown
    assert str(person.pk) not in shown


def test_lines_are_narrowed_by_nature_and_nonsense_is_ignored(dpo):
    trace.refused(actor(Role.COORDINATOR), "people.read")

    assert "people.read" in dpo.get(TRACES + "?nature=refused").content.decode()
    assert "people.read" not in dpo.get(TRACES + "?nature=list").content.decode()
    nonsense = "?nature='--&avant=x&compte=7&service=rien&jour=2026-02-30"
    assert "people.read" in dpo.get(TRACES + nonsense).content.decode()


def lines_of(dpo, **filters):
    """How many lines an address shows, the audit of it left aside."""
    found = dpo.get(TRACES, filters).content.decode()
    return found.count("people.read")


def test_lines_are_narrowed_by_account_and_by_service(dpo):
    here, there = OrganizationFactory(), OrganizationFactory()
    claire, hugo = AccountFactory(name="Claire Roux"), AccountFactory(name="Hugo Marin")
    trace.refused(orienteuse_of(here, account_id=claire.pk), "people.read")
    trace.refused(orienteuse_of(here, account_id=hugo.pk), "people.read")
    trace.refused(orienteuse_of(there, account_id=hugo.pk), "people.read")

    assert lines_of(dpo) == 3
    assert lines_of(dpo, compte=claire.pk) == 1
    assert lines_of(dpo, compte=hugo.pk) == 2
    assert lines_of(dpo, service=here.pk) == 2
    assert lines_of(dpo, service=there.pk, compte=hugo.pk) == 1
    assert lines_of(dpo, service=there.pk, compte=claire.pk) == 0
    page = dpo.get(TRACES, {"compte": claire.pk}).content.decode()
    assert "Lignes de <strong>Claire Roux</strong>" in page


def test_lines_are_narrowed_to_a_day_of_paris(dpo):
    trace.refused(actor(Role.COORDINATOR), "people.read")
    with connection.cursor() as cursor:
        cursor.execute("SELECT (at AT TIME ZONE 'Europe/Paris')::date FROM access_trace LIMIT 1")
        today = cursor.fetchone()[0]

    assert lines_of(dpo, jour=today) == 1
    assert lines_of(dpo, jour=today - timedelta(days=1)) == 0
    assert lines_of(dpo, jour=today + timedelta(days=1)) == 0
    assert lines_of(dpo, jour="9999-12-31") == 1  # beyond reason: as if it were not asked


def test_an_account_is_found_by_its_name_which_stands_in_no_address(dpo):
    claire = AccountFactory(name="Claire Roux")
    AccountFactory(name="Hugo Marin", email="h.marin@exemple.fr")
    AccountFactory(name="Hugo Marin-Prat", email="h.prat@exemple.fr")

    found = dpo.post(TRACES + "comptes", {"qui": "claire roux"})
    assert (found.status_code, found.url) == (303, f"{TRACES}?compte={claire.pk}")
    several = dpo.post(TRACES + "comptes", {"qui": "marin"}).content.decode()
    assert several.count("?compte=") == 2
    nobody = dpo.post(TRACES + "comptes", {"qui": "personne de ce nom"})
    assert nobody.status_code == 422
    assert "Aucun compte" in nobody.content.decode()


def test_older_lines_follow(dpo):
    for _ in range(60):
        trace.refused(actor(Role.COORDINATOR), "people.read")

    page = dpo.get(TRACES + "?nature=refused").content.decode()

    assert page.count('scope="row"') == 50
    older = re.search(r'href="[^"]*avant=(\d+)', page)[1]
    assert (
        dpo.get(f"{TRACES}?nature=refused&avant={older}").content.decode().count('scope="row"')
        == 10
    )


def test_auditing_is_itself_traced(dpo):
    dpo.get(TRACES)

    assert traces("session")[-1]["verb"] == "web.audit"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.COORDINATOR, Role.PERSON])
def test_nobody_else_audits(client, role):
    speaker = actor(role, OrganizationFactory())

    assert client.as_(speaker).get(TRACES).status_code == 403
    assert client.post(TRACES + "comptes", {"qui": "claire"}).status_code == 403
