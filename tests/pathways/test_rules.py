"""Where a task stands on the worklist."""

from datetime import timedelta

import pytest

from cordee.pathways import rules
from cordee.pathways.models import Task
from tests.support import NOW


def test_every_kind_of_task_stands_in_a_box_and_fits_its_column():
    assert {kind.box for kind in rules.KINDS.values()} <= set(Task.Box.values)
    assert Task._meta.get_field("kind").choices == [
        (code, kind.asks) for code, kind in rules.KINDS.items()
    ]
    assert max(map(len, rules.KINDS)) <= Task._meta.get_field("kind").max_length


def test_a_task_is_due_by_its_own_delay_or_by_the_deadline_if_sooner():
    soon = NOW + timedelta(minutes=5)

    assert rules.due_at("call_back", NOW) == NOW + timedelta(minutes=30)
    assert rules.due_at("call_back", NOW, soon) == soon
    assert rules.due_at("await_answer", NOW) is None
    assert rules.due_at("await_answer", NOW, soon) == soon


def test_what_has_no_date_comes_after_what_has_one_this_month():
    dated = rules.sorts_at(NOW, NOW + timedelta(days=29))

    assert dated < rules.sorts_at(NOW, None)


@pytest.mark.parametrize(
    ("kind", "delay", "urgency"),
    [
        ("call_back", "tonight", rules.TONIGHT),
        ("call_back", "planned", rules.PLANNED),
        ("call_back", "", rules.NORMAL),
        ("tell_withdrawal", "planned", rules.kinds.NOW),
    ],
)
def test_a_task_is_as_urgent_as_its_request_unless_it_is_urgent_by_itself(kind, delay, urgency):
    assert rules.urgency_of(kind, delay) == urgency


def test_put_off_until_this_evening_means_tomorrow_once_evening_has_come():
    noon = NOW.replace(hour=12, minute=0)

    assert rules.snooze_until("soir", noon) == noon.replace(hour=18)
    assert rules.snooze_until("soir", NOW) == (NOW + timedelta(days=1)).replace(hour=9, minute=0)


def test_tomorrow_nine_is_nine_on_the_wall_across_the_change_of_hour():
    saturday = NOW.replace(month=10, day=24)  # clocks go back in the night

    assert rules.snooze_until("demain", saturday).hour == 9
