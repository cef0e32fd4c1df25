"""A protected action is asked of who may read it, without a word of it, nor of whom it is."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.directory import services as directory
from cordee.directory.models import Membership
from cordee.pathways import services as tasks
from cordee.pathways.models import Task
from cordee.pathways.services import Handing
from cordee.people import services as people
from cordee.people.models import Sharing
from cordee.plans import services
from cordee.plans.rules.domains import Domain
from cordee.plans.rules.lines import Answer, Phase
from cordee.plans.rules.rhythms import end_of
from cordee.plans.services import ActionSaid, DeedSaid, Words
from tests.factories.directory import MembershipFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import SharingFactory, joins_circle
from tests.plans.scene import WISHES, at, set_around, start, write_goal, write_need
from tests.support import NOW, actor, arranging, coordinator_of, facts, orienteuse_of, run_jobs

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)
WORDS = "Voir la psychologue"


@pytest.fixture
def around():
    around = set_around()
    MembershipFactory(account_id=around.coordinator.account_id, organization=around.dac)
    return around


def told(around, category="mental_health"):
    """Let coordination know a category."""
    SharingFactory(
        person=around.person, category=category, audience="coordination", choice="consented"
    )


def under_way(around, domain=Domain.PSYCHIC, **details):
    """A plan under way with one protected action."""
    plan = around.open()
    wishes = Words(wishes=WISHES, referent_id=around.coordinator.account_id)
    services.write_words(actor=around.coordinator, plan=plan, said=wishes, now=NOW)
    goal = write_goal(around, plan, write_need(around, plan, domain))
    deed = {"choice": "herself", "first_on": DAY} | details
    asked = DeedSaid(words=WORDS, goal=goal, **deed)
    step = services.write_action(actor=around.coordinator, plan=plan, said=asked, now=NOW)
    start(around, plan)
    run_jobs()
    step.refresh_from_db()
    return step


def withdrawn(around):
    """What coordination was let know, it may know no more; who is asked is looked at again."""
    with arranging():
        Sharing.objects.filter(person=around.person).update(until=NOW + timedelta(seconds=1))
    circle_moves(around)


def circle_moves(around):
    stay = joins_circle(around.person, practitioner=PractitionerFactory())
    people.leave_circle(actor=around.coordinator, member=stay, now=NOW)
    run_jobs()


def waiting(kind="follow_action"):
    return Task.objects.open().get(kind=kind)


def listed(client, who):
    return client.as_(who).get("/a-faire?qui=team").text


@pytest.mark.parametrize(
    ("domain", "category"), [(Domain.PSYCHIC, "mental_health"), (Domain.SOCIAL, "social")]
)
def test_it_asks_the_referent_without_a_word_and_opens_on_its_line(
    client, around, domain, category
):
    told(around, category)
    step = under_way(around, domain)
    task = waiting()
    assert (task.assignee_id, task.person_id) == (around.coordinator.account_id, None)
    assert task.due_at == end_of(DAY)
    page = listed(client, around.coordinator)
    line = page.partition("Suivre une action du plan")[2][:600]
    assert line
    assert WORDS not in page
    assert around.person.birth_name not in line
    assert "Plan personnalisé" in page
    assert "Sans nom encore" not in page  # a caller who gave none is something else
    assert "Plan personnalisé" in client.get(reverse("pathways:task", args=[task.pk])).text
    opened = client.get(reverse("pathways:open", args=[task.pk])).url
    assert opened == at("action", step.pk)
    assert WORDS in client.get(opened, follow=True).text


def test_the_thread_of_the_person_does_not_tell_it(around):
    told(around)
    under_way(around)
    kinds = [one["kind"] for one in facts(thread=around.person.pk)]
    assert "plans.action_planned" not in kinds
    moved = [one for one in facts(thread=around.person.pk) if one["kind"] == "pathways.task_opened"]
    assert [one["data"]["task_kind"] for one in moved] == ["review_plan"]


def test_who_does_not_coordinate_there_is_not_shown_it(client, around):
    told(around)
    under_way(around)
    helpers = actor(Role.HOME_HELP, around.dac)
    elsewhere = coordinator_of(OrganizationFactory(kind="dac"))
    for other in (orienteuse_of(around.dac), helpers, elsewhere):
        assert not Task.objects.visible_to(other).filter(kind="follow_action").exists()


def test_what_the_structure_may_not_read_asks_its_author_alone(client, around):
    step = under_way(around)
    assert waiting().assignee_id == around.coordinator.account_id
    colleague = coordinator_of(around.dac)
    assert "Suivre une action du plan" not in listed(client, colleague)
    assert "Suivre une action du plan" in listed(client, around.coordinator)
    assert client.as_(colleague).get(at("action", step.pk)).status_code == 404


def test_it_passes_to_its_author_when_the_structure_may_read_it_no_more(around):
    told(around)
    under_way(around)
    assert waiting().role == "coordinator"
    withdrawn(around)
    assert waiting().role == "own"


def test_a_question_follows_who_may_read_the_action(around):
    told(around)
    step = under_way(around)
    asks = ActionSaid(Answer.QUESTION, "À quelle adresse ?")
    services.answer(actor=around.coordinator, activity=step, said=asks, now=NOW)
    run_jobs()
    assert waiting("answer_action").role == "coordinator"
    withdrawn(around)
    alone = waiting("answer_action")
    assert (alone.role, alone.assignee_id) == ("own", around.coordinator.account_id)
    told(around)
    circle_moves(around)
    assert waiting("answer_action").role == "coordinator"


def test_a_question_that_somebody_settled_is_not_asked_again_when_the_circle_moves(around):
    told(around)
    step = under_way(around)
    asks = ActionSaid(Answer.QUESTION, "À quelle adresse ?")
    services.answer(actor=around.coordinator, activity=step, said=asks, now=NOW)
    run_jobs()
    tasks.settle(actor=around.coordinator, task=waiting("answer_action"), now=NOW)
    circle_moves(around)
    assert not Task.objects.open().filter(kind="answer_action").exists()


def test_done_it_leaves_the_list_and_a_question_is_asked(around):
    told(around)
    step = under_way(around, rhythm="weekly", first_on=date(2026, 11, 23))
    asks = ActionSaid(Answer.QUESTION, "À quelle adresse ?")
    services.answer(actor=around.coordinator, activity=step, said=asks, now=NOW)
    run_jobs()
    assert waiting("answer_action").person_id is None
    services.do_action(actor=around.coordinator, activity=step, done_on=date(2026, 11, 23), now=NOW)
    run_jobs()
    assert waiting().due_at == end_of(date(2026, 11, 30))
    plan = step.plan
    services.stop_action(
        actor=around.coordinator, plan=plan, activity=step, why="Elle ne veut plus.", now=NOW
    )
    run_jobs()
    assert not Task.objects.open().filter(kind__in=("follow_action", "answer_action")).exists()


def test_it_is_handed_over_by_hand_and_goes_with_the_plan_when_many_change_hands(around):
    told(around)
    under_way(around)
    receiver = MembershipFactory(role="coordinator", organization=around.dac).account
    asked = Handing(
        giver=waiting().assignee,
        receiver=receiver,
        reason="load",
        persons=(around.person.pk,),
    )
    tasks.reassign(actor=around.coordinator, asked=asked, now=NOW)
    run_jobs()
    assert waiting().assignee == receiver
    third = MembershipFactory(role="coordinator", organization=around.dac).account
    holder = coordinator_of(around.dac, account_id=receiver.pk)
    tasks.hand_over(actor=holder, task=waiting(), to=third, now=NOW)
    assert waiting().assignee == third


def test_who_covers_the_referent_finds_it_with_her_work(client, around):
    told(around)
    under_way(around)
    cover = MembershipFactory(role="coordinator", organization=around.dac).account
    directory.set_cover(
        actor=SYSTEM,
        absent=waiting().assignee,
        cover=cover,
        since=NOW - timedelta(hours=1),
        until=None,
        now=NOW,
    )
    page = client.as_(coordinator_of(around.dac, account_id=cover.pk)).get("/a-faire?qui=mine").text
    assert "Suivre une action du plan" in page


def test_when_the_referent_leaves_it_goes_to_those_who_coordinate(around):
    told(around)
    under_way(around)
    held = Membership.objects.get(account=around.coordinator.account_id)
    yesterday = (NOW - timedelta(days=1)).date()
    directory.end_membership(actor=SYSTEM, membership=held, last_day=yesterday, now=NOW)
    run_jobs()
    assert (waiting().assignee_id, waiting().role) == (None, "coordinator")


def test_in_a_hospital_it_asks_the_team_of_the_hospital(client, around):
    hospital = OrganizationFactory(kind="hospital", territory=around.dac.territory)
    joins_circle(around.person, organization=hospital, role="coordination")
    held = MembershipFactory(role="hospital", organization=hospital)
    team = actor(Role.HOSPITAL, hospital, account_id=held.account_id)
    told(around)
    SharingFactory(
        person=around.person, category="mental_health", audience="social", choice="consented"
    )
    under_way(replace(around, coordinator=team))
    assert waiting().role == "hospital"
    assert "Suivre une action du plan" in listed(client, actor(Role.HOSPITAL, hospital))


def test_what_its_author_alone_read_is_not_kept_for_nobody_once_they_left(around):
    step = under_way(around)
    held = Membership.objects.get(account=around.coordinator.account_id)
    yesterday = (NOW - timedelta(days=1)).date()
    directory.end_membership(actor=SYSTEM, membership=held, last_day=yesterday, now=NOW)
    run_jobs()
    stay = joins_circle(around.person, practitioner=PractitionerFactory())
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)  # the circle is looked at again
    run_jobs()
    assert step.phase == Phase.ACTIVE
    assert not Task.objects.open().filter(kind="follow_action").exists()
    told(around)
    stay = joins_circle(around.person, practitioner=PractitionerFactory())
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    assert (waiting().role, waiting().assignee_id) == ("coordinator", None)


def test_where_it_is_done_it_is_asked_too_while_it_may_be_read_there(around):
    told(around)
    sio = OrganizationFactory(name="SIO du Champsaur", territory=around.dac.territory)
    stay = joins_circle(around.person, organization=sio)
    under_way(around, choice="entrusted", member=stay)
    rows = Task.objects.open().filter(kind="follow_action", person=None)
    assert set(rows.values_list("organization__name", flat=True)) == {
        "DAC du Champsaur",
        "SIO du Champsaur",
    }
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW + timedelta(days=1))
    run_jobs()
    assert waiting().organization == around.dac
