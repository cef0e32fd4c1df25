"""The plans of the demonstration: one lives, one is talked over, and a second load adds nothing."""

from datetime import timedelta

import pytest

from cordee.pathways import entrusted
from cordee.pathways.models import Task
from cordee.people.demo import BERTHE_IS
from cordee.plans import demo
from cordee.plans.models import ActionAnswer, Activity, CarePlan
from cordee.plans.rules.rhythms import civil_day
from tests.factories.directory import MembershipFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW, run_jobs, speaking_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def berthe():
    """Berthe and a neighbour, whom a DAC with two coordinators follows."""
    dac = OrganizationFactory(kind="dac")
    for name in ("Sophie Allard", "Karim Haddad"):
        MembershipFactory(organization=dac, role="coordinator", account__name=name)
    family, born = BERTHE_IS
    traits = {"territory": dac.territory, "is_demonstration": True}
    person = PersonFactory(birth_name=family, birth_date=born, **traits)
    other = PersonFactory(birth_name="Arnaud", birth_date="1940-01-02", sex="M", **traits)
    for one in (person, other):
        joins_circle(one, organization=dac, role="coordination")
        InformationFactory(person=one)
    help_at_home = OrganizationFactory(kind="home_help", territory=dac.territory)
    joins_circle(person, organization=help_at_home, role="home_help")
    joins_circle(person, practitioner=PractitionerFactory(), role="nurse")
    return person


def test_berthe_has_a_plan_with_a_late_action_and_a_question_and_a_neighbour_talks_of_his(berthe):
    demo.load(NOW)
    run_jobs()
    hers, his = CarePlan.objects.order_by("opened_at")
    assert (hers.person, hers.state, hers.referent.name) == (berthe, "active", "Sophie Allard")
    assert (his.state, his.referent.name) == ("discussed", "Karim Haddad")
    assert Activity.objects.filter(plan=hers, phase="active").count() == 4
    assert ActionAnswer.objects.get().answer == "question"
    late = Task.objects.open().filter(person=berthe, kind="follow_action", due_at__lt=NOW)
    assert late.count() == 1
    assert Task.objects.open().filter(person=berthe, kind="answer_action").exists()


def test_her_nurse_has_an_action_by_name(berthe):
    demo.load(NOW)
    run_jobs()
    nurse = berthe.circle.get(role="nurse").practitioner
    found = entrusted.mine(speaking_as(nurse), civil_day(NOW))
    assert [one.action.words for one in found.coming] == ["Préparer le pilulier avec elle"]


def test_loaded_again_later_it_changes_nothing(berthe):
    demo.load(NOW)
    before = list(CarePlan.objects.order_by("pk").values())
    demo.load(NOW + timedelta(days=3))
    assert list(CarePlan.objects.order_by("pk").values()) == before
    assert civil_day(NOW) not in {one["review_on"] for one in before}
