"""Two records become one while somebody is sought, or comes: the care follows, or stops."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.broker.models import Solicitation
from cordee.people.models import Candidate, CircleMember, Person
from tests.factories.broker import nurse
from tests.factories.people import PersonFactory, joins_circle
from tests.pathways.test_conductor import qualify, waiting
from tests.pathways.test_life import closed, confirmed, found, texts_to
from tests.support import arranging, run_jobs, texts_leave

pytestmark = pytest.mark.django_db


@pytest.fixture
def proved(desk, now):
    """The record that the hospital proved: kept by any merge."""
    person = PersonFactory(territory=desk.territory, qualified=True)
    joins_circle(person, organization=desk)
    return person


@pytest.fixture
def desk_page(client, orienteuse):
    client.now = timezone.now()
    return client.as_(orienteuse)


def brought_together(page, request, proved):
    """A human reads both records side by side, and makes them one."""
    page.post(reverse("people:propose", args=[proved.pk, request.person_id]))
    page.post(reverse("people:merge", args=[Candidate.objects.get().pk]))
    assert Person.objects.get(pk=request.person_id).merged_into_id == proved.pk


def noted_dead(person):
    with arranging():
        Person.objects.filter(pk=person.pk).update(deceased_on=timezone.localdate())


def circles_of(invitation):
    """Whose circles a professional is in."""
    stays = CircleMember.objects.current().filter(practitioner=invitation.practitioner_id)
    return set(stays.values_list("person_id", flat=True))


# --- a record already noted dead -----------------------------------------------------------------


@pytest.mark.parametrize("asked", [found, confirmed, closed])
def test_who_was_found_does_not_come_where_the_other_record_knew_of_a_death(
    asked, desk_page, request_, orienteuse, proved, now
):
    nurse()
    search, invitation = asked(request_, orienteuse, now)
    noted_dead(proved)

    brought_together(desk_page, request_, proved)
    run_jobs()

    for row in (request_, search):
        row.refresh_from_db()
    assert (request_.state, request_.end_reason) == ("cancelled", "person_died")
    assert search.state == "cancelled"
    assert texts_to(invitation)[-1] == "broker.not_needed"
    assert not circles_of(invitation)
    assert waiting(request_) == {"call_back", "review_stopped"}


def test_nobody_more_is_asked_for_whom_the_other_record_knew_to_be_dead(
    desk_page, request_, orienteuse, proved, now
):
    nurse()
    search = qualify(request_, orienteuse, now)
    assert texts_leave(now + timedelta(hours=16))
    nurse()
    noted_dead(proved)
    brought_together(desk_page, request_, proved)

    broker.advance(  # before the merge is heard
        actor=SYSTEM, solicitation=search, now=now + timedelta(hours=21)
    )

    assert search.invitations.count() == 1
    run_jobs()
    search.refresh_from_db()
    assert search.state == "cancelled"


@pytest.mark.parametrize("gesture", ["relaunch", "widen"])
def test_no_gesture_looks_for_somebody_for_the_dead(
    gesture, desk_page, request_, orienteuse, proved, now
):
    search = qualify(request_, orienteuse, now)
    assert search.state == "exhausted"
    nurse()
    noted_dead(proved)
    brought_together(desk_page, request_, proved)

    answer = desk_page.post(reverse(f"broker:{gesture}", args=[search.pk]))

    assert "est décédée" in answer.text
    assert Solicitation.objects.count() == 1
