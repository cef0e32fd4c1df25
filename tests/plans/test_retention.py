"""A record goes with its plan once the plan has ended, never while it is under way."""

import pytest

from cordee.access.removal import LeftBehind
from cordee.people.models import Person
from cordee.plans import models
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.factories.plans import plan_under_way
from tests.pathways.test_retention import at_rest, let_go

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_record_stays_with_a_plan_under_way_and_goes_with_one_that_ended():
    dac = OrganizationFactory(kind="dac")
    person = PersonFactory(territory=dac.territory)
    plan_under_way(person, dac, AccountFactory(), joins_circle(person))
    assert let_go("persons") == (0, 0)

    at_rest(person)
    assert let_go("persons") == (1, 1)
    assert not Person.objects.filter(pk=person.pk).exists()
    for model in (models.CarePlan, models.Agreement, models.VersionPart, models.GoalReview):
        assert not model.objects.exists(), model


def test_a_record_that_goes_takes_no_action_of_the_plan_of_somebody_else():
    dac = OrganizationFactory(kind="dac")
    gone = PersonFactory(territory=dac.territory)
    kept = PersonFactory(territory=dac.territory, birth_date="2020-01-01")
    stay = joins_circle(gone)  # which a merge had brought to the other, before it was undone
    plan_under_way(kept, dac, AccountFactory(), stay)
    with pytest.raises(LeftBehind) as found:
        let_go("persons")
    assert found.value.ids == [gone.pk]
    assert models.Activity.objects.filter(plan__person=kept).count() == 4
