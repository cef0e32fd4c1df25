"""A protected action that its structure may read no more is given, unread, to who may."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.directory import services as directory
from cordee.directory.models import Membership
from cordee.kernel.errors import Forbidden
from cordee.pathways import services as tasks
from cordee.pathways.jobs.protected import look_again
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.models import CircleMember
from cordee.plans import services
from cordee.plans.rules.lines import Answer, Phase
from cordee.plans.rules.rhythms import end_of
from cordee.plans.services import ActionSaid
from tests.factories.directory import MembershipFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import SharingFactory, joins_circle
from tests.plans.scene import at, set_around
from tests.plans.test_protected_tasks import DAY, WORDS, told, under_way
from tests.support import NOW, actor, arranging, coordinator_of, orienteuse_of, run_jobs

pytestmark = pytest.mark.django_db
ASKED = "Confier une ligne que personne ici ne peut lire"


@pytest.fixture
def around():
    around = set_around()
    MembershipFactory(account_id=around.coordinator.account_id, organization=around.dac)
    return around


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


def test_who_leads_is_asked_to_give_it_and_reads_neither_it_nor_of_whom_it_is(
    client, around, team, colleague
):
    step = under_way(around)
    assert not Task.objects.filter(kind="give_line").exists()
    its_author_leaves(around)
    task = left()
    assert (task.organization, task.person_id, task.assignee_id) == (around.dac, None, None)
    client.as_(colleague)
    line = client.get("/a-faire?qui=team").text.partition(ASKED)
    assert line[1]
    page = client.get(reverse("pathways:open", args=[task.pk])).text
    assert "La confier à qui peut la lire" in page
    for hidden in (WORDS, around.person.birth_name, str(around.person.pk), str(step.pk)):
        assert hidden not in page
    assert client.get(at("action", step.pk)).status_code == 404


def test_given_it_waits_for_who_may_read_it_who_then_does_it(client, around, team, colleague):
    step = under_way(around)
    its_author_leaves(around)
    given = client.as_(colleague).post(reverse("pathways:give_line", args=[left().pk]))
    assert given.status_code in (302, 303)
    run_jobs()
    task = Task.objects.open().get(kind="follow_action")
    assert (task.organization_id, task.person_id) == (team.organization_id, None)
    assert (task.role, task.due_at) == ("hospital", end_of(DAY))
    assert not Task.objects.open().filter(kind="give_line").exists()
    assert client.as_(colleague).get(at("action", step.pk)).status_code == 404
    assert WORDS in client.as_(team).get(at("action", step.pk), follow=True).text
    done = {"done_on": "23/11/2026"}
    client.post(at("done", step.plan_id, step.pk), done)
    step.refresh_from_db()
    assert step.phase == Phase.DONE
    run_jobs()
    assert not Task.objects.open().filter(kind="follow_action").exists()


def test_a_question_that_its_author_left_is_given_too(around, team, colleague):
    step = under_way(around, first_on=None)
    asks = ActionSaid(Answer.QUESTION, "À quelle adresse ?")
    services.answer(actor=around.coordinator, activity=step, said=asks, now=NOW)
    run_jobs()
    its_author_leaves(around)
    assert not Task.objects.open().filter(kind="answer_action").exists()
    tasks.give_line(actor=colleague, task=left(), now=NOW + timedelta(minutes=1))
    run_jobs()
    assert Task.objects.open().get(kind="answer_action").organization_id == team.organization_id


def test_nobody_but_who_leads_there_gives_it(around, team, colleague):
    step = under_way(around)
    its_author_leaves(around)
    elsewhere = coordinator_of(OrganizationFactory(kind="dac"))
    for other in (orienteuse_of(around.dac), team, elsewhere, actor(Role.HOME_HELP, around.dac)):
        with pytest.raises(Forbidden):
            tasks.give_line(actor=other, task=left(), now=NOW)
    with pytest.raises(Forbidden):
        services.give(actor=colleague, activity=step, now=NOW)


def test_before_it_is_given_who_may_read_it_does_nothing_of_it(client, around, team):
    step = under_way(around)
    client.as_(team)
    assert (
        client.post(at("done", step.plan_id, step.pk), {"done_on": "23/11/2026"}).status_code == 403
    )


def test_it_comes_back_when_the_structure_may_read_it_again(around, team, colleague):
    under_way(around)
    its_author_leaves(around)
    told(around)
    stay = joins_circle(around.person, organization=OrganizationFactory(kind="dac"))
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    assert not Task.objects.open().filter(kind="give_line").exists()
    assert Task.objects.open().get(kind="follow_action").organization == around.dac


def test_what_came_back_was_not_given_for_ever(client, around, team, colleague):
    """Who it was given to once does nothing of it any longer."""
    step = under_way(around)
    its_author_leaves(around)
    tasks.give_line(actor=colleague, task=left(), now=NOW)
    run_jobs()
    told(around)
    stay = joins_circle(around.person, organization=OrganizationFactory(kind="dac"))
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    step.refresh_from_db()
    assert step.given_at is None
    done = client.as_(team).post(at("done", step.plan_id, step.pk), {"done_on": "23/11/2026"})
    assert done.status_code == 403


def test_a_hospital_to_which_it_is_entrusted_is_asked_by_who_reads_it_there(around, team):
    stay = CircleMember.objects.get(person=around.person, organization__in=team.organizations)
    under_way(around, choice="entrusted", member=stay)
    asked = Task.objects.open().filter(kind="follow_action", organization=stay.organization)
    assert [(one.role, one.person_id) for one in asked] == [("hospital", None)]


def test_where_nobody_at_all_may_read_it_yet_it_is_given_to_whoever_comes_to(around, colleague):
    """No orphan: who leads is asked all the same, and told no more of it."""
    under_way(around)
    its_author_leaves(around)
    assert not Task.objects.open().filter(kind="follow_action").exists()
    tasks.give_line(actor=colleague, task=left(), now=NOW)
    run_jobs()
    look_again()
    assert not Task.objects.open().filter(kind__in=("give_line", "follow_action")).exists()
    hospital = OrganizationFactory(kind="hospital", territory=around.dac.territory)
    MembershipFactory(role="hospital", organization=hospital)
    SharingFactory(
        person=around.person, category="mental_health", audience="social", choice="consented"
    )
    joins_circle(around.person, organization=hospital)
    look_again()
    assert Task.objects.open().get(kind="follow_action").organization == hospital


def test_what_a_professional_reads_who_is_entrusted_with_it_by_name_is_nobody_else_s(around):
    practitioner = PractitionerFactory()
    stay = joins_circle(around.person, practitioner=practitioner, role="nurse")
    SharingFactory(
        person=around.person, category="mental_health", audience="health", choice="consented"
    )
    under_way(around, choice="entrusted", member=stay)
    its_author_leaves(around)
    assert not Task.objects.open().filter(kind="give_line").exists()
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    assert left().organization == around.dac


# --- what was open before its task existed -------------------------------------------------------


def test_a_protected_action_without_a_task_has_one_the_next_night(around):
    told(around)
    step = under_way(around)
    with arranging():
        Task.objects.filter(kind="follow_action").update(state="dropped", settled_at=NOW)
    look_again()
    task = Task.objects.open().get(kind="follow_action")
    assert task.origin == f"plans/action/{step.pk}"
    look_again()
    assert Task.objects.open().filter(kind="follow_action").count() == 1
