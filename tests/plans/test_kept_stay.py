"""Who is entrusted with an action stays so when two records become one, and two again."""

import pytest

from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.plans.models import Activity
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import InformationFactory, MemberFactory, PersonFactory, joins_circle
from tests.plans.scene import set_around, start, write
from tests.support import NOW, run_jobs

pytestmark = pytest.mark.django_db


def both():
    """Two records of one person, followed by the same structure."""
    other, around = PersonFactory(), set_around()
    joins_circle(other, organization=around.dac, role="coordination")
    InformationFactory(person=other)
    return other, around


def merged(around, other):
    pair = people.propose_pair(actor=around.coordinator, person=around.person, other=other, now=NOW)
    merge = people.merge_persons(
        actor=around.coordinator, candidate=pair, from_absorbed=frozenset(), now=NOW
    )
    assert merge.absorbed_id == around.person.pk
    run_jobs()
    return merge


def test_an_action_follows_the_stay_that_a_merge_keeps_and_comes_back_when_it_is_undone():
    other, around = both()
    nurse = PractitionerFactory(account=AccountFactory(name="Paul Berger"))
    stays = {
        one.pk: MemberFactory(person=one, practitioner=nurse) for one in (around.person, other)
    }
    plan = around.open()
    write(around, plan, choice="entrusted", member=stays[around.person.pk])
    merge = merged(around, other)
    step = Activity.objects.select_related("member", "plan").get()
    assert step.member.person_id == step.plan.person_id == merge.survivor_id
    people.undo_merge(actor=around.coordinator, merge=merge, now=NOW)
    run_jobs()
    step = Activity.objects.select_related("member", "plan").get()
    assert step.plan.person_id == around.person.pk
    assert step.member_id == stays[around.person.pk].pk


def test_the_structure_that_is_to_act_is_asked_for_it_whichever_record_holds_its_stay():
    other, around = both()
    sio = OrganizationFactory(territory=around.dac.territory)
    stays = {one.pk: joins_circle(one, organization=sio) for one in (around.person, other)}
    plan = around.open()
    write(around, plan, choice="entrusted", member=stays[around.person.pk])
    start(around, plan)
    run_jobs()

    def asked():
        rows = Task.objects.open().filter(kind="follow_action")
        return set(rows.values_list("organization", "person"))

    assert asked() == {(around.dac.pk, around.person.pk), (sio.pk, around.person.pk)}
    merge = merged(around, other)
    assert asked() == {(around.dac.pk, other.pk), (sio.pk, other.pk)}
    people.undo_merge(actor=around.coordinator, merge=merge, now=NOW)
    run_jobs()
    assert asked() == {(around.dac.pk, around.person.pk), (sio.pk, around.person.pk)}
