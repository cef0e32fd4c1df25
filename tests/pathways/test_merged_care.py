"""Two records become one while somebody is sought, or comes: the care follows, or stops."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.broker.models import Solicitation
from cordee.people import services as people
from cordee.people.models import Candidate, CircleMember, Merge, Person
from tests.factories.broker import nurse
from tests.factories.intake import CareRequestFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.pathways.test_conductor import qualify, waiting
from tests.pathways.test_life import closed, confirmed, dies, found, texts_to
from tests.support import arranging, facts, run_jobs, seen_on, speaking_as, texts_leave

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
    sent = page.post(reverse("people:propose", args=[proved.pk, request.person_id]))
    seen = seen_on(page.get(sent.url))
    page.post(reverse("people:merge", args=[Candidate.objects.get().pk]), seen)
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


# --- who comes is in both circles ----------------------------------------------------------------


def has_gp(person):
    doctor = joins_circle(person, role=CircleMember.Role.GP)
    with arranging():
        Person.objects.filter(pk=person.pk).update(gp=doctor.practitioner)


@pytest.fixture
def comes(request_, orienteuse, now, proved):
    """The usual nurse of one record said yes for the other, whose circle names a GP."""
    has_gp(request_.person)
    comes = nurse()
    joins_circle(proved, practitioner=comes, is_usual_nurse=True)
    _, invitation = found(request_, orienteuse, now)
    return invitation


def gives_up(client, invitation):
    return client.as_(speaking_as(invitation.practitioner)).post(
        reverse("broker:give_up", args=[invitation.pk])
    )


def test_a_yes_given_on_the_absorbed_record_may_be_taken_back(desk_page, request_, proved, comes):
    brought_together(desk_page, request_, proved)
    run_jobs()

    assert gives_up(desk_page, comes).status_code == 302
    run_jobs()

    comes.refresh_from_db()
    request_.refresh_from_db()
    assert (comes.answer, request_.state) == ("withdrawn", "qualified")
    assert proved.pk in circles_of(comes)  # she was their nurse before


def test_who_comes_for_the_absorbed_record_is_told_of_its_end(
    desk_page, request_, orienteuse, proved, comes, now
):
    brought_together(desk_page, request_, proved)
    request_.refresh_from_db()
    dies(request_, orienteuse, now)
    run_jobs()

    request_.refresh_from_db()
    assert request_.state == "cancelled"
    assert texts_to(comes)[-1] == "broker.not_needed"


def undone(page, orienteuse):
    page.as_(orienteuse).post(reverse("people:undo_merge", args=[Merge.objects.get().pk]))
    run_jobs()


def test_who_gave_up_meanwhile_is_no_more_of_the_circle_that_the_yes_opened(
    desk_page, request_, orienteuse, proved, comes
):
    absorbed = request_.person_id
    brought_together(desk_page, request_, proved)
    gives_up(desk_page, comes)
    run_jobs()

    undone(desk_page, orienteuse)

    assert circles_of(comes) == {proved.pk}
    assert [line["thread"] for line in facts("people.left_circle")] == [absorbed]


# --- who comes for two needs ---------------------------------------------------------------------


def said_yes(request, orienteuse, practitioner, now):
    """On the phone, to the desk."""
    search = qualify(request, orienteuse, now)
    call = broker.CallMade(practitioner=practitioner, outcome="yes")
    return broker.record_call(actor=orienteuse, solicitation=search, call=call, now=now)


def other_need(person, desk, now):
    return CareRequestFactory(
        organization=desk,
        person=person,
        kind="dressing",
        delay="planned",
        received_at=now,
        due_at=now + timedelta(days=2),
    )


@pytest.fixture
def twice(request_, orienteuse, desk, proved, now):
    """One nurse said yes for a need on each record."""
    comes = nurse()
    needs = (request_, other_need(proved, desk, now))
    return [said_yes(need, orienteuse, comes, now) for need in needs]


def shown_to(client, invitation):
    winner = speaking_as(invitation.practitioner)
    return client.as_(winner).get(reverse("broker:won", args=[invitation.pk])).text


@pytest.mark.parametrize("kept", [0, 1])
def test_one_place_lost_leaves_the_nurse_who_still_comes(kept, desk_page, request_, proved, twice):
    brought_together(desk_page, request_, proved)
    run_jobs()

    gives_up(desk_page, twice[1 - kept])
    run_jobs()

    twice[kept].refresh_from_db()
    assert twice[kept].answer == "accepted"
    assert proved.pk in circles_of(twice[kept])
    assert proved.phone in shown_to(desk_page, twice[kept])

    gives_up(desk_page, twice[kept])
    assert proved.pk not in circles_of(twice[kept])


@pytest.mark.parametrize("kept", [0, 1])
def test_parted_again_she_is_of_the_circle_where_she_comes_alone(
    kept, desk_page, request_, orienteuse, proved, twice
):
    absorbed = request_.person_id
    brought_together(desk_page, request_, proved)
    run_jobs()
    gives_up(desk_page, twice[1 - kept])
    run_jobs()

    undone(desk_page, orienteuse)

    assert circles_of(twice[kept]) == {(absorbed, proved.pk)[kept]}


def test_who_said_yes_while_the_records_were_one_is_of_the_circle_where_she_comes(
    desk_page, request_, orienteuse, desk, proved, now
):
    absorbed, comes = request_.person_id, nurse()
    said_yes(request_, orienteuse, comes, now)
    brought_together(desk_page, request_, proved)
    invitation = said_yes(other_need(proved, desk, now), orienteuse, comes, now)
    run_jobs()

    undone(desk_page, orienteuse)

    assert circles_of(invitation) == {absorbed, proved.pk}
    assert proved.phone in shown_to(desk_page, invitation)
    gives_up(desk_page, invitation)
    assert circles_of(invitation) == {absorbed}


def test_who_was_sent_away_is_not_let_in_again_by_the_parting(
    desk_page, request_, orienteuse, proved, now
):
    comes = nurse()
    joins_circle(proved, practitioner=comes)
    invitation = said_yes(request_, orienteuse, comes, now)
    stay = CircleMember.objects.get(pk=invitation.stay)
    people.leave_circle(actor=orienteuse, member=stay, now=now)
    brought_together(desk_page, request_, proved)

    undone(desk_page, orienteuse)

    assert circles_of(invitation) == {proved.pk}
