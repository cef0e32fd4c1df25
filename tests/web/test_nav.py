"""What the menu offers is open to whom it is offered."""

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.kernel.identifiers import uuid7
from cordee.web import nav
from cordee.web.context import shell
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.support import actor

pytestmark = pytest.mark.django_db

ROLES = sorted(nav.ANYONE - nav.OWN - nav.NURSE)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_is_offered_answers_that_it_is_forbidden(client, role):
    desk = OrganizationFactory(**{"kind": "home_help"} if role is Role.HOME_HELP else {})
    account = MembershipFactory(organization=desk, role=role.value).account
    client.as_(actor(role, desk, account_id=account.pk))
    offered = [one for one in (*nav.RAIL, *nav.DEEDS) if role in one.roles and one.href]
    shut = {one.view for one in offered if client.get(one.href).status_code in (403, 404)}
    assert shut == set()
    for href in offered_on(client.get(reverse("web:home"), follow=True)):
        assert client.get(href).status_code not in (403, 404), href


@pytest.mark.parametrize("role", sorted(nav.RAIL[0].roles))
def test_work_leads_to_the_list_of_what_waits(client, role):
    """The needs and alerts of who refused coordination wait on the list of the helpers."""
    desk = OrganizationFactory(**{"kind": "home_help"} if role is Role.HOME_HELP else {})
    account = MembershipFactory(organization=desk, role=role.value).account
    client.as_(actor(role, desk, account_id=account.pk))
    assert client.get(nav.RAIL[0].href).url == reverse("pathways:worklist")


@pytest.mark.parametrize("role", sorted(nav.OWN))
def test_who_is_helped_goes_back_to_their_own_space_from_anywhere(rf, role):
    request = rf.get("/personnes/01a21d17-f4ce-73cc-85f1-40e8e453e2bb/")
    request.actor = actor(role, account_id=uuid7())
    assert [(one.text, one.current) for one in shell(request)["nav"]] == [("Mon espace", True)]


def offered_on(answer):
    """The addresses of our own that a page leads to."""
    import re

    return {one for one in re.findall(r'href="(/[^"#?]*)', answer.text) if "static" not in one}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/a-faire", "Travail"),
        ("/a-faire/charge", "Travail"),
        ("/parcours/01a21d17-f4ce-73cc-85f1-40e8e453e2bb", "Personnes"),
        ("/plans/01a21d17-f4ce-73cc-85f1-40e8e453e2bb", "Personnes"),
        ("/personnes/", "Personnes"),
        ("/demandes/", "Demandes"),
        ("/ruptures", None),
    ],
)
def test_the_rail_says_where_one_stands_whatever_room_the_page_is_of(rf, path, place):
    request = rf.get(path)
    request.actor = actor(Role.COORDINATOR, OrganizationFactory(), account_id=uuid7())
    told = [one.text for one in shell(request)["nav"] if one.current]
    assert told == ([place] if place else [])
