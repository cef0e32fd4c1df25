"""Between the end of a request and the first visit, the desk still hears that nobody comes.

Care that the person opposes to coordination is read while it is carried: the search is, until the
day of its first visit is over; the request, with its clinical text, is not.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.policy import visible
from cordee.access.sight import seen_by
from cordee.broker import services as broker
from cordee.intake import services as intake
from cordee.pathways import jobs
from cordee.people.rules.sharing import Category
from tests.factories.broker import nurse
from tests.pathways.test_life import closed, found, self_of, tell
from tests.pathways.test_shut_out import opposes
from tests.support import queued, run_jobs

pytestmark = pytest.mark.django_db
LETS_GO = "cordee.pathways.jobs.let_go"


@pytest.fixture
def ended(request_, orienteuse, now):
    """A closed request whose nurse comes tomorrow, of somebody who opposes care to coordination."""
    nurse()
    nurse()
    search, invitation = closed(request_, orienteuse, now)
    opposes(Category.CARE)(request_.person, orienteuse, now)
    run_jobs()
    search.refresh_from_db()
    return search, invitation


def locks_open(row, reader):
    """What each lock alone says: the scope of Python, then the database's."""
    rows = type(row)._base_manager.filter(pk=row.pk)
    first = visible(rows, reader).exists()
    with seen_by(reader):
        return first, type(row)._base_manager.filter(pk=row.pk).exists()


def the_day_after(search):
    visit = timezone.localtime(search.first_visit_at)
    return (visit + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def on_the_clock(monkeypatch):
    """Run what is due at a moment, when it has come."""

    def come(moment):
        with monkeypatch.context() as patch:
            patch.setattr(timezone, "now", lambda: moment)
            return run_jobs(until=moment)

    return come


def test_the_search_is_carried_until_its_first_visit_and_the_request_is_not(
    ended, request_, orienteuse, on_the_clock
):
    search, _ = ended
    assert locks_open(request_, orienteuse) == (False, False)
    assert locks_open(search, orienteuse) == (True, True)

    on_the_clock(the_day_after(search) - timedelta(seconds=1))
    assert locks_open(search, orienteuse) == (True, True)

    on_the_clock(the_day_after(search))
    assert locks_open(search, orienteuse) == (False, False)
    assert locks_open(request_, orienteuse) == (False, False)


def test_a_nurse_who_telephones_that_she_does_not_come_is_written_down(
    client, ended, request_, orienteuse
):
    search, invitation = ended
    speaking = client.as_(orienteuse)
    page = reverse("broker:search", args=[search.pk])
    address = reverse("broker:withdrawal", args=[invitation.pk])
    assert address in speaking.get(page).text
    panel = reverse("broker:person_panel", args=[request_.person_id])
    assert page in speaking.get(panel).text  # where the desk finds it

    assert speaking.post(address).status_code == 302
    run_jobs()

    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id) == ("searching", None)
    assert locks_open(request_, orienteuse) == (True, True)  # under way again
    search.refresh_from_db()
    assert search.state == "reopened"


def test_a_first_visit_that_moved_is_told_then_waited_for(
    ended, request_, orienteuse, now, on_the_clock
):
    search, invitation = ended
    first_day = the_day_after(search)
    later = now + timedelta(days=2)
    broker.confirm_care(
        actor=self_of(invitation), invitation=invitation, first_visit_at=later, now=now
    )
    run_jobs()
    search.refresh_from_db()
    request_.refresh_from_db()
    assert request_.is_owed  # closed, and its requester knows another day

    tell(request_, orienteuse)
    request_.refresh_from_db()
    intake.close(actor=orienteuse, request=request_, now=timezone.now())
    run_jobs()
    on_the_clock(first_day)
    assert locks_open(search, orienteuse) == (True, True)
    on_the_clock(the_day_after(search))
    assert locks_open(search, orienteuse) == (False, False)


def test_what_lets_go_may_run_twice_and_leaves_a_request_under_way_alone(
    client, ended, request_, orienteuse, on_the_clock
):
    search, invitation = ended
    assert len(queued(LETS_GO)) == 1
    client.as_(orienteuse).post(reverse("broker:withdrawal", args=[invitation.pk]))
    run_jobs()
    for _ in range(2):
        on_the_clock(the_day_after(search))
    request_.refresh_from_db()
    assert request_.is_owed
    assert locks_open(request_, orienteuse) == (True, True)


def test_a_record_that_was_let_go_of_meanwhile_stops_nothing():
    jobs.let_go(request_id=str(uuid4()))


def test_a_request_closed_before_the_conductor_looked_is_carried_too(request_, orienteuse, now):
    """Confirmed, told and closed in one breath: the search did not know its first visit."""
    nurse()
    search, _ = found(request_, orienteuse, now)
    day = timezone.localdate(now) + timedelta(days=1)
    said = intake.Told(how="call", result="reached")
    intake.confirm(actor=orienteuse, request=request_, first_visit_on=day, now=timezone.now())
    intake.tell(actor=orienteuse, request=request_, said=said, now=timezone.now())
    intake.close(actor=orienteuse, request=request_, now=timezone.now())
    run_jobs()

    search.refresh_from_db()
    assert (search.state, search.is_carried) == ("confirmed", True)
    assert {one[3] for one in queued(LETS_GO)} == {the_day_after(search)}
