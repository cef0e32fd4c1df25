"""What another did to an objective while an action was being typed for it."""

import pytest

from cordee.kernel.errors import DomainError
from cordee.plans import services
from cordee.plans.models import Activity, Goal
from cordee.plans.rules.lines import Stage
from cordee.plans.services import DeedSaid, Settled
from tests.plans.scene import at, set_around, write_goal
from tests.support import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_around()


def gone(around, plan, goal):
    services.take_away(actor=around.coordinator, plan=plan, line=goal, now=NOW)


def settled(around, plan, goal):
    said = Settled(Stage.REACHED)
    services.settle_goal(actor=around.coordinator, plan=plan, goal=goal, settled=said, now=NOW)


@pytest.mark.parametrize(
    ("meanwhile", "code"), [(gone, "plans.elsewhere"), (settled, "plans.goal")]
)
def test_an_action_is_not_written_for_an_objective_that_ended_since_it_was_read(
    around, meanwhile, code
):
    plan = around.open()
    read = Goal.objects.get(pk=write_goal(around, plan).pk)
    meanwhile(around, plan, Goal.objects.get(pk=read.pk))
    said = DeedSaid(words="Marcher dix minutes", goal=read, choice="herself")
    with pytest.raises(DomainError) as refused:
        services.write_action(actor=around.coordinator, plan=plan, said=said, now=NOW)
    assert refused.value.code == code
    assert not Activity.objects.exists()


def test_on_the_page_it_is_said_beside_what_was_typed(client, around):
    plan = around.open()
    goal = write_goal(around, plan)
    other = write_goal(around, plan)
    gone(around, plan, goal)
    typed = {"goal": str(goal.pk), "words": "Marcher dix minutes", "choice": "herself"}
    client.as_(around.coordinator)
    sent = client.post(at("add", plan.pk, "action"), typed | {"rhythm": "once"})
    assert sent.status_code == 422
    assert "Marcher dix minutes" in sent.text
    assert str(other.pk) in sent.text
