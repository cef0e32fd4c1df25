"""Texts to who is on call: at night, or when an alert is passed on; if they gave their mobile."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.directory.models import CallMobile
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel, InboundText, Message
from cordee.vigilance import jobs, selectors, services
from cordee.vigilance.models import Alert
from tests.factories.directory import (
    CoverFactory,
    MembershipFactory,
    PoleFactory,
    ShiftFactory,
)
from tests.support import arranging, run_jobs
from tests.vigilance.scene import set_home

LOW = {"visit": 4, "health": 1, "morale": 4, "fitness": 4}
NIGHT = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
DAY = datetime(2026, 11, 26, 10, 30, tzinfo=UTC)
NUMBER, SECOND = "+33639980042", "+33639980044"


@pytest.fixture
def home(db):
    return set_home()


@pytest.fixture
def on_call(home):
    """Somebody on call for the desk, day and night, whose mobile is proved."""
    member = MembershipFactory(role="coordinator", organization=home.desk)
    span = {"starts_at": NIGHT - timedelta(hours=8), "ends_at": NIGHT + timedelta(days=2)}
    with arranging():
        pole = PoleFactory(organization=home.desk)
        ShiftFactory(pole=pole, account=member.account, kind="on_call", **span)
        CallMobile.objects.create(account=member.account, number=NUMBER, proved_at=NIGHT)
    return member.account


def _joins_the_roster(home, number="", **shift):
    """Another of the desk on the roster, whose mobile is proved when there is one."""
    member = MembershipFactory(role="coordinator", organization=home.desk)
    span = {"starts_at": NIGHT - timedelta(hours=8), "ends_at": NIGHT + timedelta(days=2)}
    with arranging():
        details = {"kind": "on_call"} | span | shift
        ShiftFactory(pole=PoleFactory(organization=home.desk), account=member.account, **details)
        if number:
            CallMobile.objects.create(account=member.account, number=number, proved_at=NIGHT)
    return member


def _fails(moment):
    with arranging():
        Message.objects.filter(state="queued").update(
            created_at=moment,  # as in life: rows bear the true clock
            state="failed",
            reason="messaging.undelivered",
            settled_at=moment,
            next_attempt_at=None,
        )


def _leaves(moment):
    with arranging():
        queued = Message.objects.filter(state="queued")
        queued.update(created_at=moment, state="sent", sent_at=moment, next_attempt_at=None)


def _at(moment, monkeypatch):
    monkeypatch.setattr("cordee.vigilance.jobs.timezone.now", lambda: moment)


def _raised(home, moment, monkeypatch, **details):
    _at(moment, monkeypatch)
    home.send(home.record(marks=LOW, at=moment.isoformat(), **details), now=moment)
    run_jobs(until=moment)
    with arranging():  # as in life: rows bear the true clock
        Message.objects.update(created_at=moment)
    return Alert.objects.get()


def test_at_night_what_cannot_wait_is_texted_to_who_is_on_call(home, on_call, monkeypatch):
    _raised(home, NIGHT, monkeypatch)
    text = Message.objects.get()
    assert (text.to, text.template, text.quiet_from) == (NUMBER, "vigilance.on_call", None)
    assert text.person_id is None
    assert text.organization_id is None
    for word in (home.person.birth_name, home.desk.name, "santé", "note"):
        assert word not in text.text


def test_by_day_nobody_is_texted_before_the_alert_is_passed_on(home, on_call, monkeypatch):
    alert = _raised(home, DAY, monkeypatch)
    assert not Message.objects.exists()
    _at(DAY + timedelta(minutes=31), monkeypatch)
    jobs.escalate(alert=str(alert.pk))
    assert [one.to for one in Message.objects.all()] == [NUMBER]


def test_an_alert_seen_in_time_texts_nobody_again(home, on_call, monkeypatch):
    alert = _raised(home, NIGHT, monkeypatch)
    services.see_alert(actor=home.coordinator, alert=alert, now=NIGHT + timedelta(minutes=5))
    _at(NIGHT + timedelta(minutes=31), monkeypatch)
    jobs.escalate(alert=str(alert.pk))
    assert Message.objects.count() == 1


def test_an_alert_that_stays_unseen_is_texted_once_more_when_it_is_passed_on(
    home, on_call, monkeypatch
):
    alert = _raised(home, NIGHT, monkeypatch)
    _leaves(NIGHT)
    _at(NIGHT + timedelta(minutes=31), monkeypatch)
    jobs.escalate(alert=str(alert.pk))
    jobs.escalate(alert=str(alert.pk))
    assert Message.objects.count() == 2


def test_a_mobile_that_is_not_proved_is_texted_nothing(home, on_call, monkeypatch):
    with arranging():
        CallMobile.objects.update(number="", proved_at=None, asked=NUMBER)
    _raised(home, NIGHT, monkeypatch)
    assert not Message.objects.exists()


def test_an_account_that_was_closed_is_texted_nothing(home, on_call, monkeypatch):
    on_call.is_active = False
    on_call.save()
    _raised(home, NIGHT, monkeypatch)
    assert not Message.objects.exists()


def test_one_number_for_the_team_and_for_who_is_on_call_is_one_text(home, on_call, monkeypatch):
    chosen = {"per_week": Decimal(6), "minutes": 30, "mobile": NUMBER}
    services.set_budget(actor=home.coordinator, organization=home.desk, now=NIGHT, **chosen)
    _raised(home, NIGHT, monkeypatch)
    assert [one.template for one in Message.objects.all()] == ["vigilance.alert"]


def test_the_budget_page_names_who_is_on_call_without_a_mobile(home, on_call, client):
    client.as_(home.coordinator).now = DAY
    where = reverse("vigilance:budget")
    assert "Permanence sans mobile" not in client.get(where).text
    CallMobile.objects.all().delete()
    page = client.get(where).text
    assert "Permanence sans mobile" in page
    assert on_call.name in page


def test_who_comes_on_call_is_texted_of_what_was_passed_on_to_nobody(home, monkeypatch):
    begins = NIGHT + timedelta(hours=1)
    _joins_the_roster(home, NUMBER, starts_at=begins)
    alert = _raised(home, NIGHT, monkeypatch)
    _at(NIGHT + timedelta(minutes=31), monkeypatch)
    jobs.escalate(alert=str(alert.pk))
    jobs.escalate_late()
    assert not Message.objects.exists()
    _at(begins, monkeypatch)
    jobs.escalate_late()
    jobs.escalate_late()
    assert [one.to for one in Message.objects.all()] == [NUMBER]


def test_who_comes_on_call_is_texted_of_what_was_passed_on_to_somebody_else(home, monkeypatch):
    former, begins = "+33639980043", NIGHT + timedelta(hours=4)
    _joins_the_roster(home, former, ends_at=begins)
    _joins_the_roster(home, NUMBER, starts_at=begins)
    alert = _raised(home, NIGHT, monkeypatch)
    _leaves(NIGHT)
    passed = NIGHT + timedelta(minutes=31)
    _at(passed, monkeypatch)
    jobs.escalate(alert=str(alert.pk))
    _leaves(passed)
    assert [one.to for one in Message.objects.all()] == [former, former]
    _at(begins, monkeypatch)
    jobs.escalate_late()
    jobs.escalate_late()
    assert [one.to for one in Message.objects.order_by("pk")] == [former, former, NUMBER]


def test_who_has_no_mobile_or_left_the_desk_hides_nobody_on_the_roster(home, monkeypatch):
    _joins_the_roster(home, kind="desk")
    gone = _joins_the_roster(home, "+33639980044", starts_at=NIGHT - timedelta(hours=9))
    with arranging():
        gone.until = (NIGHT - timedelta(days=1)).date()
        gone.save()
    _joins_the_roster(home, NUMBER)
    _raised(home, NIGHT, monkeypatch)
    assert [one.to for one in Message.objects.all()] == [NUMBER]


def test_who_covers_is_texted_instead_and_named_when_they_gave_no_mobile(
    home, on_call, client, monkeypatch
):
    cover = MembershipFactory(role="coordinator", organization=home.desk).account
    with arranging():
        CoverFactory(absent=on_call, cover=cover, since=NIGHT - timedelta(hours=1))
    client.as_(home.coordinator).now = DAY
    page = client.get(reverse("vigilance:budget")).text
    assert "Permanence sans mobile" in page
    assert cover.name in page
    with arranging():
        CallMobile.objects.create(account=cover, number="+33639980044", proved_at=NIGHT)
    _raised(home, NIGHT, monkeypatch)
    assert [one.to for one in Message.objects.all()] == ["+33639980044"]


def test_who_is_at_the_desk_without_a_mobile_is_named_too(home, client):
    member = _joins_the_roster(home, kind="desk")
    client.as_(home.coordinator).now = DAY
    assert member.account.name in client.get(reverse("vigilance:budget")).text


def test_who_covers_from_elsewhere_hides_nobody_without_a_mobile(home, client):
    """Texts go to members alone: the mobile of who is not of the structure reaches nobody."""
    absent = _joins_the_roster(home).account
    cover = MembershipFactory(role="coordinator").account
    with arranging():
        CoverFactory(absent=absent, cover=cover, since=NIGHT - timedelta(hours=1))
        CallMobile.objects.create(account=cover, number=NUMBER, proved_at=NIGHT)
    client.as_(home.coordinator).now = DAY
    page = client.get(reverse("vigilance:budget")).text
    assert absent.name in page
    assert cover.name not in page


def test_a_turn_that_outlives_the_membership_of_who_holds_it_is_named(home, on_call, client):
    with arranging():
        on_call.memberships.update(until=(NIGHT - timedelta(days=1)).date())
    client.as_(home.coordinator).now = DAY
    assert on_call.name in client.get(reverse("vigilance:budget")).text


def test_when_the_number_of_the_team_said_stop_who_is_on_call_is_texted_there(
    home, on_call, monkeypatch
):
    chosen = {"per_week": Decimal(6), "minutes": 30, "mobile": NUMBER}
    services.set_budget(actor=home.coordinator, organization=home.desk, now=NIGHT, **chosen)
    with arranging():
        InboundText.objects.create(
            sender=NUMBER, text="STOP", received_at=NIGHT, is_stop=True, is_clear=True
        )
    _raised(home, NIGHT, monkeypatch)
    assert [one.template for one in Message.objects.filter(state="queued")] == ["vigilance.on_call"]


def test_a_text_that_failed_goes_to_the_next_of_the_roster_three_times_each(
    home, on_call, monkeypatch
):
    _joins_the_roster(home, SECOND, starts_at=NIGHT - timedelta(hours=7))
    _raised(home, NIGHT, monkeypatch)
    for minutes in (0, 10, 20):
        moment = NIGHT + timedelta(minutes=minutes)
        _at(moment, monkeypatch)
        for _ in range(3):
            jobs.escalate_late()
            _fails(moment)
    _at(NIGHT + timedelta(minutes=29), monkeypatch)
    jobs.escalate_late()
    tried = [one.to for one in Message.objects.order_by("pk")]
    assert tried == [NUMBER, SECOND] * 3


def _refused(moment):
    """The carrier refuses the text that is due; what was to be told of it is told."""
    text = messaging.claim(actor=SYSTEM, channel=Channel.SMS, now=moment)
    messaging.give_up(actor=SYSTEM, message=text, reason="messaging.undelivered", now=moment)
    run_jobs(until=moment)
    with arranging():  # as in life: rows bear the true clock
        Message.objects.update(created_at=moment)
    return text


def test_when_a_text_fails_the_next_of_the_roster_is_texted_at_once_and_the_desk_is_told(
    home, on_call, monkeypatch, client
):
    second = _joins_the_roster(home, SECOND, starts_at=NIGHT - timedelta(hours=7)).account
    alert = _raised(home, NIGHT, monkeypatch)
    client.as_(home.coordinator).now = NIGHT + timedelta(minutes=5)
    board, page = reverse("vigilance:alerts"), reverse("vigilance:alert", args=[alert.pk])

    assert _refused(NIGHT).to == NUMBER

    assert [one.to for one in Message.objects.order_by("pk")] == [NUMBER, SECOND]
    said = client.get(page).text
    assert f"SMS d’astreinte à {on_call.name}" in said
    assert f"SMS d’astreinte à {second.name}" in said
    assert said.count("Non remis") == 1
    assert "SMS d’astreinte non remis" not in client.get(board).text

    assert _refused(NIGHT).to == SECOND

    assert Message.objects.count() == 2  # nobody is left to try before ten minutes have passed
    assert "Aucun SMS d’astreinte n’est arrivé" in client.get(page).text
    assert "SMS d’astreinte non remis" in client.get(board).text


def test_a_number_that_has_just_failed_is_not_the_first_that_is_tried(home, on_call, monkeypatch):
    alert = _raised(home, NIGHT, monkeypatch)
    _refused(NIGHT)
    services.see_alert(actor=home.coordinator, alert=alert, now=NIGHT + timedelta(minutes=1))
    _joins_the_roster(home, SECOND, starts_at=NIGHT + timedelta(minutes=2))
    again = NIGHT + timedelta(minutes=3)
    _at(again, monkeypatch)
    home.send(home.record(marks=LOW, at=again.isoformat()), now=again)
    run_jobs(until=again)
    assert [one.to for one in Message.objects.order_by("pk")] == [NUMBER, SECOND]
    _leaves(again)
    _at(NIGHT + timedelta(minutes=20), monkeypatch)
    jobs.escalate_late()
    assert [one.to for one in Message.objects.order_by("pk")] == [NUMBER, SECOND]


def test_what_was_confirmed_since_is_told_by_no_text_that_left_before(
    home, on_call, monkeypatch, client
):
    """A text that arrived while nothing of it waited hides none of those that failed after."""
    alert = _raised(home, NIGHT, monkeypatch)
    services.see_alert(actor=home.coordinator, alert=alert, now=NIGHT + timedelta(minutes=5))
    _leaves(NIGHT + timedelta(minutes=10))  # of something else that waits at the desk
    again = NIGHT + timedelta(hours=3)
    _at(again, monkeypatch)
    home.send(home.record(marks=LOW, at=again.isoformat()), now=again)
    run_jobs(until=again)
    _fails(again)
    client.as_(home.coordinator).now = again + timedelta(minutes=5)
    assert "SMS d’astreinte non remis" in client.get(reverse("vigilance:alerts")).text
    later = again + timedelta(minutes=6)  # confirmed once more, before another text may leave
    _at(later, monkeypatch)
    home.send(home.record(marks=LOW, at=later.isoformat()), now=later)
    client.as_(home.coordinator).now = later
    assert "SMS d’astreinte non remis" in client.get(reverse("vigilance:alerts")).text


def test_who_is_on_call_and_covers_another_desk_is_texted_by_each_and_each_counts_its_own(
    home, on_call, monkeypatch
):
    other = set_home()
    MembershipFactory(role="coordinator", account=on_call, organization=other.desk)
    away = _joins_the_roster(other).account
    with arranging():
        CoverFactory(absent=away, cover=on_call, since=NIGHT - timedelta(hours=1))
    _at(NIGHT, monkeypatch)
    for one in (home, other):
        one.send(one.record(marks=LOW, at=NIGHT.isoformat()), now=NIGHT)
        run_jobs(until=NIGHT)
        with arranging():  # as in life: rows bear the true clock
            Message.objects.update(created_at=NIGHT)

    assert [one.to for one in Message.objects.all()] == [NUMBER, NUMBER]
    for one in (home, other):
        alert = Alert.objects.get(organization=one.desk)
        assert len(selectors.texted_of(one.coordinator, alert, NIGHT)) == 1
    _fails(NIGHT + timedelta(minutes=1))
    assert len({str(one.origin) for one in Message.objects.filter(state="failed")}) == 2
