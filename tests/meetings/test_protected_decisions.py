"""A protected decision is asked of who may read it, without a word of it, nor of whom it is."""

from datetime import date

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.meetings import services
from cordee.meetings.rules.states import Phase
from cordee.meetings.services import DecisionSaid
from cordee.pathways.jobs.protected import look_again
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.rules.sharing import Category
from cordee.plans.rules.rhythms import end_of
from tests.factories.directory import MembershipFactory, PractitionerFactory
from tests.factories.meetings import meeting_held
from tests.factories.people import MemberFactory, SharingFactory, joins_circle
from tests.plans.scene import set_around
from tests.support import NOW, arranging, coordinator_of, facts, run_jobs

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 3)
WORDS = "Proposer une psychologue"


@pytest.fixture
def around():
    around = set_around()
    MembershipFactory(account_id=around.coordinator.account_id, organization=around.dac)
    return around


def decided(around):
    member = MembershipFactory(organization=around.dac)
    meeting = meeting_held(
        around.person, around.dac, member.account, MemberFactory(person=around.person)
    )
    said = DecisionSaid(
        words=WORDS, doer={"by_person": True}, due_on=DAY, category=Category.MENTAL_HEALTH
    )
    made = services.decide(actor=around.coordinator, meeting=meeting, said=said, now=NOW)
    run_jobs()
    return made


def waiting(made):
    return Task.objects.open().filter(origin=f"meetings/decision/{made.pk}")


def listed(client, who):
    return client.as_(who).get("/a-faire?qui=team").text


def test_who_coordinates_there_is_asked_without_a_word_while_they_may_read_it(client, around):
    SharingFactory(
        person=around.person, category="mental_health", audience="coordination", choice="consented"
    )
    made = decided(around)
    task = waiting(made).get()
    assert (task.person_id, task.role, task.due_at) == (None, "coordinator", end_of(DAY))
    page = listed(client, coordinator_of(around.dac))
    assert "Suivre une décision de réunion" in page
    assert WORDS not in page
    assert around.person.birth_name not in page.partition("Suivre une décision de réunion")[2][:600]
    assert client.get(reverse("pathways:open", args=[task.pk])).status_code == 302
    assert "meetings.decision_made" not in [one["kind"] for one in facts(thread=around.person.pk)]


def test_it_follows_what_she_chooses_to_share_afterwards(around):
    made = decided(around)
    assert waiting(made).get().role == "own"
    SharingFactory(
        person=around.person, category="mental_health", audience="coordination", choice="consented"
    )
    stay = joins_circle(around.person, practitioner=PractitionerFactory())
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)  # the circle is looked at again
    run_jobs()
    assert waiting(made).get().role == "coordinator"


def test_else_its_author_alone_is_asked_until_it_is_settled(client, around):
    made = decided(around)
    task = waiting(made).get()
    assert (task.role, task.assignee_id) == ("own", around.coordinator.account_id)
    assert "Suivre une décision de réunion" not in listed(client, coordinator_of(around.dac))
    assert "Suivre une décision de réunion" in listed(client, around.coordinator)
    services.settle(
        actor=around.coordinator, decision=made, phase=Phase.DONE, outcome="Vue lundi", now=NOW
    )
    run_jobs()
    assert not waiting(made).exists()


def test_one_that_was_made_before_it_asked_is_asked_the_next_night(around):
    made = decided(around)
    with arranging():
        waiting(made).update(state="dropped", settled_at=NOW)
    for _ in range(2):
        look_again()
        assert waiting(made).get().role == "own"
