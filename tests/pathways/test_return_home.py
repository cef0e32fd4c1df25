"""She comes home from hospital: what was asked for her return is not what her entry stops."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.people import services as people
from cordee.people.rules.traits import Destination
from tests.factories.broker import nurse
from tests.factories.directory import CommuneFactory
from tests.factories.intake import CareRequestFactory
from tests.factories.people import StayFactory
from tests.pathways.test_conductor import qualify, waiting
from tests.pathways.test_life import confirmed, nurses_in_circle, texts_to
from tests.support import run_jobs

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def person(request_):
    return request_.person


@pytest.fixture
def page(client, orienteuse):
    return client.as_(orienteuse)


def is_said_admitted(page, person, when, **then):
    """Somebody presses the button of the page of the person."""
    page.now = when
    return page.post(reverse("people:admission", args=[person.pk]), **then)


def leaves(person, orienteuse, when, goes=Destination.HOME):
    people.discharge_person(
        actor=orienteuse, person=person, destination=goes, left_at=when, now=when
    )


def before(request, at):
    """Another need of the same person, asked for earlier."""
    return CareRequestFactory(
        organization=request.organization,
        person=request.person,
        kind="dressing",
        received_at=at,
    )


def state(request):
    request.refresh_from_db()
    return request.state


def test_an_entry_said_again_leaves_whoever_comes_for_the_return(
    page, request_, person, orienteuse, now
):
    StayFactory(person=person, entered_at=now - 4 * DAY)
    nurse()
    search, invitation = confirmed(request_, orienteuse, now)

    answer = is_said_admitted(page, person, timezone.now(), follow=True)
    run_jobs()

    search.refresh_from_db()
    assert (state(request_), search.state) == ("confirmed", "confirmed")
    assert nurses_in_circle(request_) == {invitation.practitioner_id}
    assert "broker.not_needed" not in texts_to(invitation)
    assert "review_stopped" not in waiting(request_)
    assert "Cette hospitalisation était déjà notée" in answer.text
    assert "continue" in answer.text


def test_a_first_entry_is_said_without_a_word_more(page, person, now):
    answer = is_said_admitted(page, person, now, follow=True)
    assert "déjà notée" not in answer.text


def test_the_entry_after_she_came_home_stops_what_was_asked_for_that_return(
    page, request_, person, orienteuse, now
):
    StayFactory(person=person, entered_at=now - 4 * DAY, left_at=now - DAY, destination="home")
    is_said_admitted(page, person, timezone.now())
    run_jobs()
    assert (state(request_), request_.end_reason) == ("cancelled", "admitted")


def test_an_entry_heard_after_she_came_home_stops_nothing(page, request_, person, orienteuse, now):
    """The workers were down meanwhile: she entered, left, and her return was asked for."""
    older = before(request_, now - 3 * DAY)
    is_said_admitted(page, person, now - 80 * MINUTE)
    leaves(person, orienteuse, now - 45 * MINUTE)
    nurse()

    search = qualify(request_, orienteuse, now)

    assert (state(request_), search.state) == ("searching", "open")
    assert state(older) == "received"


def test_an_entry_heard_late_stops_what_was_asked_before_it_alone(page, request_, person, now):
    older = before(request_, now - 3 * DAY)
    is_said_admitted(page, person, now - 80 * MINUTE)
    run_jobs()
    assert (state(older), state(request_)) == ("cancelled", "received")


def test_gone_on_to_another_house_she_is_not_at_home(page, request_, person, orienteuse, now):
    older = before(request_, now - 3 * DAY)
    is_said_admitted(page, person, now - 80 * MINUTE)
    leaves(person, orienteuse, now - 45 * MINUTE, Destination.REHABILITATION)
    run_jobs()
    assert (state(older), state(request_)) == ("cancelled", "received")


def test_a_move_heard_after_she_moved_back_stops_no_search(request_, person, orienteuse, now):
    CommuneFactory(code="05029", name="Chabottes")
    nurse()
    search = qualify(request_, orienteuse, now)
    for code, minutes in (("05029", 5), (request_.commune_id, 10)):
        people.move_person(
            actor=orienteuse,
            person=person,
            commune_code=code,
            address="3 rue Neuve",
            now=now + minutes * MINUTE,
        )
    run_jobs()

    search.refresh_from_db()
    assert (state(request_), search.state) == ("searching", "open")
    assert waiting(request_) == {"await_answer", "review_stopped"}
