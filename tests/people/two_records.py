"""Two records that a desk follows and may bring together, for the tests of merging."""

import pytest

from cordee.people import services
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import NOW, orienteuse_of


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def claire(desk):
    return orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk)


def somebody(desk, **details):
    person = PersonFactory(**{"birth_name": "Lefèvre", "territory": desk.territory} | details)
    joins_circle(person, organization=desk)
    return person


@pytest.fixture
def elder(desk):
    return somebody(desk)


@pytest.fixture
def younger(desk):
    return somebody(desk, birth_name="Lefebvre")


def pair_of(actor, one, other):
    return services.propose_pair(actor=actor, person=one, other=other, now=NOW)


def bring_together(actor, one, other, *chosen):
    return services.merge_persons(
        actor=actor,
        candidate=pair_of(actor, one, other),
        from_absorbed=frozenset(chosen),
        now=NOW,
    )
