"""What a plan asks for stands on the one worklist, and leaves it with what asked for it."""

from datetime import date

import pytest

from cordee.access.actor import SYSTEM
from cordee.kernel.errors import DomainError
from cordee.pathways import services as tasks
from cordee.pathways.models import Task
from cordee.plans import services
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.lines import Answer
from cordee.plans.rules.rhythms import end_of
from cordee.plans.services import ActionSaid
from tests.factories.directory import AccountFactory, MembershipFactory
from tests.plans.scene import WISHES, active, agreed, at, said, set_around, start, write
from tests.support import NOW, facts, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_around()


def waiting():
    """The kinds of tasks that are open, each with its day."""
    return {task.kind: task.due_at for task in Task.objects.open()}


def test_a_plan_that_begins_asks_for_its_action_and_its_review(around):
    active(around)
    run_jobs()
    assert waiting() == {
        "follow_action": end_of(date(2026, 12, 1)),
        "review_plan": end_of(date(2027, 2, 23)),
    }
    assert {task.person_id for task in Task.objects.open()} == {around.person.pk}


def test_nothing_is_asked_before_the_plan_begins(around):
    agreed(around)
    run_jobs()
    assert waiting() == {}


def test_what_is_done_leaves_the_list_and_what_comes_back_has_its_next_day(around):
    plan = around.open()
    step = write(around, plan, rhythm="weekly", first_on=date(2026, 11, 23))
    start(around, plan)
    run_jobs()
    assert waiting()["follow_action"] == end_of(date(2026, 11, 23))
    step.refresh_from_db()
    services.do_action(actor=around.coordinator, activity=step, done_on=date(2026, 11, 23), now=NOW)
    run_jobs()
    assert waiting()["follow_action"] == end_of(date(2026, 11, 30))


def test_a_question_is_asked_of_the_structure_and_leaves_once_understood(around):
    _, step = active(around)
    asks = ActionSaid(Answer.QUESTION, "Avec ma canne ?")
    services.answer(actor=around.coordinator, activity=step, said=asks, now=NOW)
    run_jobs()
    assert "answer_action" in waiting()
    understood = ActionSaid(Answer.UNDERSTOOD)
    services.answer(actor=around.coordinator, activity=step, said=understood, now=NOW)
    run_jobs()
    assert "answer_action" not in waiting()


def test_taking_the_agreement_back_takes_every_task_of_the_plan_away(around):
    plan, _ = active(around)
    run_jobs()
    said(around, plan, Decision.WITHDRAWN)
    run_jobs()
    assert waiting() == {}


def test_heard_twice_a_fact_asks_once(around):
    from cordee.kernel.facts import stored
    from cordee.pathways.jobs import on_plan
    from tests.support import facts

    active(around)
    run_jobs()
    before = Task.objects.count()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM kernel_fact WHERE kind LIKE 'plans.%%' ORDER BY id")
        for (number,) in cursor.fetchall():
            line = stored(number)
            if line.kind in ("plans.action_planned", "plans.plan_activated"):
                on_plan(fact=line)
    assert Task.objects.count() == before
    assert facts("plans.action_planned")


def test_a_plan_given_to_another_referent_on_its_page_takes_its_tasks_with_it(client, around):
    nadia = AccountFactory(name="Nadia Roux")
    for account in (nadia.pk, around.coordinator.account_id):
        MembershipFactory(account_id=account, organization=around.dac, role="coordinator")
    plan = around.open()
    mine = str(around.coordinator.account_id)
    typed = {"wishes": WISHES, "strengths": "", "resources": "", "difficulties": ""}
    write(around, plan)
    client.as_(around.coordinator).post(at("words", plan.pk), typed | {"referent": mine, "seen": 2})
    plan.refresh_from_db()
    assert str(plan.referent_id) == mine
    start(around, plan)
    run_jobs()
    assert {str(task.assignee_id) for task in Task.objects.open()} == {mine}

    seen = {"referent": str(nadia.pk), "seen": plan.version}
    assert client.post(at("words", plan.pk), typed | seen).status_code == 302
    run_jobs()
    assert {task.assignee_id for task in Task.objects.open()} == {nadia.pk}
    (told,) = facts("plans.plan_handed_over")[-1:]
    assert (told["data"]["former_id"], told["data"]["referent_id"]) == (mine, str(nadia.pk))


def test_a_task_that_a_colleague_took_stays_theirs_when_the_referent_changes(client, around):
    nadia, lina = AccountFactory(name="Nadia Roux"), AccountFactory(name="Lina Morel")
    for account in (nadia.pk, lina.pk):
        MembershipFactory(account_id=account, organization=around.dac, role="coordinator")
    plan, _ = active(around)
    run_jobs()
    task = Task.objects.open().filter(kind="review_plan").get()
    tasks.hand_over(actor=SYSTEM, task=task, to=lina, now=NOW)
    typed = {"wishes": WISHES, "referent": str(nadia.pk), "seen": plan.version}
    client.as_(around.coordinator).post(at("words", plan.pk), typed)
    run_jobs()
    assert {one.kind: one.assignee_id for one in Task.objects.open()} == {
        "follow_action": nadia.pk,
        "review_plan": lina.pk,
    }


def test_who_works_elsewhere_is_made_nobody_s_referent(around):
    plan = around.open()
    said = services.Words(wishes=WISHES, referent_id=AccountFactory().pk)
    with pytest.raises(DomainError, match="travaille dans la structure"):
        services.write_words(actor=around.coordinator, plan=plan, said=said, now=NOW)
