"""An administrator reads no person's record: nobody gives themselves a role that would."""

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.directory.models import Membership
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.support import NOW, actor, facts

pytestmark = pytest.mark.django_db


def gives(client, organization, giver, holder):
    client.as_(actor(Role.ADMINISTRATOR, organization, account_id=giver.pk))
    said = {
        "organization": organization.pk,
        "role": "orienteuse",
        "since": NOW.date().isoformat(),
    }
    return client.post(reverse("web:give_role", args=[holder.pk]), said)


def test_nobody_gives_a_role_to_their_own_account(client):
    administrator = AccountFactory()
    answer = gives(client, OrganizationFactory(), administrator, administrator)
    assert answer.status_code == 409
    assert "vous donner un rôle à vous-même" in answer.text
    assert not Membership.objects.exists()
    assert not facts("directory.membership_given")


def test_a_role_given_to_somebody_else_is_a_fact_that_says_who_gave_it(client):
    administrator, other, sio = AccountFactory(), AccountFactory(), OrganizationFactory()
    assert gives(client, sio, administrator, other).status_code == 303
    [given] = facts("directory.membership_given")
    assert given["subject"] == str(Membership.objects.get().pk)
    assert given["data"] | {"account_id": str(other.pk), "role": "orienteuse"} == given["data"]
    assert str(administrator.pk) in str(given["actor"])
