"""A search that cannot leave, and a call put off for another outcome: somebody is told."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import Role
from cordee.broker.models import Solicitation
from cordee.directory import services as directory
from cordee.intake import services as intake
from cordee.kernel.errors import DomainError
from cordee.messaging.models import Message
from cordee.pathways import services as pathways
from cordee.pathways.models import Task
from cordee.people import services as people
from tests.factories.broker import nurse
from tests.pathways.test_conductor import qualify, waiting
from tests.pathways.test_life import found, tell
from tests.support import actor, arranging, run_jobs

pytestmark = pytest.mark.django_db


def renamed(desk, name):
    with arranging():
        desk.name = name
        desk.save()


def test_a_search_that_cannot_leave_is_a_task_with_its_reason(
    client, desk, request_, orienteuse, now
):
    nurse()
    renamed(desk, "Service https://evil.example")

    assert qualify(request_, orienteuse, now) is None

    assert not Message.objects.filter(template="broker.ask").exists()
    assert (request_.state, request_.proposals) == ("qualified", ["sender"])
    assert waiting(request_) == {"choose_alternative"}
    shown = client.as_(orienteuse).get(reverse("intake:request", args=[request_.pk])).text
    assert "La recherche n’a pas pu partir" in shown
    assert "corriger le nom du service" in shown


def test_once_the_name_is_mended_the_desk_asks_again_and_it_leaves(desk, request_, orienteuse, now):
    nurse()
    renamed(desk, "Service https://evil.example")
    qualify(request_, orienteuse, now)
    renamed(desk, "Service infirmier d’orientation")

    intake.ask_search(actor=orienteuse, request=request_, now=timezone.now())
    run_jobs()

    request_.refresh_from_db()
    assert (request_.state, request_.proposals) == ("searching", [])
    assert Solicitation.objects.get().state == "open"


@pytest.mark.parametrize(
    "name", ["SIO https://x.example", "SIO www.x.fr", "a@b.fr", "SIO 0492001122"]
)
def test_a_name_that_no_text_may_bear_is_refused_at_its_naming(desk, name):
    administrator = actor(Role.ADMINISTRATOR)
    with pytest.raises(DomainError, match="signe les SMS"):
        directory.create_organization(
            actor=administrator,
            traits=directory.OrganizationTraits(name=name, kind="sio"),
            now=timezone.now(),
        )
    with pytest.raises(DomainError, match="signe les SMS"):
        directory.change_organization(
            actor=administrator,
            organization=desk,
            traits=directory.OrganizationTraits(name=name, kind="sio"),
            now=timezone.now(),
        )
    desk.refresh_from_db()
    assert desk.name != name


# --- a call put off -------------------------------------------------------------------------------


@pytest.fixture
def put_off(request_, orienteuse, now):
    """She was found; the call to the requester waits until tomorrow."""
    nurse()
    found(request_, orienteuse, now)
    task = Task.objects.open().get(kind="call_back")
    pathways.snooze(
        actor=orienteuse, task=task, until=now + timedelta(hours=13), now=timezone.now()
    )
    run_jobs()
    return task


def test_a_call_put_off_comes_back_when_there_is_something_else_to_say(
    put_off, request_, orienteuse
):
    people.admit_person(
        actor=orienteuse, person=request_.person, organization=None, now=timezone.now()
    )
    run_jobs()

    put_off.refresh_from_db()
    assert (put_off.state, put_off.snoozed_until) == ("open", None)


def test_a_call_put_off_stays_so_while_nothing_else_is_to_be_said(put_off, request_, orienteuse):
    request_.refresh_from_db()
    intake.take(actor=orienteuse, request=request_, account_id=None, now=timezone.now())
    run_jobs()

    put_off.refresh_from_db()
    assert put_off.snoozed_until is not None
    tell(request_, orienteuse)
    put_off.refresh_from_db()
    assert put_off.state == "dropped"
