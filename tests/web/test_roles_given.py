"""Who gave which role to whom: shown to the DPO and to the administrator, the latest first."""

import json

import pytest
from django.db import connection
from django.urls import reverse

from cordee.access.actor import Role
from cordee.access.policy import visible
from cordee.directory.kinds import MembershipRole
from cordee.kernel.models import FactContent, FactHeader
from cordee.people.selectors import role_lines
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.support import NOW, actor, arranging

pytestmark = pytest.mark.django_db
TITLE = "Rôles donnés et retirés"


@pytest.fixture
def giver():
    return AccountFactory(name="Hugo Marin")


@pytest.fixture
def given(client, giver):
    """A role given to Claire in the Champsaur, then taken back."""
    claire, sio = AccountFactory(name="Claire Roux"), OrganizationFactory(name="SIO du Champsaur")
    client.as_(actor(Role.ADMINISTRATOR, OrganizationFactory(), account_id=giver.pk))
    said = {"organization": sio.pk, "role": "orienteuse", "since": NOW.date().isoformat()}
    assert client.post(reverse("web:give_role", args=[claire.pk]), said).status_code == 303
    role = claire.memberships.get()
    assert client.post(reverse("web:end_role", args=[role.pk])).status_code == 303


def section(client):
    page = client.text
    return page[page.index(TITLE) :]


@pytest.mark.parametrize(
    ("role", "address"), [(Role.ADMINISTRATOR, "web:accounts"), (Role.DPO, "web:traces")]
)
def test_each_role_given_or_taken_back_is_shown(client, giver, given, role, address):
    client.as_(actor(role, OrganizationFactory(), account_id=giver.pk))
    shown = section(client.get(reverse(address)))
    for word in ("Hugo Marin", "Claire Roux", "SIO du Champsaur", "orient", "donné", "retiré"):
        assert word in shown
    assert shown.index(">retiré") < shown.index(">donné")
    label = MembershipRole.ORIENTEUSE.label
    assert f">retiré\u00a0: {label}<" in shown
    assert f">donné\u00a0: {label}<" in shown


def test_an_end_that_was_said_without_its_role_is_shown_without_it(client, giver):
    """The thread is never rewritten: lines of before stay as they are."""
    holder, sio = AccountFactory(name="Claire Roux"), OrganizationFactory()
    data = {"account_id": str(holder.pk), "organization_id": str(sio.pk)}
    with connection.cursor() as cursor, arranging():
        cursor.execute(
            "SELECT kernel_append('directory.membership_ended', NULL, %s, 'form', '', '{}', %s)",
            [NOW, json.dumps(data)],
        )
    client.as_(actor(Role.DPO, OrganizationFactory(), account_id=giver.pk))
    shown = section(client.get(reverse("web:traces")))
    assert ">retiré<" in shown
    assert "Claire Roux" in shown


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR, Role.DPO, Role.SYSTEM}))
def test_every_other_role_is_refused_the_lines_of_roles(given, role):
    reader = actor(role, OrganizationFactory())
    assert role_lines(reader) == []
    for table in (FactHeader, FactContent):
        path = "fact__kind" if table is FactContent else "kind"
        rows = table._default_manager.filter(**{f"{path}__startswith": "directory.membership_"})
        assert rows.exists()
        assert not visible(rows, reader).exists()
