"""What the database keeps of a visit at home, each promise broken on purpose."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cordee.vigilance.models import Device, PlannedVisit, RefusedVisit, Visit
from tests.factories.vigilance import planned, refused_of, visit_of
from tests.support import NOW, arranging, simultaneously
from tests.vigilance.scene import set_home

MUTE = {f"{name}_mark": None for name in ("visit", "health", "morale", "fitness")}


def breaks(name, make):
    """Expect the database to refuse, naming its promise."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


def changed(row, **columns):
    """What writes columns of a row as a hurried update would."""

    def write():
        with arranging():
            type(row).objects.filter(pk=row.pk).update(**columns)

    return write


@pytest.fixture
def home(db):
    return set_home()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("vigilance_visit_mark_has_five_levels", {"visit_mark": 6}),
        ("vigilance_health_mark_has_five_levels", {"health_mark": 0}),
        ("vigilance_morale_mark_has_five_levels", {"morale_mark": 6}),
        ("vigilance_fitness_mark_has_five_levels", {"fitness_mark": 9}),
        ("vigilance_visit_says_something", MUTE),
        (
            "vigilance_visit_happened_before_it_was_received",
            {"happened_at": NOW + timedelta(hours=1)},
        ),
        ("vigilance_visit_stands_where_its_columns_say", {"status": "seen"}),
        ("vigilance_visit_stands_where_its_columns_say", {"seen_at": NOW}),
        ("vigilance_visit_stands_where_its_columns_say", {"status": "closed", "seen_at": NOW}),
    ],
)
def test_a_visit_says_something_within_its_levels_and_stands_where_it_says(home, name, wrong):
    helper = home.phone.account
    breaks(name, lambda: visit_of(home.person, home.service, helper, **wrong))


@pytest.mark.parametrize(
    "wrong", [{"health_mark": 1}, {"words": "autre"}, {"urgent": True}, {"received_at": NOW}]
)
def test_a_visit_that_was_marked_is_never_rewritten(home, wrong):
    visit = visit_of(
        home.person, home.service, home.phone.account, received_at=NOW + timedelta(minutes=1)
    )
    breaks("vigilance_visit_is_never_rewritten", changed(visit, **wrong))


def test_what_was_put_aside_is_never_rewritten_and_is_answered_once(home):
    refused = refused_of(home.phone)
    breaks("vigilance_refused_is_never_rewritten", changed(refused, content="autre"))
    answered = {"answered_at": NOW, "answered_by": home.phone.account, "answer": "Rappelée"}
    changed(refused, **answered)()
    again = changed(refused, answer="Autre suite")
    breaks("vigilance_refused_is_never_rewritten", again)


def test_what_was_put_aside_is_answered_by_somebody(home):
    name = "vigilance_refused_record_is_answered_by_somebody"
    breaks(name, changed(refused_of(home.phone), answered_at=NOW))


def test_a_phone_is_wiped_once_it_is_revoked(home):
    name = "vigilance_phone_is_wiped_once_it_is_revoked"
    breaks(name, lambda: Device.objects.filter(pk=home.phone.pk).update(wiped_at=NOW))


def test_a_planned_visit_ends_after_it_begins(home):
    name = "vigilance_planned_visit_ends_after_it_begins"
    breaks(name, lambda: planned(home.person, home.service, ends_at=NOW))


@pytest.mark.django_db(transaction=True)
def test_a_planned_visit_is_known_once_by_its_source_whoever_imports_it_meanwhile():
    home = set_home()
    results = simultaneously(
        *[lambda: planned(home.person, home.service, source="csv", external_key="A1")] * 4
    )
    name = "vigilance_planned_visit_is_known_once_by_its_source"
    assert sum(name in str(one) for one in results) == 3
    assert PlannedVisit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_record_that_is_refused_is_kept_once_however_often_it_is_sent():
    home = set_home()
    results = simultaneously(*[lambda: refused_of(home.phone, digest="f" * 64)] * 4)
    name = "vigilance_refused_record_is_kept_once"
    assert sum(name in str(one) for one in results) == 3
    assert RefusedVisit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_identifier_made_by_two_phones_is_one_visit():
    home = set_home()
    key = "01930000-0000-7000-8000-00000000000a"
    helper = home.phone.account
    simultaneously(*[lambda: visit_of(home.person, home.service, helper, pk=key)] * 4)
    assert Visit.objects.count() == 1
