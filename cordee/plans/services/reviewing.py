"""Looking back at the plan together: each side judges, nobody averages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.plans.facts import PlanReviewed
from cordee.plans.models import CarePlan, Goal, GoalReview, Review
from cordee.plans.rules.domains import ON_THE_THREAD
from cordee.plans.rules.lines import Stage
from cordee.plans.rules.rhythms import civil_day
from cordee.plans.rules.states import Event
from cordee.plans.services.lines import require_seen
from cordee.plans.services.moves import moved, require_no_words_on_another


@dataclass(frozen=True)
class EffectSaid:
    """What each side felt of one objective."""

    goal: Goal
    person_effect: str = ""
    person_words: str = ""
    team_effect: str = ""
    team_words: str = ""


@dataclass(frozen=True)
class ReviewSaid:
    """One review: when, what comes out of it, and when the next one is."""

    held_on: date
    next_on: date
    words: str = ""
    effects: Sequence[EffectSaid] = ()


@dataclass(frozen=True)
class Settled:
    """What became of an objective."""

    stage: Stage
    outcome: str = ""


@action("plans.review", on="plan")
def review(*, actor: Actor, plan: CarePlan, said: ReviewSaid, now: datetime) -> Review:
    """Keep what each side says of each objective, and set the next review.

    Raises DomainError (plans.state, plans.review_day, plans.effects).
    """
    state, today = moved(plan, Event.REVIEW), civil_day(now)
    if said.held_on > today or said.next_on <= max(said.held_on, today):
        raise DomainError(
            "plans.review_day",
            "La révision a eu lieu aujourd’hui ou avant, et la prochaine vient après aujourd’hui : "
            "vérifiez les deux dates.",
        )
    judged = [one for one in said.effects if one.person_effect or one.team_effect]
    if not said.words.strip() and not any(one.goal.category in ON_THE_THREAD for one in judged):
        raise DomainError("plans.effects", SAYS_NOTHING if judged else NOTHING_NOTED)
    kept = Review(
        plan=plan,
        number=plan.in_force or 0,
        held_on=said.held_on,
        next_on=said.next_on,
        words=said.words.strip()[:2000],
        recorded_by_id=actor.signatory,
    )
    kept.save(force_insert=True)
    GoalReview.objects.bulk_create(GoalReview(review=kept, **vars(one)) for one in judged)
    plan.state, plan.review_on = state.value, said.next_on
    plan.save(update_fields=["state", "review_on", "updated_at"])
    publish(
        PlanReviewed(
            person_id=plan.person_id,
            plan_id=plan.pk,
            organization_id=plan.organization_id,
            referent_id=plan.referent_id,
            review_id=kept.pk,
            review_on=said.next_on,
        )
    )
    return kept


NOTHING_NOTED = (
    "Notez ce qui ressort de la révision, ou l’effet d’un objectif au moins, pour la personne ou "
    "pour vous."
)
SAYS_NOTHING = (
    "Ces effets ne seront lus que de quelques personnes, alors que la révision et sa prochaine "
    "date le sont par tous ceux qui lisent le plan. Écrivez une phrase pour eux dans « Ce qui en "
    "ressort », sans rien y dire de ces objectifs."
)


@action("plans.settle_goal", on="plan")
def settle_goal(
    *,
    actor: Actor,
    plan: CarePlan,
    goal: Goal,
    settled: Settled,
    seen: int | None = None,
    now: datetime,
) -> Goal:
    """Say what became of an objective. One that was not reached is kept, with what happened.

    Under the protected line of another, no words: only where it stands.
    Raises DomainError (plans.closed, plans.changed, plans.outcome, plans.author).
    """
    if not plan.is_open:
        raise DomainError("plans.closed", "Ce plan est terminé : il ne change plus.")
    goal = Goal.objects.select_for_update(of=("self",)).get(pk=goal.pk, plan=plan)
    stands = f"{Stage(goal.stage).label}\u00a0: {goal.outcome or goal.words}"
    require_seen(goal, seen, stands)
    outcome = settled.outcome.strip()
    own = require_no_words_on_another(actor, goal, outcome)
    if own and settled.stage in (Stage.NOT_REACHED, Stage.GIVEN_UP) and not outcome:
        raise DomainError(
            "plans.outcome",
            "Dites ce qui s’est passé : cet objectif reste écrit, et servira à la suite.",
        )
    pursued = settled.stage == Stage.PURSUED
    goal.stage, goal.outcome = settled.stage.value, outcome[:600]
    goal.settled_on = None if pursued else civil_day(now)
    goal.save(update_fields=["stage", "outcome", "settled_on", "updated_at"])
    return goal
