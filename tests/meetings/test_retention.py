"""A record goes with its meetings once nothing of them is to be done; with its dilemmas too."""

import pytest

from cordee.access.removal import LeftBehind
from cordee.meetings import models
from cordee.pathways.models import Task
from cordee.pathways.policy import OWN
from cordee.people.models import Person
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.meetings import dilemma_of, meeting_held
from tests.factories.pathways import TaskFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.pathways.test_retention import at_rest, let_go

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_record_stays_with_what_a_meeting_decided_and_goes_once_it_is_done():
    dac = OrganizationFactory(kind="dac")
    person, account = PersonFactory(territory=dac.territory), AccountFactory()
    meeting_held(person, dac, account, joins_circle(person))
    dilemma = dilemma_of(person, account, AccountFactory())
    TaskFactory(organization=dac, assignee=account, role=OWN, origin=f"meetings/note/{dilemma.pk}")
    kept = TaskFactory(organization=dac)
    assert let_go("persons") == (0, 0)

    at_rest(person)
    assert let_go("persons") == (1, 1)
    assert not Person.objects.filter(pk=person.pk).exists()
    for model in (models.Meeting, models.Topic, models.Decision, models.DilemmaSeat):
        assert not model.objects.exists(), model
    assert list(Task.objects.all()) == [kept]


def test_a_record_that_goes_takes_nothing_of_a_meeting_about_somebody_else():
    dac, account = OrganizationFactory(kind="dac"), AccountFactory()
    gone = PersonFactory(territory=dac.territory)
    kept = PersonFactory(territory=dac.territory, birth_date="2020-01-01")
    stay = joins_circle(gone)  # which a merge had brought to the other, before it was undone
    meeting_held(kept, dac, account, stay)
    at_rest(gone)
    with pytest.raises(LeftBehind) as found:
        let_go("persons")
    assert found.value.ids == [gone.pk]
    assert models.Decision.objects.filter(meeting__person=kept).count() == 4
    assert models.Seat.objects.filter(meeting__person=kept).count() == 2
