"""What the database promises of alerts, budgets and the detector: each tried by breaking it."""

import pytest
from django.db import IntegrityError, transaction

from cordee.vigilance.models import AlarmBudget, Alert, Leaning
from tests.factories.vigilance import alert_of, visit_of
from tests.support import NOW, arranging
from tests.vigilance.scene import set_home


@pytest.fixture
def home(db):
    return set_home()


@pytest.fixture
def raised(home):
    return alert_of(visit_of(home.person, home.service, _account(home)))


def _account(home):
    return home.phone.account


def _refused(name):
    return pytest.raises(IntegrityError, match=name)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("vigilance_alert_is_seen_by_somebody", {"seen_at": NOW}),
        ("vigilance_alert_is_acted_on_once_it_is_seen", {"deed": "call"}),
        ("vigilance_alert_is_closed_with_what_it_was_worth", {"verdict": "right"}),
        ("vigilance_alert_is_closed_with_what_it_was_worth", {"closed_at": NOW}),
    ],
)
def test_an_alert_goes_through_its_states_in_order(raised, name, columns):
    with _refused(name), arranging(), transaction.atomic():
        Alert.objects.filter(pk=raised.pk).update(**columns)


def _budget(home, **details):
    about = {"per_week": 6, "minutes": 30, "set_by": _account(home), "set_at": NOW}
    with arranging(), transaction.atomic():
        return AlarmBudget.objects.create(organization=home.desk, **about | details)


def test_a_team_has_one_budget(home):
    _budget(home)
    with _refused("vigilance_budget_is_set_once_per_structure"):
        _budget(home)


def test_a_budget_hears_something_and_does_not_wait_for_ever(home):
    with _refused("vigilance_budget_hears_something"):
        _budget(home, per_week=0)
    with _refused("vigilance_budget_waits_from_five_minutes_to_a_day"):
        _budget(home, minutes=1)


def _leaning(home, **details):
    about = {"offsets": [0.0] * 4, "spread": 1.0, "doubt": 0.1, "estimated_at": NOW}
    with transaction.atomic():
        return Leaning.objects.create(helper=_account(home), **about | details)


def test_the_way_a_helper_marks_is_known_once_and_leaves_some_room(home):
    _leaning(home)
    with _refused("vigilance_leaning_is_known_once_per_helper"):
        _leaning(home)
    with _refused("vigilance_leaning_leaves_some_room"), transaction.atomic():
        Leaning.objects.update(spread=0.0)
