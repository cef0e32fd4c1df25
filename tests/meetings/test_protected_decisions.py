"""A protected decision is asked of who may read it, without a word of it, nor of whom it is."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.directory import services as directory
from cordee.directory.models import Membership
from cordee.kernel.errors import Forbidden
from cordee.meetings import services
from cordee.meetings.models import Decision
from cordee.meetings.rules.states import Phase
from cordee.meetings.services import DecisionSaid
from cordee.pathways import services as tasks
from cordee.pathways.jobs.protected import look_again
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.rules.sharing import Category
from cordee.plans.rules.rhythms import end_of
from tests.factories.directory import MembershipFactory, OrganizationFactory, PractitionerFactory
from tests.factories.meetings import meeting_held
from tests.factories.people import MemberFactory, SharingFactory, joins_circle
from tests.plans.scene import set_around
from tests.support import NOW, actor, arranging, coordinator_of, facts, orienteuse_of, run_jobs

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


# --- what its author left -------------------------------------------------------------------------


@pytest.fixture
def team(around):
    """The team of a hospital of her circle, which may read what her coordination may not."""
    hospital = OrganizationFactory(kind="hospital", territory=around.dac.territory)
    joins_circle(around.person, organization=hospital)
    held = MembershipFactory(role="hospital", organization=hospital)
    SharingFactory(
        person=around.person, category="mental_health", audience="social", choice="consented"
    )
    return actor(Role.HOSPITAL, hospital, account_id=held.account_id)


@pytest.fixture
def colleague(around):
    held = MembershipFactory(role="coordinator", organization=around.dac)
    return coordinator_of(around.dac, account_id=held.account_id)


def its_author_leaves(around):
    held = Membership.objects.get(account=around.coordinator.account_id)
    yesterday = (NOW - timedelta(days=1)).date()
    directory.end_membership(actor=SYSTEM, membership=held, last_day=yesterday, now=NOW)
    run_jobs()


def left():
    return Task.objects.open().get(kind="give_line")


def test_who_leads_gives_it_unread_to_who_may_read_it_who_then_settles_it(
    client, around, team, colleague
):
    made = decided(around)
    assert not Task.objects.filter(kind="give_line").exists()
    its_author_leaves(around)
    assert (left().organization, left().person_id, left().assignee_id) == (around.dac, None, None)
    page = client.as_(colleague).get(reverse("pathways:open", args=[left().pk])).text
    assert "La confier à qui peut la lire" in page
    for hidden in (WORDS, around.person.birth_name, str(around.person.pk), str(made.pk)):
        assert hidden not in page
    with pytest.raises(Forbidden):
        services.settle(actor=team, decision=made, phase=Phase.DONE, outcome="", now=NOW)
    client.post(reverse("pathways:give_line", args=[left().pk]))
    run_jobs()
    task = waiting(made).get()
    assert (task.organization_id, task.person_id) == (team.organization_id, None)
    assert (task.role, task.due_at) == ("hospital", end_of(DAY))
    services.settle(actor=team, decision=made, phase=Phase.DONE, outcome="", now=NOW)
    run_jobs()
    assert not Task.objects.open().filter(kind__in=("give_line", "follow_decision")).exists()


def test_nobody_gives_it_but_who_leads_there(around, team, colleague):
    made = decided(around)
    its_author_leaves(around)
    for other in (orienteuse_of(around.dac), team):
        with pytest.raises(Forbidden):
            tasks.give_line(actor=other, task=left(), now=NOW)
    with pytest.raises(Forbidden):
        services.give(actor=colleague, decision=made, now=NOW)


def test_it_comes_back_when_the_structure_may_read_it_again(around, team, colleague):
    made = decided(around)
    its_author_leaves(around)
    tasks.give_line(actor=colleague, task=left(), now=NOW)
    run_jobs()
    SharingFactory(
        person=around.person, category="mental_health", audience="coordination", choice="consented"
    )
    look_again()
    run_jobs()
    assert waiting(made).get().organization == around.dac
    made.refresh_from_db()
    assert made.given_at is None
    with pytest.raises(Forbidden):
        services.settle(actor=team, decision=made, phase=Phase.DONE, outcome="", now=NOW)


def test_one_settled_meanwhile_is_given_to_nobody(around, team, colleague):
    made = decided(around)
    its_author_leaves(around)
    task = left()
    tasks.give_line(actor=colleague, task=task, now=NOW)
    with arranging():
        Decision.objects.filter(pk=made.pk).update(phase="done", settled_at=NOW)
    run_jobs()
    made.refresh_from_db()
    assert made.given_at is None
    assert not waiting(made).exists()
