"""Who gave which role to whom: shown to the DPO and to the administrator, the latest first."""

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.support import NOW, actor

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
