"""A record goes with its pathways once she left them, never while one is under way."""

import pytest

from cordee.people.models import Person
from cordee.protocols import models
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.followed import pathway_followed
from tests.factories.people import PersonFactory
from tests.pathways.test_retention import at_rest, let_go

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_record_stays_with_a_pathway_under_way_and_goes_with_one_that_was_left():
    dac = OrganizationFactory(kind="dac")
    person = PersonFactory(territory=dac.territory)
    pathway_followed(person, dac, AccountFactory())
    assert let_go("persons") == (0, 0)

    at_rest(person)
    assert let_go("persons") == (1, 1)
    assert not Person.objects.filter(pk=person.pk).exists()
    for model in (models.Pathway, models.Clock, models.Rupture):
        assert not model.objects.exists(), model
