"""« Annuler », pressed once a colleague has moved the task: it says so, and changes nothing."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.pathways import services
from tests.factories.directory import OrganizationFactory
from tests.factories.pathways import TaskFactory
from tests.pathways.team import works_at
from tests.support import NOW, facts

pytestmark = pytest.mark.django_db
MOVED_SINCE = "La tâche a bougé depuis"


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def claire(desk):
    return works_at(desk, "Claire Roux")


@pytest.fixture
def julie(desk):
    return works_at(desk, "Julie Faure")


def gesture(client, verb, task, **said) -> str:
    """Make a gesture as a browser without scripts: follow it, and find its « Annuler »."""
    client.post(reverse(f"pathways:{verb}", args=[task.pk]), said)
    page = client.get("/a-faire").content.decode()
    return re.search(r'action="([^"]+)">(?:(?!</form>).)*Annuler', page, re.S)[1]


def pressed(client, undo) -> str:
    answer = client.post(undo.replace("&amp;", "&"), follow=True)
    return answer.content.decode().replace("\u00a0", " ")


def test_a_task_that_a_colleague_gave_away_since_stays_with_whom_she_chose(
    client, desk, claire, julie
):
    task, third = TaskFactory(organization=desk), works_at(desk, "Farid Blanc")
    undo = gesture(client.as_(claire), "hand_over", task, to=str(julie.account_id))
    gesture(client.as_(julie), "hand_over", task, to=str(third.account_id))

    assert MOVED_SINCE in pressed(client.as_(claire), undo)

    task.refresh_from_db()
    assert task.assignee_id == third.account_id


def test_a_task_that_went_round_and_came_back_to_whom_it_was_given_is_theirs(
    client, desk, claire, julie
):
    task = TaskFactory(organization=desk)
    undo = gesture(client.as_(claire), "hand_over", task, to=str(julie.account_id))
    gesture(client.as_(julie), "hand_over", task, to="equipe")
    gesture(client.as_(julie), "hand_over", task, to=str(julie.account_id))

    assert MOVED_SINCE in pressed(client.as_(claire), undo)

    task.refresh_from_db()
    assert task.assignee_id == julie.account_id


def test_what_a_colleague_took_back_and_did_herself_stays_done(client, desk, claire, julie):
    task = TaskFactory(organization=desk, kind="read_text", box="messages")
    undo = gesture(client.as_(claire), "settle", task)
    client.as_(julie).post(reverse("pathways:reopen", args=[task.pk]))
    gesture(client, "settle", task)

    assert MOVED_SINCE in pressed(client.as_(claire), undo)

    task.refresh_from_db()
    assert (task.state, task.settled_by_id) == ("done", julie.account_id)


def test_nor_is_it_said_to_be_back_when_a_colleague_took_it_for_herself(
    client, desk, claire, julie
):
    task = TaskFactory(organization=desk, kind="read_text", box="messages")
    undo = gesture(client.as_(claire), "settle", task)
    client.as_(julie).post(reverse("pathways:reopen", args=[task.pk]))
    gesture(client, "hand_over", task, to=str(julie.account_id))

    assert MOVED_SINCE in pressed(client.as_(claire), undo)

    task.refresh_from_db()
    assert (task.state, task.assignee_id) == ("open", julie.account_id)


def test_the_page_of_a_task_that_is_done_takes_back_only_what_it_showed(
    client, desk, claire, julie
):
    task = TaskFactory(organization=desk, kind="read_text", box="messages")
    services.settle(actor=julie, task=task, now=NOW)
    page = client.as_(claire).get(reverse("pathways:task", args=[task.pk])).content.decode()
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    for move in (services.reopen, services.settle):
        move(actor=julie, task=task, now=NOW + timedelta(minutes=5))

    answer = client.post(reverse("pathways:reopen", args=[task.pk]), {"seen": seen})

    task.refresh_from_db()
    assert (answer.status_code, task.state) == (409, "done")


@pytest.mark.parametrize("move", ["reopen", "settle"])
def test_a_version_that_no_page_wrote_is_none(client, desk, claire, move):
    task = TaskFactory(organization=desk, kind="read_text", box="messages")
    answer = client.as_(claire).post(
        reverse(f"pathways:{move}", args=[task.pk]), {"seen": "9" * 5000}
    )
    assert answer.status_code in (303, 409)


def test_what_a_colleague_put_off_further_stays_put_off(client, desk, claire, julie):
    task = TaskFactory(organization=desk)
    undo = gesture(client.as_(claire), "snooze", task, until="30min")
    gesture(client.as_(julie), "snooze", task, until="2h")
    task.refresh_from_db()
    until = task.snoozed_until

    assert MOVED_SINCE in pressed(client.as_(claire), undo)

    task.refresh_from_db()
    assert task.snoozed_until == until


@pytest.mark.parametrize(
    ("verb", "said"), [("settle", {}), ("snooze", {"until": "30min"}), ("hand_over", None)]
)
def test_pressed_twice_it_is_undone_once(client, desk, claire, julie, verb, said):
    task = TaskFactory(organization=desk, kind="read_text", box="messages")
    said = {"to": str(julie.account_id)} if said is None else said
    undo = gesture(client.as_(claire), verb, task, **said)
    moves = len(facts())

    for _ in range(2):
        assert "La tâche est" in pressed(client, undo)

    task.refresh_from_db()
    assert (task.state, task.assignee_id, task.snoozed_until) == ("open", None, None)
    assert len(facts()) == moves + 1
