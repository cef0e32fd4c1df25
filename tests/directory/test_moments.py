"""The hours of « matin, midi, soir, nuit », set on a screen: dated, sourced, never rewritten."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.access.actor import Role
from cordee.broker import selectors as searches
from cordee.broker.selectors.batches import batch
from cordee.directory import rules
from cordee.directory.models import MomentSetting
from tests.factories.broker import SolicitationFactory, nurse
from tests.factories.directory import AccountFactory, MomentSettingFactory, WeeklyHoursFactory
from tests.support import NOW, actor, orienteuse_of, stranger

pytestmark = pytest.mark.django_db
PAGE = "directory:moments"
TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)
TYPED = {
    "since": TOMORROW.isoformat(),
    "source": "Réunion des infirmières du territoire, 12 novembre 2026",
    "verified": "on",
    "morning_from": "06:00", "morning_until": "12:00",
    "noon_from": "11:00", "noon_until": "14:00",
    "evening_from": "19:00", "evening_until": "22:00",
    "night_from": "21:00", "night_until": "06:00",
}  # fmt: skip


@pytest.fixture
def administration(client):
    paul = AccountFactory(name="Paul Giraud")
    return client.as_(actor(Role.ADMINISTRATOR, account_id=paul.pk, name=paul.name))


def send(client, **changes):
    return client.post(reverse(PAGE), TYPED | changes)


def test_another_setting_is_kept_with_its_day_its_source_and_who_chose_it(administration):
    assert send(administration).status_code == 303
    row = MomentSetting.objects.get()
    assert (row.since, row.source, row.set_by.name) == (TOMORROW, TYPED["source"], "Paul Giraud")
    page = administration.get(reverse(PAGE)).text
    for words in ("19:00 – 22:00", "Réunion des infirmières", "Paul Giraud", "à venir"):
        assert words in page


def test_the_page_of_searches_leads_to_it_and_says_what_is_in_force(administration):
    address = reverse("broker:settings")
    assert reverse(PAGE) in administration.get(address).text
    assert "17:00 – 22:00" in administration.get(address).text
    send(administration)
    assert "17:00 – 22:00" in administration.get(address).text
    administration.now = NOW + timedelta(days=1)
    assert "19:00 – 22:00" in administration.get(address).text


@pytest.mark.parametrize("days", [0, -1, -300])
def test_a_day_that_has_begun_is_never_rewritten(administration, days):
    answer = send(administration, since=(TODAY + timedelta(days=days)).isoformat())
    assert answer.status_code == 422
    assert "ne se réécrivent pas" in answer.text
    assert not MomentSetting.objects.exists()


def test_two_who_choose_the_same_day_do_not_overwrite_each_other(administration):
    """The second replaced the hours, the source and the name of the first without a word."""
    send(administration)
    answer = send(administration, evening_from="18:00")
    assert answer.status_code == 422
    assert "déjà été choisies pour ce jour-là" in answer.text
    assert MomentSetting.objects.get().evening_from == time(19)


def test_what_is_to_come_is_withdrawn_and_what_is_in_force_is_not(administration):
    send(administration)
    address = reverse("directory:withdraw_moments", args=[MomentSetting.objects.get().pk])
    assert address in administration.get(reverse(PAGE)).text
    administration.now = NOW + timedelta(days=1)
    assert address not in administration.get(reverse(PAGE)).text
    assert administration.post(address).status_code == 409
    assert MomentSetting.objects.exists()
    administration.now = NOW
    assert administration.post(address).status_code == 303
    assert not MomentSetting.objects.exists()
    assert send(administration, evening_from="18:00").status_code == 303


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"morning_from": "13:00"}, "Le matin finit avant de commencer"),
        ({"evening_from": "22:00", "evening_until": "19:00"}, "Le soir finit avant de commencer"),
        ({"noon_from": "05:00"}, "Le midi doit commencer et finir après le matin"),
        ({"evening_from": "10:00"}, "Le soir doit commencer et finir après le midi"),
        ({"noon_from": "08:00"}, "se recouvrent de plus de deux heures"),
        ({"night_from": "19:30"}, "Le soir et la nuit se recouvrent"),
        ({"night_until": "09:00"}, "La nuit et le matin se recouvrent"),
        ({"source": "moi"}, "en toutes lettres"),
        ({"noon_from": "25:00"}, "Midi, de"),
    ],
)
def test_hours_that_do_not_follow_each_other_are_refused_with_a_sentence(
    administration, changes, said
):
    answer = send(administration, **changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert not MomentSetting.objects.exists()


def test_an_evening_may_end_on_midnight_and_a_night_begin_there():
    parts = {
        "morning": (time(6), time(12)),
        "noon": (time(12), time(14)),
        "evening": (time(18), time(0)),
        "night": (time(0), time(6)),
    }
    assert rules.moments_problems(parts) == []
    assert rules.hours_of(parts)["night"] == ((time(0), time(6)),)


def test_what_is_shipped_would_be_accepted_and_reads_the_same():
    shipped = rules.MOMENT_HOURS[-1].hours
    parts = {name: (spans[0][0], spans[-1][1]) for name, spans in shipped.items()}
    assert rules.moments_problems(parts) == []
    assert rules.hours_of(parts) == shipped


def test_only_administration_sets_them(client):
    for one in (stranger(), orienteuse_of(SolicitationFactory().organization)):
        assert client.as_(one).get(reverse(PAGE)).status_code == 403
        assert send(client).status_code == 403
    assert not MomentSetting.objects.exists()


@pytest.fixture
def at_six():
    """A nurse who works from 17:00 to 18:00 every day."""
    found = nurse(week=None)
    for weekday in range(7):
        WeeklyHoursFactory(practice=found.practice, weekday=weekday, starts="17:00", ends="18:00")
    return found


def test_a_search_asks_by_the_hours_of_the_day_of_the_visit(administration, at_six):
    evening = SolicitationFactory(
        urgency="planned",
        begins_at=NOW + timedelta(days=3),
        moments=["evening"],
        kinds=["injection"],
    )
    asked = [one.candidate.practitioner_id for one in searches.pool(evening, NOW).ranked]
    assert asked == [at_six.pk]
    send(administration)
    assert list(searches.pool(evening, NOW).ranked) == []
    many = batch([evening], NOW)
    assert not list(many.order(evening, many.need(evening)))


def test_this_evening_ends_when_the_evening_that_was_set_does(administration):
    """It ended at 22:00 whatever was set: who works from 22:00 to 23:00 was not asked."""
    late = nurse(week=None)
    for weekday in range(7):
        WeeklyHoursFactory(practice=late.practice, weekday=weekday, starts="22:00", ends="23:00")
    send(administration, evening_until="23:00")
    tomorrow_at_five = NOW.astimezone(rules.PARIS).replace(hour=17, minute=0) + timedelta(days=1)
    tonight = SolicitationFactory(
        urgency="tonight", begins_at=tomorrow_at_five, moments=[], kinds=["injection"]
    )

    found = searches.pool(tonight, tomorrow_at_five)
    assert [one.candidate.practitioner_id for one in found.ranked] == [late.pk]
    many = batch([tonight], tomorrow_at_five)
    assert len(list(many.order(tonight, many.need(tonight)))) == 1
    tonight.begins_at = today = tomorrow_at_five - timedelta(days=1)
    assert list(searches.pool(tonight, today).ranked) == []


def test_where_no_moment_is_asked_nothing_more_is_read(django_assert_num_queries):
    from cordee.directory.selectors import moment_settings

    with django_assert_num_queries(0):
        assert moment_settings([]) == rules.MOMENT_HOURS


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("directory_moment_setting_says_its_source", {"source": ""}),
        ("directory_moment_setting_begins_in_order", {"noon_from": time(5)}),
    ],
)
def test_the_database_keeps_no_setting_that_lies(name, changes):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        MomentSettingFactory(**changes)


def test_an_hour_that_was_forgotten_is_said(administration):
    answer = send(administration, noon_from="")
    assert answer.status_code == 422
    assert not MomentSetting.objects.exists()
