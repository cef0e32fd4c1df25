"""Closed, and the nurse still to come: a life that changes stops her, and has an owner."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.people import services as people
from tests.factories.broker import nurse
from tests.factories.directory import CommuneFactory
from tests.factories.intake import CareRequestFactory
from tests.pathways.test_conductor import waiting
from tests.pathways.test_life import closed, dies, nurses_in_circle, texts_to
from tests.support import arranging, run_jobs

pytestmark = pytest.mark.django_db


def is_admitted(request, orienteuse, now):
    people.admit_person(actor=orienteuse, person=request.person, organization=None, now=now)


def moves(request, orienteuse, now):
    CommuneFactory(code="05029", name="Chabottes")
    people.move_person(
        actor=orienteuse,
        person=request.person,
        commune_code="05029",
        address="3 rue Neuve",
        now=now,
    )


@pytest.fixture
def ended(request_, orienteuse, now):
    """Confirmed for tomorrow, told, closed."""
    nurse()
    return closed(request_, orienteuse, now)


@pytest.mark.parametrize("stops", [dies, is_admitted])
def test_a_death_or_an_admission_before_the_visit_stops_it(ended, request_, orienteuse, now, stops):
    search, invitation = ended

    stops(request_, orienteuse, timezone.now())
    run_jobs()

    search.refresh_from_db()
    request_.refresh_from_db()
    assert (request_.state, search.state) == ("cancelled", "cancelled")
    assert texts_to(invitation)[-1] == "broker.not_needed"
    assert nurses_in_circle(request_) == set()
    assert waiting(request_) == {"call_back", "review_stopped"}


def test_a_move_before_the_visit_is_said_to_her_and_looked_at(ended, request_, orienteuse, now):
    search, invitation = ended

    moves(request_, orienteuse, timezone.now())
    run_jobs()

    search.refresh_from_db()
    request_.refresh_from_db()
    assert (request_.state, search.state) == ("found", "filled")
    assert "moved" in request_.proposals
    assert texts_to(invitation)[-1] == "broker.need_changed"
    assert waiting(request_) == {"warn_who_comes", "review_stopped"}


def test_a_move_while_another_request_follows_the_same_need_is_looked_at(
    ended, request_, orienteuse, now, desk
):
    search, invitation = ended
    CareRequestFactory(organization=desk, person=request_.person, kind=request_.kind)

    moves(request_, orienteuse, timezone.now())
    run_jobs()

    request_.refresh_from_db()
    assert request_.state == "closed"
    assert texts_to(invitation)[-1] == "broker.need_changed"
    assert waiting(request_) == {"review_stopped"}


@pytest.mark.parametrize("happens", [dies, is_admitted, moves])
def test_what_is_past_stays_as_it_was(ended, request_, orienteuse, now, happens):
    search, invitation = ended
    with arranging():
        request_.first_visit_on = timezone.localdate(now) - timedelta(days=1)
        request_.save()
    told = texts_to(invitation)

    happens(request_, orienteuse, timezone.now())
    run_jobs()

    search.refresh_from_db()
    request_.refresh_from_db()
    assert (request_.state, search.state) == ("closed", "confirmed")
    assert texts_to(invitation) == told
