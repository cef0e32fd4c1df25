"""Who is entrusted with an action stays so when two records become one, and two again."""

import pytest

from cordee.people import services as people
from cordee.plans.models import Activity
from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.factories.people import InformationFactory, MemberFactory, PersonFactory, joins_circle
from tests.plans.scene import set_around, write
from tests.support import NOW, run_jobs

pytestmark = pytest.mark.django_db


def test_an_action_follows_the_stay_that_a_merge_keeps_and_comes_back_when_it_is_undone():
    other = PersonFactory()
    around = set_around()
    joins_circle(other, organization=around.dac, role="coordination")
    InformationFactory(person=other)
    nurse = PractitionerFactory(account=AccountFactory(name="Paul Berger"))
    stays = {
        one.pk: MemberFactory(person=one, practitioner=nurse) for one in (around.person, other)
    }
    plan = around.open()
    write(around, plan, choice="entrusted", member=stays[around.person.pk])
    pair = people.propose_pair(actor=around.coordinator, person=around.person, other=other, now=NOW)
    merge = people.merge_persons(
        actor=around.coordinator, candidate=pair, from_absorbed=frozenset(), now=NOW
    )
    assert merge.absorbed_id == around.person.pk
    run_jobs()
    step = Activity.objects.select_related("member", "plan").get()
    assert step.member.person_id == step.plan.person_id == merge.survivor_id
    people.undo_merge(actor=around.coordinator, merge=merge, now=NOW)
    run_jobs()
    step = Activity.objects.select_related("member", "plan").get()
    assert step.plan.person_id == around.person.pk
    assert step.member_id == stays[around.person.pk].pk
