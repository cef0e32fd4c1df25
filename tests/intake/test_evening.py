"""The end of duty: who keeps what, until which morning, and what is typed wrong."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.directory import services as directory
from cordee.intake import selectors
from cordee.intake.models import Telling
from tests.factories.directory import MembershipFactory, OrganizationFactory, PoleFactory
from tests.factories.intake import CareRequestFactory, desk_of
from tests.support import NOW, PARIS, arranging

pytestmark = pytest.mark.django_db
CHRISTMAS_EVE = datetime(2026, 12, 24, 19, 0, tzinfo=PARIS)


@pytest.fixture
def service():
    return OrganizationFactory()


@pytest.fixture
def desk(client, service):
    client.actor = desk_of(service)
    return client.as_(client.actor)


def keep(client, request, **said):
    said = {"account_id": client.actor.account_id, "how": "on_call"} | said
    answer = client.post(reverse("intake:keep", args=[request.pk]), said)
    request.refresh_from_db()
    return answer


def test_what_is_kept_on_christmas_eve_is_kept_until_the_next_working_day(desk, service):
    colleague = MembershipFactory(organization=service, since="2026-01-01").account
    request = CareRequestFactory(organization=service, received_at=CHRISTMAS_EVE)
    desk.now = CHRISTMAS_EVE
    keep(desk, request, account_id=colleague.pk)
    assert request.kept_until == datetime(2026, 12, 26, 9, tzinfo=PARIS)


def test_each_request_is_kept_until_its_own_pole_opens(desk, service):
    PoleFactory(organization=service, name="A", opens="09:00")
    early = PoleFactory(organization=service, name="B", opens="07:00")
    request = CareRequestFactory(organization=service)
    page = desk.get(reverse("intake:evening"), {"pole": early.pk}).text
    assert page.count(f'name="pole" value="{early.pk}"') == 3
    keep(desk, request, pole=early.pk)
    assert request.kept_until == datetime(2026, 11, 24, 7, tzinfo=PARIS)


def test_a_keeper_that_cannot_be_read_is_said(desk, service):
    request = CareRequestFactory(organization=service)
    answer = keep(desk, request, how="peut-être", account_id="x")
    assert answer.status_code == 422
    assert "Choisissez" in answer.text
    assert request.keeper is None


def test_who_left_the_service_yesterday_no_longer_stands_there_after_midnight(service):
    gone = MembershipFactory(organization=service, since="2026-01-01", until=date(2026, 11, 23))
    midnight = datetime(2026, 11, 24, 0, 30, tzinfo=PARIS).astimezone(UTC)
    assert gone.account in selectors.colleagues(service.pk, NOW)
    assert gone.account not in selectors.colleagues(service.pk, midnight)
    arriving = MembershipFactory(organization=service, since=date(2026, 11, 24))
    assert arriving.account in selectors.colleagues(service.pk, midnight)


def test_one_name_keeps_everything_that_would_be_alone(desk, service):
    colleague = MembershipFactory(organization=service, since="2026-01-01").account
    other = MembershipFactory(organization=service, since="2026-01-01").account
    alone = [CareRequestFactory(organization=service) for _ in range(3)]
    kept = CareRequestFactory(organization=service)
    keep(desk, kept, account_id=other.pk)
    answer = desk.post(
        reverse("intake:keep_all"), {"account_id": colleague.pk, "how": "on_call"}, follow=True
    )
    assert answer.status_code == 200
    for request in (*alone, kept):
        request.refresh_from_db()
    assert {request.keeper for request in alone} == {colleague}
    assert kept.keeper == other
    assert all(request.kept_until - NOW < timedelta(days=1) for request in alone)


def test_the_desk_stays_open_when_who_was_named_has_left(desk, service):
    pole = PoleFactory(organization=service)
    leaves = MembershipFactory(organization=service, since="2026-01-01")
    request = CareRequestFactory(organization=service)
    keep(desk, request, account_id=leaves.account_id)
    last_day = NOW.date() - timedelta(days=1)
    directory.end_membership(actor=SYSTEM, membership=leaves, last_day=last_day, now=NOW)

    answer = desk.post(reverse("intake:evening"), {"pole": pole.pk})

    assert answer.status_code == 409
    assert "sans personne jusqu’au matin" in answer.text
    page = desk.get(reverse("intake:evening")).text
    assert "ne travaillera plus dans le service au matin" in page
    keep(desk, request, account_id=MembershipFactory(organization=service).account_id)
    assert desk.post(reverse("intake:evening"), {"pole": pole.pk}).status_code == 303


def test_whose_last_day_is_today_does_not_keep_the_night(desk, service):
    leaves = MembershipFactory(organization=service, since="2026-01-01", until=NOW.date())
    request = CareRequestFactory(organization=service)

    keep(desk, request, account_id=leaves.account_id)

    page = desk.get(reverse("intake:evening")).text
    assert "ne travaillera plus dans le service au matin" in page


def test_a_call_keeps_a_request_only_if_it_told_what_there_is_to_tell(desk, service):
    """They were called in the morning, about something else: tonight nobody knows the outcome."""
    request = CareRequestFactory(organization=service, outcome_at=NOW - timedelta(hours=1))
    said = {"request": request, "how": "call", "result": "reached"}
    said["by_account"] = MembershipFactory(organization=service).account
    with arranging():
        Telling.objects.create(at=NOW - timedelta(hours=3), **said)
    assert [one.told_since for one in selectors.kept_of(desk.actor, service.pk, NOW)] == [False]
    with arranging():
        Telling.objects.create(at=NOW - timedelta(minutes=30), **said)
    assert [one.told_since for one in selectors.kept_of(desk.actor, service.pk, NOW)] == [True]
