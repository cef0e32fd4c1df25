"""Who was found and is to come leaves the circle: the desk looks, as nobody else is sought."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.broker import services as broker
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.models import CircleMember
from tests.factories.broker import nurse
from tests.factories.people import joins_circle
from tests.pathways.test_conductor import waiting
from tests.pathways.test_life import closed, confirmed, found
from tests.support import Browser, coordinator_of, run_jobs

pytestmark = pytest.mark.django_db
KIND = "place_left"


def stay_of(invitation):
    return CircleMember.objects.current().get(practitioner=invitation.practitioner_id)


def sends_away(request, member):
    """The desk takes somebody out of the circle, on the page of the circle."""
    speaking = Browser().as_(coordinator_of(request.organization))
    address = reverse("people:leave", args=[member.person_id, member.pk])
    assert speaking.post(address).status_code in (204, 302, 303)
    run_jobs()


@pytest.mark.parametrize("come_to", [found, confirmed, closed])
def test_the_desk_looks_at_who_comes_and_left_the_circle(request_, orienteuse, now, come_to):
    nurse()
    search, invitation = come_to(request_, orienteuse, now)
    sends_away(request_, stay_of(invitation))
    assert KIND in waiting(request_)
    task = Task.objects.open().visible_to(orienteuse).get(kind=KIND)
    page = Browser().as_(orienteuse).get(reverse("pathways:open", args=[task.pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("broker:search", args=[search.pk])
    assert page.text.index("n’est plus du cercle de soins") < page.text.index("<dt>Soins")
    assert reverse("broker:withdrawal", args=[invitation.pk]) in page.text


def test_who_is_back_in_the_circle_is_looked_at_no_more(request_, orienteuse, now):
    nurse()
    _, invitation = found(request_, orienteuse, now)
    sends_away(request_, stay_of(invitation))
    with_her = coordinator_of(request_.organization)
    people.welcome(
        actor=with_her,
        person=request_.person,
        practitioner_id=invitation.practitioner_id,
        role=CircleMember.Role.NURSE,
        now=timezone.now(),
    )
    run_jobs()
    assert KIND not in waiting(request_)


def test_a_withdrawal_written_down_settles_it(request_, orienteuse, now):
    nurse()
    _, invitation = found(request_, orienteuse, now)
    sends_away(request_, stay_of(invitation))
    broker.withdraw(actor=orienteuse, invitation=invitation, now=timezone.now())
    run_jobs()
    assert KIND not in waiting(request_)


def test_nobody_is_looked_at_where_nobody_comes(request_, orienteuse, now):
    """A place given back closes the circle too, and another is sought already."""
    nurse()
    _, invitation = found(request_, orienteuse, now)
    broker.withdraw(actor=orienteuse, invitation=invitation, now=timezone.now())
    run_jobs()
    assert KIND not in waiting(request_)
    assert not Task.objects.filter(kind=KIND).exists()


def test_nor_where_somebody_else_leaves(request_, orienteuse, now):
    nurse()
    found(request_, orienteuse, now)
    other = nurse()
    member = joins_circle(request_.person, practitioner=other)
    sends_away(request_, member)
    assert KIND not in waiting(request_)
