"""The demonstration: a text that a structure uses, and Berthe whom nobody called back."""

import pytest

from cordee.pathways.models import Task
from cordee.people.demo import BERTHE_IS
from cordee.protocols import demo
from cordee.protocols.models import Pathway, ProtocolVersion, Rupture
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW, run_jobs

pytestmark = pytest.mark.django_db


def test_berthe_waits_for_the_call_of_the_day_after_and_a_second_load_adds_nothing():
    dac = OrganizationFactory(kind="dac")
    for name in ("Sophie Allard", "Karim Haddad"):
        MembershipFactory(organization=dac, role="coordinator", account__name=name)
    family, born = BERTHE_IS
    person = PersonFactory(
        birth_name=family, birth_date=born, territory=dac.territory, is_demonstration=True
    )
    joins_circle(person, organization=dac, role="coordination")
    InformationFactory(person=person)
    for _ in range(2):
        demo.load(NOW)
        run_jobs()
    version = ProtocolVersion.objects.get(state="approved")
    assert (version.author.name, version.approved_by.name) == ("Sophie Allard", "Karim Haddad")
    assert Pathway.objects.get().person == person
    assert "late" in set(Rupture.objects.values_list("standing", flat=True))
    assert Task.objects.open().filter(kind="repair_rupture", person=person).exists()
