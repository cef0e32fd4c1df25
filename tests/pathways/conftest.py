"""A request at a desk, as the conductor finds it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.directory import OrganizationFactory
from tests.factories.intake import CareRequestFactory, desk_of


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def orienteuse(desk):
    return desk_of(desk)


@pytest.fixture
def request_(desk, now):
    return CareRequestFactory(
        organization=desk,
        kind="injection",
        delay="planned",
        received_at=now,
        due_at=now + timedelta(days=2),
        access_notes="Code 12B",
        caller__phone="+33639980099",
    )
