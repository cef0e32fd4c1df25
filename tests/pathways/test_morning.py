"""What follows somebody goes to them while they work there; whoever left leaves it to the team."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from cordee.access.actor import Role
from cordee.access.models import Account
from cordee.directory.models import Membership
from cordee.intake import services as intake
from cordee.intake.models import CareRequest
from cordee.pathways import services
from cordee.pathways.models import Task
from cordee.plans import services as plans
from cordee.web.services import revoke_account, take_role_back
from tests.factories.broker import nurse
from tests.factories.directory import AccountFactory, MembershipFactory, PoleFactory, ShiftFactory
from tests.factories.pathways import TaskFactory
from tests.intake.test_public_door import asked_online
from tests.intake.test_service import partner, service, territory_holds
from tests.pathways.test_conductor import qualify, tasks_of
from tests.plans.scene import active, set_around
from tests.support import NOW, actor, coordinator_of, orienteuse_of, run_jobs

__all__ = ["partner", "service"]
pytestmark = pytest.mark.django_db
PAST = date(2026, 1, 1)
LIST = "/a-faire"


def colleague(desk, name, role="orienteuse"):
    account = AccountFactory(name=name)
    MembershipFactory(account=account, organization=desk, role=role, since=PAST)
    return account


def loses_their_role(account):
    role = Membership.objects.get(account=account)
    take_role_back(actor=closing(), membership=role, now=timezone.now())


def loses_their_account(account):
    revoke_account(actor=closing(), account=account, now=timezone.now())


def account_alone_closes(account):
    """No role of theirs was said to end."""
    Account.objects.filter(pk=account.pk).update(is_active=False, closed_at=timezone.now())


def closing():
    return actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk)


LEAVES = [loses_their_role, loses_their_account, account_alone_closes]


@pytest.mark.parametrize("leaves", LEAVES)
def test_in_the_morning_the_tasks_of_who_left_are_on_the_list_of_the_team(
    client, request_, desk, orienteuse, now, leaves, monkeypatch
):
    owner, keeper = colleague(desk, "Béatrice Aubert"), colleague(desk, "Claire Roux")
    nurse()
    intake.take(actor=orienteuse, request=request_, account_id=owner.pk, now=timezone.now())
    leaves(owner)
    morning = timezone.now() + timedelta(hours=14)
    by = intake.Keeper(keeper.pk, "on_call", morning)
    intake.keep(actor=orienteuse, request=request_, by=by, now=timezone.now())
    qualify(request_, orienteuse, now)
    assert tasks_of(request_) == {"await_answer": keeper.pk}

    at_opening = morning + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: at_opening)
    run_jobs(until=morning)

    assert tasks_of(request_) == {"await_answer": None}
    client.now = at_opening
    opens = orienteuse_of(desk, account_id=colleague(desk, "Inès Faure").pk)
    (task,) = Task.objects.open().about(f"intake/request/{request_.pk}")
    assert str(task.pk) in client.as_(opens).get(LIST).text


@pytest.mark.parametrize("leaves", LEAVES)
def test_the_tasks_of_a_plan_go_to_the_team_when_its_new_referent_left_meanwhile(leaves):
    around = set_around()
    mine = Account.objects.get(pk=around.coordinator.account_id)
    MembershipFactory(account=mine, organization=around.dac, role="coordinator", since=PAST)
    lina = colleague(around.dac, "Lina Morel", role="coordinator")
    plan, _ = active(around)
    plans.hand_over(actor=around.coordinator, plan=plan, to=mine, now=NOW)
    run_jobs()
    assert {task.assignee_id for task in Task.objects.open()} == {mine.pk}

    plans.hand_over(actor=around.coordinator, plan=plan, to=lina, now=NOW)
    leaves(lina)
    run_jobs()

    assert {task.assignee_id for task in Task.objects.open()} == {None}


@pytest.mark.parametrize("leaves", LEAVES)
def test_a_task_that_is_open_again_is_the_teams_when_who_did_it_left(desk, leaves):
    left = colleague(desk, "Béatrice Aubert")
    task = TaskFactory(organization=desk, assignee=left, kind="read_text")
    team = coordinator_of(desk, account_id=AccountFactory().pk)
    services.settle(actor=team, task=task, now=timezone.now())
    leaves(left)
    run_jobs()

    services.reopen(actor=team, task=task, now=timezone.now())

    task.refresh_from_db()
    assert (task.state, task.assignee_id) == ("open", None)


@pytest.mark.parametrize("heard", ["at once", "in the morning"])
def test_what_came_online_at_night_is_on_the_list_of_the_team_in_the_morning(
    client, service, partner, monkeypatch, heard
):
    evening, on_call = NOW.replace(hour=20, minute=20), colleague(service, "Claire Roux")
    night = {"starts_at": evening, "ends_at": evening + timedelta(hours=12)}
    pole = PoleFactory(organization=service)
    ShiftFactory(pole=pole, kind="on_call", account=on_call, **night)
    territory_holds(service)
    monkeypatch.setattr(timezone, "now", lambda: client.now)
    client.now = evening
    asked_online(client)
    request = CareRequest.objects.get()
    if heard == "in the morning":
        wait_to_be_heard("intake.request_kept", request.kept_until)
    run_jobs()
    assert tasks_of(request) == {"qualify": on_call.pk}

    client.now = request.kept_until + timedelta(seconds=1)
    run_jobs(until=client.now)

    assert tasks_of(request) == {"qualify": None}


def wait_to_be_heard(kind, until):
    """As what failed, or came while no worker lived."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE procrastinate_jobs SET scheduled_at = %s WHERE (args ->> 'fact_id')::bigint
            IN (SELECT id FROM kernel_fact WHERE kind = %s)""",
            [until, kind],
        )
