"""A role that ends by its date gives back what it held, as one that a gesture ends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.directory import selectors as directory
from cordee.directory import services
from cordee.directory.jobs import end_memberships
from cordee.pathways.policy import OWN
from tests.factories.directory import CoverFactory, MembershipFactory
from tests.factories.pathways import TaskFactory
from tests.support import PARIS, facts, run_jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def leaving(desk, now):
    """Somebody whose last day was yesterday."""
    today = now.astimezone(PARIS).date()
    return MembershipFactory(organization=desk, since=today - 30 * DAY, until=today - DAY)


def test_what_was_in_hand_goes_to_the_team_and_covers_end_once(desk, leaving, now):
    tomorrow = now.astimezone(PARIS).date() + DAY
    still_here = MembershipFactory(organization=desk, since=leaving.since, until=tomorrow)
    cover = CoverFactory(cover=leaving.account, since=now - 2 * DAY)
    held = TaskFactory(organization=desk, assignee=leaving.account)
    kept = TaskFactory(organization=desk, assignee=still_here.account)

    for _ in range(2):
        end_memberships()
        run_jobs()

    held.refresh_from_db()
    kept.refresh_from_db()
    assert (held.state, held.assignee) == ("open", None)
    assert kept.assignee == still_here.account
    assert directory.accounts_covering(cover.absent, timezone.now()) == []
    said = facts("directory.membership_ended")
    assert [one["data"]["membership_id"] for one in said] == [str(leaving.pk)]


def test_what_was_theirs_alone_leaves_the_list_with_them(desk, leaving, now):
    own = TaskFactory(organization=desk, assignee=leaving.account, role=OWN)
    end_memberships()
    run_jobs()
    own.refresh_from_db()
    assert own.state == "dropped"


def test_who_holds_another_role_there_keeps_what_they_do(desk, leaving, now):
    MembershipFactory(
        organization=desk, account=leaving.account, role="coordinator", since=leaving.since
    )
    held = TaskFactory(organization=desk, assignee=leaving.account)
    end_memberships()
    run_jobs()
    held.refresh_from_db()
    assert held.assignee == leaving.account


def test_the_end_that_a_gesture_said_is_not_said_again(desk, now):
    today = now.astimezone(PARIS).date()
    leaving = MembershipFactory(organization=desk, since=today - 30 * DAY)
    services.end_membership(actor=SYSTEM, membership=leaving, last_day=today - DAY, now=now)
    end_memberships()
    assert len(facts("directory.membership_ended")) == 1


def test_an_end_said_ahead_takes_effect_the_day_after(desk, now):
    today = now.astimezone(PARIS).date()
    leaving = MembershipFactory(organization=desk, since=today - 30 * DAY)
    held = TaskFactory(organization=desk, assignee=leaving.account)
    before = now - 3 * DAY
    services.end_membership(actor=SYSTEM, membership=leaving, last_day=today - DAY, now=before)
    leaving.refresh_from_db()
    assert leaving.end_said_at is None
    end_memberships()
    run_jobs()
    held.refresh_from_db()
    assert held.assignee is None
