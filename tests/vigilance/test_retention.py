"""What is of a person goes with her; what was answered, and what was only planned, in its time."""

from datetime import timedelta

import pytest

from cordee.people.models import Person
from cordee.vigilance.models import PlannedVisit, RefusedVisit, Visit
from tests.factories.vigilance import planned, refused_of, visits_at_home
from tests.pathways.test_retention import at_rest, let_go
from tests.support import NOW, arranging
from tests.vigilance.scene import set_home

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = NOW - timedelta(days=3000)


def test_the_visits_of_a_person_go_with_her_record():
    home = set_home()
    visits_at_home(home.person, home.service, home.phone.account)
    assert let_go("persons") == (0, 0)  # an alert is open, and she is followed closely
    at_rest(home.person)
    assert let_go("persons") == (1, 1)
    assert not Person.objects.exists()
    assert not Visit.objects.exists()
    assert not PlannedVisit.objects.exists()


def test_what_was_put_aside_goes_once_answered_and_never_before():
    home = set_home()
    kept, answered = refused_of(home.phone), refused_of(home.phone)
    with arranging():
        RefusedVisit.objects.filter(pk=answered.pk).update(
            answered_at=LONG_AGO, answered_by=home.phone.account, answer="Rappelée"
        )
    assert let_go("aside", before=NOW) == (1, 1)
    assert RefusedVisit.objects.get() == kept


def test_a_visit_that_was_only_planned_goes_and_one_that_was_marked_stays():
    home = set_home()
    old = {"starts_at": LONG_AGO}
    planned(home.person, home.service, **old)
    to_come = planned(home.person, home.service, starts_at=NOW + timedelta(days=40))
    assert let_go("planned", before=NOW) == (1, 1)
    assert PlannedVisit.objects.get() == to_come
