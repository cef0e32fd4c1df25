"""Who speaks at the door, in most tests of it."""

import pytest

from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.fhir.door import Machine
from tests.fhir.stage import set_stage
from tests.support import coordinator_of


@pytest.fixture
def stage(db):
    """A desk, its coordinator, and somebody whom it follows."""
    return set_stage()


@pytest.fixture
def desk(db):
    """A desk that follows nobody yet."""
    return OrganizationFactory()


@pytest.fixture
def machine(desk):
    """A partner system that speaks for a coordinator of that desk."""
    return Machine(coordinator_of(desk, account_id=AccountFactory().pk))
