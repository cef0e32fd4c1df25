"""Whoever left follows nothing more: the page of a request does not name them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.models import Account
from cordee.directory.models import Membership
from cordee.intake import jobs, services
from cordee.web.services import take_role_back
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory, desk_of
from tests.pathways.test_morning import (
    account_alone_closes,
    closing,
    loses_their_account,
    loses_their_role,
)
from tests.support import Browser, facts, run_jobs

pytestmark = pytest.mark.django_db
PAST = date(2026, 1, 1)


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def leaving(desk):
    account = AccountFactory(name="Béatrice Aubert")
    MembershipFactory(account=account, organization=desk, role="orienteuse", since=PAST)
    return account


def followed_by(account, desk, **more):
    return CareRequestFactory(organization=desk, owner=account, **more)


def owner_of(request):
    request.refresh_from_db()
    return request.owner_id


def page_of(request, desk):
    speaking = Browser().as_(desk_of(desk))
    speaking.now = timezone.now()
    return speaking.get(reverse("intake:request", args=[request.pk])).text


def loses_their_role_of(account, role):
    held = Membership.objects.get(account=account, role=role)
    take_role_back(actor=closing(), membership=held, now=timezone.now())


@pytest.mark.parametrize("leaves", [loses_their_role, loses_their_account])
def test_what_they_followed_is_the_teams(desk, leaving, leaves):
    request = followed_by(leaving, desk)
    assert "suivie par Béatrice Aubert" in page_of(request, desk)
    leaves(leaving)
    run_jobs()
    assert owner_of(request) is None
    assert "suivie par personne encore" in page_of(request, desk)


def test_who_keeps_it_tonight_keeps_it(desk, leaving):
    keeper = AccountFactory()
    MembershipFactory(account=keeper, organization=desk, role="orienteuse", since=PAST)
    request = followed_by(leaving, desk)
    by = services.Keeper(keeper.pk, "on_call", timezone.now() + timedelta(hours=12))
    services.keep(actor=desk_of(desk), request=request, by=by, now=timezone.now())
    loses_their_role(leaving)
    run_jobs()
    assert owner_of(request) is None
    assert request.keeper_id == keeper.pk


def test_what_is_over_says_who_followed_it(desk, leaving):
    over = {"ended_at": timezone.now(), "told_at": timezone.now()}
    request = followed_by(leaving, desk, state="closed", **over)
    loses_their_role(leaving)
    run_jobs()
    assert owner_of(request) == leaving.pk


def test_who_holds_another_role_there_still_follows(desk, leaving):
    MembershipFactory(account=leaving, organization=desk, role="coordinator", since=PAST)
    request = followed_by(leaving, desk)
    loses_their_role_of(leaving, "orienteuse")
    run_jobs()
    assert owner_of(request) == leaving.pk


def test_at_night_what_was_left_before_is_found_once(desk, leaving):
    mine = AccountFactory()
    MembershipFactory(account=mine, organization=desk, role="orienteuse", since=PAST)
    left, kept = followed_by(leaving, desk), followed_by(mine, desk)
    account_alone_closes(leaving)
    assert not Account.objects.get(pk=leaving.pk).is_active
    for _ in range(2):
        jobs.leave_to_teams()
        run_jobs()
    assert (owner_of(left), owner_of(kept)) == (None, mine.pk)
    assert len(facts("intake.request_taken")) == 1
