"""A software of a partner, and somebody in front of a browser."""

import pytest


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
