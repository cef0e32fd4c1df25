"""After an outage: searches that wait for their turn leave together, and nothing is done twice."""

from datetime import timedelta

import pytest

from cordee.broker.models import Invitation, Solicitation
from cordee.intake import services as intake
from cordee.kernel.facts import unheard
from cordee.messaging.models import Message
from cordee.pathways import jobs
from cordee.pathways.models import Task
from tests.factories.broker import nurses
from tests.factories.intake import CareRequestFactory
from tests.factories.people import PersonFactory
from tests.support import arranging, facts, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_are_many(monkeypatch):
    monkeypatch.setattr(jobs, "MANY", 3)


@pytest.fixture
def qualified(desk, orienteuse, now):
    """Make requests and qualify them, while no worker listens."""

    def some(*delays, **details):
        requests = [
            CareRequestFactory(
                organization=desk,
                person=PersonFactory(territory=desk.territory),
                kind="injection",
                delay=delay,
                received_at=now,
                due_at=now + timedelta(days=2),
                **details,
            )
            for delay in delays
        ]
        run_jobs()
        for request in requests:
            intake.qualify(actor=orienteuse, request=request, now=now)
        return requests

    return some


def searches(request):
    return Solicitation.objects.filter(origin=f"intake/request/{request.pk}")


def waiting(request):
    found = Task.objects.open().about(f"intake/request/{request.pk}")
    return set(found.values_list("kind", flat=True))


def test_what_waited_leaves_together_then_is_followed_and_nothing_leaves_twice(qualified):
    nurses(4)
    requests = qualified("h24", "h72", "planned", "h24")

    jobs.launch_waiting()
    texts = Message.objects.filter(template="broker.ask").count()
    assert texts == Invitation.objects.count() > 0
    assert [searches(one).get().state for one in requests] == ["open"] * 4

    jobs.launch_waiting()
    run_jobs()
    assert Message.objects.filter(template="broker.ask").count() == texts
    for request in requests:
        request.refresh_from_db()
        assert (request.state, searches(request).count()) == ("searching", 1)
        assert waiting(request) == {"await_answer"}


def test_the_most_urgent_leave_first(qualified):
    nurses(4)
    planned, tonight, soon = qualified("planned", "tonight", "h24")
    jobs.launch_waiting()
    origins = [one["data"]["origin"] for one in facts("broker.search_launched")]
    assert origins == [f"intake/request/{one.pk}" for one in (tonight, soon, planned)]


def test_where_nobody_is_found_each_request_is_given_back_once(qualified):
    requests = qualified("h24", "h24", "h24")
    jobs.launch_waiting()
    run_jobs()
    for request in requests:
        request.refresh_from_db()
        assert (request.state, searches(request).count()) == ("qualified", 1)
        assert request.proposals
        assert waiting(request) == {"choose_alternative"}


def test_a_search_asked_again_afterwards_is_launched_again(qualified, orienteuse, now):
    requests = qualified("h24", "h24", "h24")
    jobs.launch_waiting()
    run_jobs()
    request = requests[0]
    request.refresh_from_db()
    later = Solicitation.objects.last().launched_at + timedelta(seconds=1)
    intake.ask_search(actor=orienteuse, request=request, now=later)
    run_jobs()
    assert searches(request).count() == 2


def test_a_few_are_left_to_their_turn(qualified):
    nurses(2)
    qualified("h24", "h24")
    jobs.launch_waiting()
    assert not Solicitation.objects.exists()
    run_jobs()
    assert Solicitation.objects.count() == 2


def test_who_died_and_what_is_held_is_not_launched(qualified):
    nurses(2)
    dead, held, alive = qualified("h24", "h24", "h24")
    with arranging():
        dead.person.deceased_on = "2026-11-01"
        dead.person.save()
        held.held_at = held.received_at
        held.save()
    jobs.launch_waiting()
    assert [one.origin for one in Solicitation.objects.all()] == [f"intake/request/{alive.pk}"]


def test_what_was_heard_waits_no_more(qualified):
    nurses(2)
    qualified("h24", "h24", "h24")
    rope = "cordee.pathways.jobs.on_the_rope"
    assert len(unheard(rope, jobs.LAUNCHING)) == 3
    assert unheard(rope, ["intake.request_held"]) == []
    run_jobs()
    assert unheard(rope, jobs.LAUNCHING) == []
