"""A week longer than usual, the roster of other weeks, and what says that it is made up."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from cordee.directory import services
from cordee.directory.models import Organization
from cordee.directory.rules import Hours
from tests.factories.directory import (
    MembershipFactory,
    OrganizationFactory,
    PoleFactory,
    PracticeFactory,
    PractitionerFactory,
    ShiftFactory,
)
from tests.support import NOW, coordinator_of, orienteuse_of, speaking_as

pytestmark = pytest.mark.django_db


def test_a_third_stretch_of_a_day_is_shown_and_survives_a_saving(client):
    practice = PracticeFactory()
    held = [Hours(0, time(7), time(9)), Hours(0, time(12), time(13)), Hours(0, time(18), time(20))]
    herself = speaking_as(practice.practitioner)
    services.declare_week(actor=herself, practice=practice, week=held, now=NOW)
    client.as_(herself)
    page = client.get(reverse("directory:my_practice")).text
    assert 'name="starts_0_2"' in page
    assert 'name="starts_0_3"' in page  # room for one more

    given = {f"starts_0_{part}": one.starts for part, one in enumerate(held)}
    given |= {f"ends_0_{part}": one.ends for part, one in enumerate(held)}
    client.post(reverse("directory:week", args=[practice.pk]), given)

    assert practice.hours.count() == 3


def test_what_is_made_up_says_so_in_every_list(client):
    client.as_(orienteuse_of(MembershipFactory().organization))
    invented = PractitionerFactory(rpps="99000000010")
    PractitionerFactory(rpps="10109999999")
    structure = OrganizationFactory(finess="990000012")
    OrganizationFactory(finess="050000012")

    assert client.post(reverse("directory:list"), {"q": ""}).text.count("Personne fictive") == 1
    for address in ("organization", "practitioner"):
        about = structure if address == "organization" else invented
        assert "fictive<" in client.get(reverse(f"directory:{address}", args=[about.pk])).text
    found = client.post(reverse("directory:structures"), {"kind": "sio"}).text
    assert (
        found.count("Structure fictive") == Organization.objects.exclude(finess="050000012").count()
    )


def test_a_shift_of_the_week_after_next_is_seen_and_cancelled(client):
    membership = MembershipFactory(role="coordinator")
    later = NOW + timedelta(days=16)
    shift = ShiftFactory(
        pole=PoleFactory(organization=membership.organization),
        account=membership.account,
        starts_at=later,
        ends_at=later + timedelta(hours=4),
    )
    client.as_(coordinator_of(membership.organization, account_id=membership.account_id))
    where, cancel = reverse("directory:roster"), reverse("directory:cancel_shift", args=[shift.pk])
    assert cancel not in client.get(where).text
    first = (NOW + timedelta(days=14)).date()
    assert f"semaine={NOW.date() + timedelta(days=7)}" in client.get(where).text
    assert client.get(where, {"semaine": "jamais"}).status_code == 200
    assert client.get(where, {"semaine": "9999-12-31"}).status_code == 200

    assert cancel in client.get(where, {"semaine": first.isoformat()}).text
    client.post(cancel)

    assert cancel not in client.get(where, {"semaine": first.isoformat()}).text
