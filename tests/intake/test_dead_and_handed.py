"""A call for somebody who has died; a request handed on with what was asked of its requester."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.models import Account
from cordee.intake import services
from cordee.intake.models import CareRequest
from cordee.people.models import CircleMember, Person
from tests.factories.directory import CommuneFactory, MembershipFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory, TriageVersionFactory, desk_of
from tests.factories.people import PersonFactory, joins_circle
from tests.intake.test_desk import said
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead():
    CommuneFactory()
    desk = OrganizationFactory()
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    with arranging():
        Person.objects.filter(pk=person.pk).update(deceased_on=NOW.date())
    return desk, person


def test_the_desk_reads_a_death_before_saving_and_is_refused_after(client, dead):
    desk, person = dead
    client.as_(desk_of(desk))
    typed = said(person_id=str(person.pk), delay="h24")
    summary = client.htmx(reverse("intake:summary", args=[typed["draft_id"]]), typed).text
    assert "Le décès de cette personne est noté, le 23/11/2026." in summary

    answer = client.post(reverse("intake:desk"), typed)

    assert answer.status_code == 422
    assert "Le décès de cette personne est noté, le 23/11/2026." in answer.text
    assert not CareRequest.objects.exists()


def test_a_service_that_never_met_them_does_not_enter_their_circle(client, dead):
    _, person = dead
    other = OrganizationFactory(territory=person.territory)
    client.as_(desk_of(other))
    answer = client.post(reverse("intake:desk"), said(person_id=str(person.pk), delay="h24"))
    assert answer.status_code == 422
    assert not CircleMember.objects.filter(person=person, organization=other).exists()


def test_an_advice_about_them_is_still_written(client, dead):
    desk, person = dead
    client.as_(desk_of(desk))
    answer = client.post(reverse("intake:desk"), said(person_id=str(person.pk), weight="advice"))
    assert answer.status_code == 302


def test_what_was_asked_of_the_requester_follows_the_request():
    one, two = OrganizationFactory(kind="sio"), OrganizationFactory(kind="sio")
    grids = [TriageVersionFactory(organization=desk, signed=True) for desk in (one, two)]
    there = desk_of(two)
    account = Account.objects.get(pk=there.account_id)
    MembershipFactory(account=account, organization=two, role="orienteuse")
    request = CareRequestFactory(
        organization=one,
        kind="injection",
        delay="h24",
        received_at=NOW,
        due_at=NOW + timedelta(hours=24),
    )
    signs = {one["code"]: False for one in grids[0].content["signs"]}
    services.retriage(actor=desk_of(one), request=request, answers=signs, now=NOW)

    to = services.HandOn(organization=two, reason="territory", spoken_with="Lucie")
    copy = services.hand_on(actor=desk_of(one), request=request, to=to, now=NOW)

    kept = copy.triages.get()
    assert {code: kept.answers[code] for code in signs} == signs
    copy = services.qualify(actor=there, request=copy, now=NOW)
    assert copy.state == "qualified"
