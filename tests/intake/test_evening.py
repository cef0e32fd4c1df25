"""The end of duty: who keeps what, until which morning, and what is typed wrong."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.directory import services as directory
from cordee.intake import selectors
from cordee.intake.models import Telling
from cordee.people.models import CircleMember
from tests.factories.directory import (
    MembershipFactory,
    OrganizationFactory,
    PoleFactory,
    ShiftFactory,
)
from tests.factories.intake import CareRequestFactory, desk_of
from tests.support import NOW, PARIS, arranging, queued, run_jobs

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


def test_each_pole_ends_its_own_duty(desk, service):
    poles = [PoleFactory(organization=service, name=name) for name in ("Nord", "Sud")]
    page = desk.get(reverse("intake:evening")).text
    for pole in poles:
        assert f'href="{reverse("intake:evening", query={"pole": pole.pk})}"' in page
    south = desk.get(reverse("intake:evening"), {"pole": poles[1].pk}).text
    assert "Relève\u00a0: Sud" in south
    assert 'aria-current="page">Sud' in south
    with arranging():
        poles[0].closed_on = NOW.date()
        poles[0].save()
    assert "?pole=" not in desk.get(reverse("intake:evening")).text


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
    who = MembershipFactory(organization=service, since="2026-01-01").account
    keep(desk, request, account_id=who.pk, how="caller_told")
    said = {"request": request, "how": "call", "result": "reached", "by_account": who}
    with arranging():
        Telling.objects.create(at=NOW - timedelta(hours=3), **said)
    assert why(desk, service) == ["l’appel au demandeur n’est pas noté"]
    with arranging():
        Telling.objects.create(at=NOW - timedelta(minutes=30), **said)
    assert why(desk, service) == []


def why(desk, service):
    return [*selectors.evening_of(desk.actor, service.pk, None, NOW).alone.values()]


def test_those_who_would_be_alone_are_looked_at_first_and_the_others_are_counted(
    desk, service, monkeypatch
):
    """Each keeper, manner and moment is one way of keeping; what is pressing comes first."""
    monkeypatch.setattr("cordee.intake.selectors.duty.LOOKED_AT", 3)
    names = [MembershipFactory(organization=service, since="2026-01-01").account for _ in "ab"]
    kept = [CareRequestFactory(organization=service, due_at=NOW) for _ in range(4)]
    for request, who in zip(kept, names * 2, strict=True):
        keep(desk, request, account_id=who.pk)
    late = CareRequestFactory(organization=service, due_at=NOW + timedelta(days=3))
    short = CareRequestFactory(organization=service, due_at=NOW + timedelta(days=2))
    with arranging():
        short.keeper, short.keeping, short.kept_until = names[0], "colleague", NOW
        short.save()

    evening = selectors.evening_of(desk.actor, service.pk, None, NOW)

    assert [one.pk for one in evening.requests][1:] == [short.pk, late.pk]
    assert evening.alone == {
        short.pk: "la garde s’arrête avant l’ouverture",
        late.pk: "personne n’est nommé jusqu’au matin",
    }
    assert (evening.lonely, evening.unseen) == ((2, False), (3, False))
    page = desk.get(reverse("intake:evening")).text
    assert "2\u00a0demandes seraient seules" in page
    assert "3\u00a0autres demandes ne sont pas affichées" in page
    monkeypatch.setattr("cordee.intake.selectors.duty.COUNTED", 5)
    page = desk.get(reverse("intake:evening")).text
    assert "Plus de 2\u00a0autres demandes ne sont pas affichées" in page
    monkeypatch.setattr("cordee.intake.selectors.duty.LOOKED_AT", 1)
    monkeypatch.setattr("cordee.intake.selectors.duty.COUNTED", 1)
    assert "Plus de 1\u00a0demande serait seule" in desk.get(reverse("intake:evening")).text


def test_what_one_may_not_see_is_not_counted(desk, service):
    """An evening says nothing of somebody whom the desk may not follow."""
    CareRequestFactory(organization=service)
    other = CareRequestFactory(organization=service)
    with arranging():
        CircleMember.objects.filter(person=other.person_id).update(until=NOW)

    assert selectors.evening_of(desk.actor, service.pk, None, NOW).lonely.number == 1


CLOSES = NOW.astimezone(PARIS).replace(hour=19, minute=30)  # as a pole does, and NOW is 19:25
JUST_AFTER = CLOSES + timedelta(minutes=1)
CLOSING = "cordee.intake.jobs.leave_to_on_call"


def closing_time(monkeypatch, at=JUST_AFTER):
    monkeypatch.setattr(timezone, "now", lambda: at)
    run_jobs(until=at)


def on_call(service, pole, since=CLOSES):
    account = MembershipFactory(organization=service, since="2026-01-01").account
    night = {"starts_at": since, "ends_at": CLOSES + timedelta(hours=13)}
    return ShiftFactory(pole=pole, kind="on_call", account=account, **night).account


def test_what_comes_once_the_duty_has_ended_is_kept_by_who_is_on_call(desk, service, monkeypatch):
    pole = PoleFactory(organization=service)
    keeper = on_call(service, pole)
    assert desk.post(reverse("intake:evening"), {"pole": pole.pk}).status_code == 303
    late = CareRequestFactory(
        organization=service, channel="online", received_at=NOW + timedelta(minutes=1)
    )
    closing_time(monkeypatch)
    late.refresh_from_db()
    assert (late.keeper, late.keeping) == (keeper, "on_call")
    assert late.kept_until == datetime(2026, 11, 24, 9, tzinfo=PARIS)


def test_at_closing_nothing_changes_of_what_somebody_keeps_already(desk, service, monkeypatch):
    pole = PoleFactory(organization=service)
    on_call(service, pole)
    kept = CareRequestFactory(organization=service)
    keep(desk, kept, pole=pole.pk)
    assert desk.post(reverse("intake:evening"), {"pole": pole.pk}).status_code == 303
    closing_time(monkeypatch)
    kept.refresh_from_db()
    assert kept.keeper_id == desk.actor.account_id


def test_while_another_pole_is_open_nobody_keeps_for_it(desk, service, monkeypatch):
    pole = PoleFactory(organization=service)
    PoleFactory(organization=service, closes="21:00")
    on_call(service, pole)
    assert desk.post(reverse("intake:evening"), {"pole": pole.pk}).status_code == 303
    late = CareRequestFactory(organization=service, received_at=NOW + timedelta(minutes=1))
    closing_time(monkeypatch)
    late.refresh_from_db()
    assert late.keeper is None
    closing_time(monkeypatch, CLOSES.replace(hour=21, minute=1))
    late.refresh_from_db()
    assert late.keeper is not None


def test_where_on_call_begins_later_it_keeps_what_came_in_between(desk, service, monkeypatch):
    pole, turn = PoleFactory(organization=service), CLOSES + timedelta(hours=2)
    keeper = on_call(service, pole, since=turn)
    assert desk.post(reverse("intake:evening"), {"pole": pole.pk}).status_code == 303
    late = [
        CareRequestFactory(organization=service, channel="online", received_at=NOW + one)
        for one in (timedelta(minutes=1), timedelta(hours=1))
    ]
    closing_time(monkeypatch)
    assert [at for _, _, _, at in queued(CLOSING)] == [turn]
    closing_time(monkeypatch, turn)
    for one in late:
        one.refresh_from_db()
        assert one.keeper == keeper
    assert not queued(CLOSING)


def test_where_nobody_is_on_call_or_a_desk_never_closes_it_is_not_looked_at_for_ever(
    desk, service, monkeypatch
):
    pole = PoleFactory(organization=service)
    PoleFactory(organization=service, opens="00:00", closes="00:00", weekdays=list(range(7)))
    assert desk.post(reverse("intake:evening"), {"pole": pole.pk}).status_code == 303
    closing_time(monkeypatch)
    ((_, _, _, midnight),) = queued(CLOSING)
    closing_time(monkeypatch, midnight)
    assert not queued(CLOSING)


def today(hour, minute=0):
    return CLOSES.replace(hour=hour, minute=minute)


def test_a_form_or_a_clock_that_is_late_by_seconds_is_still_of_before_closing(desk, service):
    pole = PoleFactory(organization=service)
    assert desk.post(reverse("intake:evening"), {"pole": pole.pk}).status_code == 303
    ((_, _, _, at),) = queued(CLOSING)
    assert at > CLOSES


@pytest.mark.parametrize("at", [(0, 20), (8, 50)])
def test_a_duty_ended_before_the_desk_opens_leaves_nothing_of_the_day_to_who_is_on_call(
    desk, service, at
):
    pole = PoleFactory(organization=service)
    desk.now = today(*at)
    assert desk.post(reverse("intake:evening"), {"pole": pole.pk}).status_code == 303
    assert not queued(CLOSING)


def test_of_a_duty_ended_early_what_the_team_has_in_hand_stays_with_it(desk, service, monkeypatch):
    """Pressed at ten by mistake: the afternoon is worked through all the same."""
    pole = PoleFactory(organization=service)
    keeper = on_call(service, pole)
    desk.now = today(10)
    assert desk.post(reverse("intake:evening"), {"pole": pole.pk}).status_code == 303

    def comes(hour, owner=None):
        received = {"received_at": today(hour), "channel": "online" if owner is None else "call"}
        return CareRequestFactory(organization=service, owner=owner, **received)

    before, unread, last_call = comes(9), comes(14), comes(19, keeper)
    in_hand = comes(14, MembershipFactory(organization=service, since="2026-01-01").account)
    closing_time(monkeypatch)
    for request in (before, in_hand, unread, last_call):
        request.refresh_from_db()
    assert (before.keeper, in_hand.keeper) == (None, None)
    assert (unread.keeper, last_call.keeper) == (keeper, keeper)
