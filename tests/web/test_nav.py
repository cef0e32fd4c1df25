"""What the menu offers is open to whom it is offered."""

import pytest
from django.urls import reverse

from cordee.web import nav
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.support import actor

pytestmark = pytest.mark.django_db

ROLES = sorted(nav.ANYONE - nav.OWN - nav.NURSE)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_is_offered_answers_that_it_is_forbidden(client, role):
    desk = OrganizationFactory()
    account = MembershipFactory(organization=desk, role=role.value).account
    client.as_(actor(role, desk, account_id=account.pk))
    offered = [one for one in (*nav.RAIL, *nav.DEEDS) if role in one.roles and one.href]
    shut = {one.view for one in offered if client.get(one.href).status_code in (403, 404)}
    assert shut == set()
    for href in offered_on(client.get(reverse("web:home"), follow=True)):
        assert client.get(href).status_code not in (403, 404), href


def offered_on(answer):
    """The addresses of our own that a page leads to."""
    import re

    return {one for one in re.findall(r'href="(/[^"#?]*)', answer.text) if "static" not in one}
