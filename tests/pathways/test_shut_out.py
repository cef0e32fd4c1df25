"""What a service may follow no more ends, and leaves no orphan; what it may follow goes on."""

import pytest

from cordee.access.actor import Role
from cordee.broker.models import Solicitation
from cordee.intake import services as intake
from cordee.intake.models import CareRequest
from cordee.kernel.errors import Forbidden
from cordee.messaging.models import Message
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.rules import processing
from cordee.people.rules.sharing import Audience, Category, Choice
from tests.factories.broker import nurse
from tests.factories.directory import (
    AccountFactory,
    OrganizationFactory,
)
from tests.factories.intake import CareRequestFactory
from tests.factories.people import joins_circle
from tests.pathways.test_conductor import qualify, waiting
from tests.support import actor, coordinator_of, run_jobs

pytestmark = pytest.mark.django_db


def refuses_coordination(person, orienteuse, now):
    people.choose_processing(
        actor=orienteuse,
        person=person,
        purpose=processing.Purpose.COORDINATION,
        will=processing.Will.REFUSED,
        told=people.Told(),
        now=now,
    )


def opposes(category):
    def choose(person, orienteuse, now):
        chosen = people.Chosen(Choice.OPPOSED, category, Audience.COORDINATION)
        people.choose_sharing(
            actor=orienteuse, person=person, chosen=chosen, told=people.Told(), now=now
        )

    return choose


@pytest.mark.parametrize(
    "says",
    [refuses_coordination, opposes(Category.COORDINATION), opposes(Category.IDENTITY)],
    ids=["refuses", "opposes coordination", "opposes identity"],
)
def test_shutting_coordination_out_ends_the_request_and_leaves_no_orphan(
    request_, orienteuse, now, says
):
    nurse()
    search = qualify(request_, orienteuse, now)

    says(request_.person, orienteuse, now)
    run_jobs()

    search.refresh_from_db()
    request_.refresh_from_db()
    assert (search.state, request_.state) == ("cancelled", "refused")
    assert request_.end_reason == "person_declined"
    assert Message.objects.filter(template="intake.news").count() == 1
    assert waiting(request_) == set()
    known = Task.objects.open().visible_to(orienteuse).values_list("kind", "person")
    assert list(known) == [("review_stopped", None)]


@pytest.mark.parametrize("ended_by", ["person", "own team"])
def test_a_desk_that_leaves_the_circle_leaves_no_request_to_nobody(
    request_, orienteuse, now, ended_by
):
    nurse()
    search = qualify(request_, orienteuse, now)
    stay = request_.person.circle.get(organization=request_.organization, until=None)
    herself = actor(Role.PERSON, person_ids=frozenset({request_.person_id}))

    by = herself if ended_by == "person" else orienteuse
    people.leave_circle(actor=by, member=stay, now=now)
    run_jobs()

    search.refresh_from_db()
    request_.refresh_from_db()
    assert (search.state, request_.state) == ("cancelled", "refused")
    assert request_.end_reason == ("person_declined" if ended_by == "person" else "other")
    known = Task.objects.open().visible_to(orienteuse).values_list("kind", "person")
    assert list(known) == [("review_stopped", None)]


def test_nobody_else_takes_a_desk_out_of_the_circle(request_, now):
    stay = request_.person.circle.get(organization=request_.organization, until=None)
    service, help_service = OrganizationFactory(), OrganizationFactory(kind="home_help")
    for one in (service, help_service):
        joins_circle(request_.person, organization=one)
    for one in (coordinator_of(service), actor(Role.HOME_HELP, help_service)):
        with pytest.raises(Forbidden):
            people.leave_circle(actor=one, member=stay, now=now)


def test_a_desk_named_again_keeps_its_place_in_the_team(request_, orienteuse, now):
    again = people.Joining(role="orientation", organization_id=request_.organization_id, ground="")
    people.join_circle(actor=orienteuse, person=request_.person, joining=again, now=now)
    assert CareRequest.objects.visible_to(orienteuse).filter(pk=request_.pk).exists()


def test_coordination_by_consent_alone_stops_what_nobody_consented_to(request_, orienteuse, now):
    """Its screen says so; who has accepted is followed as before."""
    nurse()
    search = qualify(request_, orienteuse, now)
    accepted = CareRequestFactory(organization=request_.organization)
    people.choose_processing(
        actor=orienteuse,
        person=accepted.person,
        purpose=processing.Purpose.COORDINATION,
        will=processing.Will.ACCEPTED,
        told=people.Told(hands_notice=True),
        now=now,
    )

    people.set_basis(
        actor=actor(Role.DPO, account_id=AccountFactory().pk),
        purpose=processing.Purpose.COORDINATION,
        basis=processing.Basis.CONSENT,
        now=now,
    )
    run_jobs()

    for one in (search, request_, accepted):
        one.refresh_from_db()
    assert (search.state, request_.state) == ("cancelled", "refused")
    assert request_.end_reason == "no_agreement"
    assert accepted.state == "received"


def test_what_a_search_serves_is_written_down_until_the_requester_was_told(
    request_, orienteuse, now
):
    nurse()
    search = qualify(request_, orienteuse, now)
    intake.cancel(actor=orienteuse, request=request_, reason="asked", now=now)
    run_jobs()
    search.refresh_from_db()
    assert search.is_carried
    request_.refresh_from_db()
    said = intake.Told(how="call", result="reached")
    intake.tell(actor=orienteuse, request=request_, said=said, now=now)
    run_jobs()
    search.refresh_from_db()
    assert not search.is_carried


def test_opposing_care_to_coordination_stops_nothing_that_is_under_way(request_, orienteuse, now):
    nurse()
    search = qualify(request_, orienteuse, now)

    opposes(Category.CARE)(request_.person, orienteuse, now)
    run_jobs()

    search.refresh_from_db()
    assert search.state == "open"
    assert CareRequest.objects.visible_to(orienteuse).filter(pk=request_.pk).exists()
    assert search in Solicitation.objects.visible_to(orienteuse)
