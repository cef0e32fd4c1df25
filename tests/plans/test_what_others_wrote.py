"""Under a protected line, each reads what they wrote, and what they may read of others: no more."""

import pytest

from cordee.access.models import Account
from cordee.access.sight import seen_by
from cordee.kernel.errors import DomainError
from cordee.plans import services
from cordee.plans.models import ActionAnswer, Activity, Goal, GoalReview, Need, Review
from cordee.plans.rules.domains import Domain
from cordee.plans.rules.lines import Stage
from cordee.plans.services import Settled
from tests.factories.directory import AccountFactory
from tests.factories.people import SharingFactory
from tests.plans.scene import active, at, set_around
from tests.support import NOW, arranging, coordinator_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_around()


def me(around):
    """The account of the coordinator."""
    return Account.objects.get(pk=around.coordinator.account_id)


def psychologist():
    """Somebody who wrote under the line, once."""
    return AccountFactory(name="Claire Imbert")


def protected(around, **author):
    """A plan under way with one line of mental health, of the coordinator unless said otherwise."""
    plan, _ = active(around)
    line = {"plan": plan, "category": "mental_health", "author_id": around.coordinator.account_id}
    line |= author
    with arranging():
        need = Need.objects.create(**line, words="Idées noires le soir", domain="psychic")
        goal = Goal.objects.create(**line, words="Mieux dormir", voice="person", need=need)
        step = Activity.objects.create(
            **line, words="Voir Claire", goal=goal, choice="herself", who="person", phase="active"
        )
    return plan, need, goal, step


def answered(step, account, words):
    with arranging():
        return ActionAnswer.objects.create(
            activity=step, answer="question", words=words, answered_at=NOW, answered_by=account
        )


def reviewed(plan, goal, account, words):
    with arranging():
        review = Review.objects.create(
            plan=plan,
            number=1,
            held_on=NOW.date(),
            next_on=plan.review_on,
            recorded_by=account,
        )
        return GoalReview.objects.create(
            review=review, goal=goal, team_effect="worse", team_words=words
        )


def read(model, reader):
    """What each of the two locks shows, which is the same."""
    first = set(model.objects.visible_to(reader).values_list("pk", flat=True))
    with seen_by(reader):
        second = set(model._base_manager.values_list("pk", flat=True))
    assert first == second
    return first


def test_the_author_of_a_line_does_not_read_what_was_answered_under_it(client, around):
    plan, _, _, step = protected(around)
    own = answered(step, me(around), "Quand ?")
    answered(step, psychologist(), "Elle parle de mourir")
    assert read(ActionAnswer, around.coordinator) == {own.pk}
    for page in ("plan", "paper"):
        text = client.as_(around.coordinator).get(at(page, plan.pk)).text
        assert "Quand ?" in text.replace("\u00a0", " ")
        assert "Elle parle de mourir" not in text


def test_the_author_of_a_line_does_not_read_how_another_judged_it(client, around):
    plan, _, goal, _ = protected(around)
    reviewed(plan, goal, psychologist(), "Elle parle de mourir")
    own = reviewed(plan, goal, me(around), "Dort mal")
    assert read(GoalReview, around.coordinator) == {own.pk}
    text = client.as_(around.coordinator).get(at("plan", plan.pk)).text
    assert "Dort mal" in text
    assert "Elle parle de mourir" not in text


# --- writing on the line of another --------------------------------------------------------------


def test_nobody_rewrites_a_protected_line_of_another_author(client, around):
    plan, need, goal, step = protected(around, author_id=psychologist().pk)
    colleague = around.coordinator
    typed = services.NeedSaid(words="Va mieux", domain=Domain.PSYCHIC)
    with pytest.raises(DomainError) as found:
        services.write_need(actor=colleague, plan=plan, said=typed, line=need, now=NOW)
    assert found.value.code == "plans.author"
    need.refresh_from_db()
    assert need.words == "Idées noires le soir"


