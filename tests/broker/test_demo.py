"""The made-up past gives ranking and fairness something to say."""

import pytest

from cordee.broker import demo, selectors
from cordee.broker.models import Invitation, Solicitation
from cordee.directory.models import TerritoryCommune
from tests.factories.broker import nurses
from tests.factories.directory import CommuneFactory, OrganizationFactory
from tests.factories.people import PersonFactory
from tests.support import NOW, arranging, orienteuse_of

pytestmark = pytest.mark.django_db


def test_the_past_is_written_once_and_fairness_is_a_number():
    desk = OrganizationFactory()
    with arranging():
        TerritoryCommune.objects.create(territory=desk.territory, commune=CommuneFactory())
    PersonFactory(territory=desk.territory, is_demonstration=True)
    nurses(20)
    demo.load(NOW)
    count = Invitation.objects.count()
    demo.load(NOW)
    assert Invitation.objects.count() == count > 100
    assert not Solicitation.objects.open().exists()
    measured = selectors.fairness(orienteuse_of(desk), NOW, 0.3)
    assert measured.total > 50
    assert measured.share > 0.5


def test_without_persons_there_is_no_past():
    OrganizationFactory()
    demo.load(NOW)
    assert not Solicitation.objects.exists()
