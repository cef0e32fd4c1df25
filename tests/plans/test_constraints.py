"""What the database keeps of a plan, each promise broken on purpose."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from cordee.kernel.errors import DomainError
from cordee.plans import services
from cordee.plans.models import (
    ActionAnswer,
    Activity,
    Agreement,
    AlertStep,
    CarePlan,
    Goal,
    GoalReview,
    Need,
    PlanVersion,
    Review,
    VersionPart,
)
from cordee.plans.services import AlertSaid
from tests.factories.directory import AccountFactory
from tests.plans.scene import active, agreed, set_around
from tests.support import NOW, arranging, simultaneously

DAY = date(2026, 12, 1)


def breaks(name, make):
    """Expect the database to refuse, naming its promise."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), arranging():
        make()


def changed(row, **columns):
    """What writes columns of a row as a hurried update would."""
    return lambda: type(row).objects.filter(pk=row.pk).update(**columns)


@pytest.fixture
def around(db):
    return set_around()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("plans_plan_under_way_names_its_version", {"state": "active"}),
        ("plans_plan_end_is_dated_and_has_a_reason", {"state": "closed"}),
        ("plans_plan_end_is_dated_and_has_a_reason", {"closed_at": NOW, "end_reason": "other"}),
    ],
)
def test_a_plan_stands_where_its_columns_say(around, name, wrong):
    breaks(name, changed(around.open(), **wrong))


def test_a_plan_that_was_refused_has_no_version_under_way(around):
    plan, _ = active(around)
    name = "plans_plan_refused_or_ended_has_no_version_under_way"
    breaks(name, changed(plan, state="refused"))


def test_nothing_is_under_way_that_was_not_agreed_to(around):
    plan, _ = agreed(around)
    with arranging():
        PlanVersion.objects.create(
            plan=plan, number=2, frozen_at=NOW, frozen_by_id=around.coordinator.account_id
        )
    name = "plans_nothing_under_way_without_agreement"
    breaks(name, changed(plan, state="active", in_force=2))


def test_a_plan_never_stops_before_its_actions(around):
    plan, _ = active(around)
    name = "plans_nothing_under_way_without_agreement"
    breaks(name, changed(plan, state="refused", in_force=None))


def test_an_action_never_begins_in_a_plan_without_agreement(around):
    _, step = agreed(around)
    breaks("plans_action_begins_under_a_plan", changed(step, phase="active"))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("plans_action_says_something", {"words": ""}),
        ("plans_action_names_who_does_it", {"who": "relative", "choice": ""}),
        ("plans_action_follows_the_choice_of_the_person", {"choice": "entrusted"}),
        ("plans_action_under_way_was_chosen_by_the_person", {"choice": ""}),
        ("plans_action_under_way_was_chosen_by_the_person", {"removed_at": NOW}),
        ("plans_action_that_comes_back_has_a_first_day", {"rhythm": "daily", "first_on": None}),
    ],
)
def test_an_action_is_whole(around, name, wrong):
    _, step = active(around)
    breaks(name, changed(step, **wrong))


def test_needs_and_objectives_say_something_and_are_dated_once_settled(around):
    active(around)
    breaks("plans_need_says_something", changed(Need.objects.get(), words=""))
    goal = Goal.objects.get()
    breaks("plans_goal_says_something", changed(goal, words=""))
    breaks("plans_goal_is_dated_once_settled", changed(goal, stage="reached"))
    breaks("plans_goal_is_dated_once_settled", changed(goal, settled_on=DAY))


def test_an_answer_that_asks_or_refuses_has_words(around):
    _, step = active(around)
    asks = {"activity": step, "answered_at": NOW, "answered_by": AccountFactory()}
    name = "plans_answer_that_asks_or_refuses_has_words"
    breaks(name, lambda: ActionAnswer.objects.create(**asks, answer="question"))


def a_step(plan, **details):
    details = {"place": 1, "words": "Chute", "who": "Jeanne"} | details
    return AlertStep.objects.create(plan=plan, author=plan.opened_by, **details)


def test_an_alert_step_says_when_and_whom_at_its_own_place(around):
    plan = around.open()
    breaks("plans_alert_step_says_when_and_whom", lambda: a_step(plan, who=""))
    with arranging():
        a_step(plan)
        a_step(plan, removed_at=NOW)
    breaks("plans_alert_step_has_its_own_place", lambda: a_step(plan))


def test_a_version_is_numbered_once_and_says_each_part_once(around):
    plan, _ = agreed(around)
    version, author = PlanVersion.objects.get(), AccountFactory()
    again = {"plan": plan, "number": 1, "frozen_at": NOW, "frozen_by": author}
    breaks("plans_version_is_numbered_once", lambda: PlanVersion.objects.create(**again))
    part = {"frozen": version, "content": {}, "digest": "d"}
    breaks(
        "plans_version_says_each_part_once",
        lambda: VersionPart.objects.create(**part, category="coordination"),
    )
    for wrong in ({"category": "social"}, {"category": "coordination", "author": author}):
        breaks(
            "plans_version_part_names_who_wrote_what_is_protected",
            lambda wrong=wrong: VersionPart.objects.create(**part, **wrong),
        )