def test_who_reads_the_protected_line_of_another_is_told_to_write_their_own(client, around):
    """She consents: the colleague reads the line, and rewrites none of it."""
    plan, need, goal, step = protected(around, author_id=psychologist().pk)
    SharingFactory(
        person=around.person, category="mental_health", audience="coordination", choice="consented"
    )
    client.as_(around.coordinator)
    page = client.get(at("plan", plan.pk)).text
    assert need.words in page
    for kind, line in (("need", need), ("goal", goal)):
        assert f'href="{at("edit", plan.pk, kind, line.pk)}"' not in page
    typed = {"domain": "psychic", "words": "Va mieux", "necessary": "2", "possible": "2"}
    said = client.post(at("edit", plan.pk, "need", need.pk), typed | {"seen": str(need.version)})
    assert said.status_code == 422
    assert "écrivez la vôtre" in said.text
    assert "Va mieux" in said.text


def test_an_author_rewrites_their_own_protected_line(client, around):
    plan, need, goal, _ = protected(around)
    page = client.as_(around.coordinator).get(at("plan", plan.pk)).text
    assert f'href="{at("edit", plan.pk, "goal", goal.pk)}"' in page
    typed = {"domain": "psychic", "words": "Va mieux", "necessary": "2", "possible": "2"}
    said = client.post(at("edit", plan.pk, "need", need.pk), typed | {"seen": str(need.version)})
    assert said.status_code == 302


def test_a_line_of_coordination_is_still_rewritten_by_a_colleague(around):
    plan, _ = active(around)
    need = Need.objects.get(plan=plan)
    colleague = coordinator_of(around.dac, account_id=AccountFactory(name="Nadia").pk)
    typed = services.NeedSaid(words="Marche mieux", domain=Domain.FUNCTIONAL)
    services.write_need(actor=colleague, plan=plan, said=typed, line=need, now=NOW)
    need.refresh_from_db()
    assert need.words == "Marche mieux"


def test_who_did_not_write_a_protected_line_ends_it_without_words_for_its_author(
    around,
):
    plan, _, goal, step = protected(around, author_id=psychologist().pk)
    actor = around.coordinator
    reached_not = Settled(Stage.NOT_REACHED, "Elle parle de mourir")
    with pytest.raises(DomainError, match="une autre personne"):
        services.settle_goal(actor=actor, plan=plan, goal=goal, settled=reached_not, now=NOW)
    with pytest.raises(DomainError, match="une autre personne"):
        services.stop_action(actor=actor, plan=plan, activity=step, why="Trop dur", now=NOW)
    services.stop_action(actor=actor, plan=plan, activity=step, why="", now=NOW)
    without = Settled(Stage.NOT_REACHED)
    services.settle_goal(actor=actor, plan=plan, goal=goal, settled=without, now=NOW)
    step.refresh_from_db()
    goal.refresh_from_db()
    assert (step.phase, step.stop_words) == ("stopped", "")
    assert (goal.stage, goal.outcome) == ("not_reached", "")


def test_who_wrote_a_protected_line_says_why_it_ends(around):
    plan, _, goal, step = protected(around)
    with pytest.raises(DomainError, match="Dites pourquoi"):
        services.stop_action(actor=around.coordinator, plan=plan, activity=step, why="", now=NOW)
    with pytest.raises(DomainError, match="Dites ce qui s’est passé"):
        services.settle_goal(
            actor=around.coordinator,
            plan=plan,
            goal=goal,
            settled=Settled(Stage.GIVEN_UP),
            now=NOW,
        )


def test_an_action_under_an_objective_that_one_may_not_read_is_shown_before_it_is_agreed_to(
    client, around
):
    plan, _, goal, step = protected(around, author_id=psychologist().pk)
    with arranging():
        Activity.objects.filter(pk=step.pk).update(author_id=around.coordinator.account_id)
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    page = client.as_(around.coordinator).get(at("agreement", plan.pk)).text
    assert step.words in page
    assert "Un objectif que vous ne pouvez pas lire" in page
    assert goal.words not in page
