"""Who may be asked: the query and the rules say the same."""

from datetime import timedelta

import pytest

from cordee.directory import selectors
from tests.factories.directory import AbsenceFactory, PracticeFactory
from tests.support import NOW

pytestmark = pytest.mark.django_db


def test_a_proved_tied_and_open_practice_may_be_asked():
    practice = PracticeFactory(solicitable=True)

    assert list(selectors.solicitable("injection", "05132", NOW)) == [practice.practitioner]


def test_a_holiday_hides_until_its_end():
    practice = PracticeFactory(solicitable=True)
    AbsenceFactory(practice=practice, begins_at=NOW, ends_at=NOW + timedelta(hours=1))

    assert not selectors.solicitable("injection", "05132", NOW)
    assert selectors.solicitable("injection", "05132", NOW + timedelta(hours=1))
