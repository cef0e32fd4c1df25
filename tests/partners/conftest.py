"""Each test begins with empty buckets and no key fetched."""

import pytest

from cordee.partners import flow
from cordee.partners.oauth import keys


@pytest.fixture(autouse=True)
def _nothing_remembered():
    flow.forget()
    keys.forget()


@pytest.fixture
def system(db):
    """A software of a partner."""
    from tests.factories.partners import SystemFactory

    return SystemFactory()


@pytest.fixture
def ines(client):
    """A coordinator, and the browser in front of her."""
    from tests.partners.dance import coordinator

    who, person = coordinator()
    client.as_(who)
    client.person = person
    return who
