"""What several gestures share: a plan moves, its actions stop."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from cordee.access.actor import Actor
from cordee.directory.selectors import is_member
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import Fact, publish
from cordee.plans.facts import ActionStopped, LineToFollow, PlanHandedOver
from cordee.plans.models import Activity, CarePlan, Goal
from cordee.plans.rules.lines import Phase, may_rewrite
from cordee.plans.rules.states import Event, State, after
from cordee.plans.selectors import is_told


def moved(plan: CarePlan, event: Event) -> State:
    """Say where the plan goes. Raises DomainError (plans.state) when it cannot go there."""
    state = State(plan.state)
    found = after(state, event, in_force=plan.in_force is not None)
    if found is None:
        raise DomainError(
            "plans.state",
            f"Le plan est {state.label} : il n’est pas possible de {event.label} maintenant. Rien "
            "n’a été modifié ; rouvrez le plan pour voir où il en est.",
        )
    return found


def stop_actions(plan: CarePlan, why: str, now: datetime) -> None:
    """Stop what is under way in a plan."""
    running = Activity.objects.filter(plan=plan, phase=Phase.ACTIVE.value).order_by("pk")
    for activity in running.select_for_update(of=("self",)):
        stop(activity, why, now)


def stop(activity: Activity, why: str, now: datetime) -> None:
    """Stop one action, and say so."""
    activity.phase, activity.stopped_at = Phase.STOPPED.value, now
    activity.stop_words, activity.next_on = why[:300], None
    activity.save(update_fields=["phase", "stopped_at", "stop_words", "next_on", "updated_at"])
    tell(
        activity,
        ActionStopped(
            person_id=activity.plan.person_id,
            plan_id=activity.plan_id,
            activity_id=activity.pk,
        ),
    )


def tell(activity: Activity, fact: Fact) -> None:
    """Say on her thread what became of an action; of a protected one, that it moved, of nobody."""
    publish(fact if is_told(activity) else LineToFollow(activity_id=activity.pk))


def tell_step(kind: Callable[..., Fact], activity: Activity, **said: Any) -> None:
    """Say a step of an action, with who holds its plan and who answers for it."""
    plan = activity.plan
    held = {"organization_id": plan.organization_id, "referent_id": plan.referent_id}
    named = {"person_id": plan.person_id, "plan_id": plan.pk, "activity_id": activity.pk}
    tell(activity, kind(**named, **held, **said))


def require_no_words_on_another(actor: Actor, line: Goal | Activity, words: str) -> bool:
    """Say whether words are the actor’s to write here: their author reads a protected line.

    Raises DomainError (plans.author) for words under the protected line of another.
    """
    own = may_rewrite(line.category, line.author_id, actor.account_id)
    if words and not own:
        raise DomainError(
            "plans.author",
            "Cette ligne est d’une autre personne, qui lirait vos mots sans y avoir droit. Rien "
            "n’a été modifié : recommencez sans rien écrire, ou écrivez une ligne à vous.",
        )
    return own


def require_referent(plan: CarePlan, account: UUID, now: datetime) -> None:
    """Raise DomainError (plans.referent) for who works elsewhere."""
    if not is_member(account, plan.organization_id, now):
        raise DomainError(
            "plans.referent",
            "Le référent d’un plan travaille dans la structure qui le tient. Rien n’a été modifié.",
        )


def say_handed_over(plan: CarePlan, former: UUID | None) -> None:
    """Say on the thread who answers for a plan from now on, whatever the gesture that said it."""
    publish(
        PlanHandedOver(
            person_id=plan.person_id,
            plan_id=plan.pk,
            organization_id=plan.organization_id,
            referent_id=plan.referent_id,
            former_id=former,
        )
    )