def test_an_agreement_says_what_was_shown_and_who_spoke(around):
    agreed(around)
    word = {
        "frozen": PlanVersion.objects.get(),
        "decision": "agreed",
        "speaker": "person",
        "how": "oral",
        "said_at": NOW,
        "recorded_by": AccountFactory(),
    }
    breaks(
        "plans_agreement_says_what_was_shown", lambda: Agreement.objects.create(**word, covers=[])
    )
    other = word | {"speaker": "representative", "covers": ["d"]}
    breaks("plans_agreement_by_another_names_them", lambda: Agreement.objects.create(**other))


def a_review(plan, **details):
    details = {"held_on": DAY, "next_on": date(2027, 3, 1)} | details
    return Review.objects.create(plan=plan, number=1, recorded_by=AccountFactory(), **details)


def test_a_review_is_followed_by_a_later_one_and_judges_each_objective_once(around):
    plan, step = active(around)
    breaks("plans_review_is_followed_by_a_later_one", lambda: a_review(plan, next_on=DAY))
    with arranging():
        review = a_review(plan)
    one = {"review": review, "goal": step.goal}
    breaks("plans_effect_is_judged_by_somebody", lambda: GoalReview.objects.create(**one))
    with arranging():
        GoalReview.objects.create(**one, person_effect="better")
    breaks(
        "plans_effect_is_judged_once_per_review",
        lambda: GoalReview.objects.create(**one, team_effect="worse"),
    )


def test_what_was_shown_said_answered_and_judged_is_never_rewritten(around):
    plan, step = active(around)
    with arranging():
        ActionAnswer.objects.create(
            activity=step, answer="understood", answered_at=NOW, answered_by=AccountFactory()
        )
        review = a_review(plan)
        GoalReview.objects.create(review=review, goal=step.goal, team_effect="same")
    kept = {
        PlanVersion: {"number": 7},
        VersionPart: {"digest": "other"},
        Agreement: {"decision": "refused"},
        ActionAnswer: {"words": "autre"},
        Review: {"words": "autre"},
        GoalReview: {"team_effect": "better"},
    }
    for model, other in kept.items():
        rows = model.objects.all()
        assert rows.exists(), model
        breaks("plans_is_never_rewritten", lambda rows=rows, other=other: rows.update(**other))
        breaks("plans_is_never_rewritten", lambda rows=rows: rows._raw_delete(rows.db))


@pytest.mark.django_db(transaction=True)
def test_two_who_open_at_once_open_one_plan():
    around = set_around()
    found = simultaneously(around.open, around.open)
    assert sorted(type(one).__name__ for one in found) == ["CarePlan", "DomainError"]
    refused = next(one for one in found if isinstance(one, DomainError))
    assert refused.code == "plans.already_open"
    assert CarePlan.objects.open().count() == 1
    plan = CarePlan.objects.get()
    again = {"person": plan.person, "organization": plan.organization, "opened_at": NOW}
    breaks(
        "plans_plan_is_open_once_per_person_and_structure",
        lambda: CarePlan.objects.create(**again, opened_by=plan.opened_by),
    )


@pytest.mark.django_db(transaction=True)
def test_two_who_write_the_same_place_of_the_alert_plan_at_once_write_one():
    around = set_around()
    plan = around.open()

    def write():
        said = AlertSaid(words="Chute", who="Jeanne", place=1)
        return services.write_alert(actor=around.coordinator, plan=plan, said=said, now=NOW)

    found = simultaneously(write, write)
    assert sorted(type(one).__name__ for one in found) == ["AlertStep", "DomainError"]
    assert AlertStep.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_action_begins_or_the_agreement_is_taken_back_never_both():
    from cordee.plans.rules.agreement import Decision
    from tests.plans.scene import begin, said

    around = set_around()
    plan, step = agreed(around)
    simultaneously(
        lambda: begin(around, CarePlan.objects.get()),
        lambda: said(around, CarePlan.objects.get(), Decision.WITHDRAWN),
    )
    plan.refresh_from_db()
    step.refresh_from_db()
    assert (plan.state, plan.in_force, step.phase != "active") == ("refused", None, True)
    assert Activity.objects.filter(phase="active").count() == 0


@pytest.mark.parametrize("model", [Activity, Goal, Need, AlertStep, CarePlan])
def test_no_line_of_a_plan_is_ever_erased(around, model):
    plan, _ = agreed(around)
    alert = AlertSaid("Chute", "Jeanne")
    services.write_alert(actor=around.coordinator, plan=plan, said=alert, now=NOW)
    row = model.objects.first()
    breaks("plans_is_never_erased", lambda: model.objects.filter(pk=row.pk)._raw_delete("default"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("decision", ["withdrawn", "refused"])
def test_an_agreement_taken_back_is_not_kept_while_the_plan_goes_on(decision):
    plan, _ = active(set_around())
    version = PlanVersion.objects.get()

    def take_back():
        Agreement.objects.create(
            frozen=version,
            decision=decision,
            speaker="person",
            how="oral",
            said_at=NOW,
            recorded_by_id=version.frozen_by_id,
        )

    breaks("plans_taking_back_ends_what_was_agreed", take_back)
    plan.refresh_from_db()
    assert (plan.in_force, Agreement.objects.count()) == (1, 1)
