"""The data protection officer reads the trace of the house, and no name of a person in it."""

import pytest

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

    assert "refusé" in dpo.get(TRACES + "?nature=refused").content.decode()
    assert "people.read" not in dpo.get(TRACES + "?nature=list").content.decode()
    assert dpo.get(TRACES + "?nature='--&avant=x").status_code == 200


def test_older_lines_follow(dpo):
    for _ in range(60):
        trace.refused(actor(Role.COORDINATOR), "people.read")

    page = dpo.get(TRACES + "?nature=refused").content.decode()

    assert page.count('scope="row"') == 50
    older = page.partition("avant=")[2].partition('"')[0]
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
