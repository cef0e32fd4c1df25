"""What was decided stays with who does it when two records become one, two again, and when they
join the circle of the other later."""

import pytest

from cordee.meetings.models import Decision
from cordee.people import services as people
from cordee.people.models import CircleMember
from cordee.people.services import Joining
from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.factories.meetings import meeting_held
from tests.factories.people import InformationFactory, MemberFactory, PersonFactory, joins_circle
from tests.plans.scene import set_around
from tests.support import NOW, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def other():
    return PersonFactory()


@pytest.fixture
def around(other):
    around = set_around()
    joins_circle(other, organization=around.dac, role="coordination")
    InformationFactory(person=other)
    return around


@pytest.fixture
def nurse():
    return PractitionerFactory(account=AccountFactory(name="Paul Berger"))


def merged(around, other):
    pair = people.propose_pair(actor=around.coordinator, person=around.person, other=other, now=NOW)
    return people.merge_persons(
        actor=around.coordinator, candidate=pair, from_absorbed=frozenset(), now=NOW
    )


def given():
    """Whose circle each decision is given in, beside whose meeting it is."""
    rows = Decision.objects.select_related("member", "meeting")
    return {(one.member.person_id, one.meeting.person_id) for one in rows}


def test_a_decision_follows_the_stay_that_a_merge_keeps_and_comes_back(around, other, nurse):
    stays = {
        one.pk: MemberFactory(person=one, practitioner=nurse) for one in (around.person, other)
    }
    account = AccountFactory()
    meeting_held(around.person, around.dac, account, stays[around.person.pk])
    merge = merged(around, other)
    assert merge.absorbed_id == around.person.pk
    run_jobs()
    assert given() == {(other.pk, other.pk)}
    people.undo_merge(actor=around.coordinator, merge=merge, now=NOW)
    run_jobs()
    assert given() == {(around.person.pk, around.person.pk)}


def test_a_decision_made_while_they_were_one_is_given_to_who_joins_the_circle_later(
    around, other, nurse
):
    stay = MemberFactory(person=around.person, practitioner=nurse)
    merge = merged(around, other)
    meeting_held(other, around.dac, AccountFactory(), CircleMember.objects.get(pk=stay.pk))
    people.undo_merge(actor=around.coordinator, merge=merge, now=NOW)
    run_jobs()
    assert given() == {(around.person.pk, other.pk)}
    joining = Joining(practitioner_id=nurse.pk, role="nurse")
    people.join_circle(actor=around.coordinator, person=other, joining=joining, now=NOW)
    run_jobs()
    assert given() == {(other.pk, other.pk)}
