"""Actions under way: understood or not, done, stopped."""

from dataclasses import dataclass
from datetime import date, datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.models import CircleMember
from cordee.plans.facts import ActionAnswered, ActionDone, LineToFollow
from cordee.plans.models import ActionAnswer, Activity, CarePlan
from cordee.plans.rules.lines import Answer, Phase
from cordee.plans.rules.rhythms import Rhythm, civil_day, next_on
from cordee.plans.services.moves import require_no_words_on_another, stop, tell_step


@dataclass(frozen=True)
class ActionSaid:
    """What who is to act said, once the action was read back."""

    answer: Answer
    words: str = ""


@action("plans.answer", on="activity", lock=("plan", "activity"))
def answer(*, actor: Actor, activity: Activity, said: ActionSaid, now: datetime) -> ActionAnswer:
    """Keep what was answered to an action: understood, a question, or cannot.

    Raises DomainError (plans.not_under_way, plans.words).
    """
    _require_under_way(activity)
    words = said.words.strip()
    if said.answer != Answer.UNDERSTOOD and not words:
        raise DomainError(
            "plans.words", "Écrivez la question, ou ce qui empêche : on y répondra avec vos mots."
        )
    kept = ActionAnswer(
        activity=activity,
        answer=said.answer.value,
        words=words[:600],
        answered_at=now,
        answered_by_id=actor.signatory,
    )
    kept.save(force_insert=True)
    tell_step(ActionAnswered, activity, answer=said.answer.value)
    return kept


@action("plans.do_action", on="activity", lock=("plan", "activity"))
def do_action(*, actor: Actor, activity: Activity, done_on: date, now: datetime) -> Activity:
    """Say that an action was done; what comes back has its next day.

    What was done earlier and is noted late is told on her thread, and moves no day back.
    Raises DomainError (plans.not_under_way, plans.done_day).
    """
    _require_under_way(activity)
    if done_on > civil_day(now):
        raise DomainError("plans.done_day", "Ce jour n’est pas encore venu : vérifiez la date.")
    if activity.done_on is None or done_on > activity.done_on:
        following = next_on(Rhythm(activity.rhythm), activity.first_on or done_on, done_on)
        activity.done_on, activity.next_on = done_on, following
        activity.phase = (Phase.ACTIVE if following else Phase.DONE).value
        activity.save(update_fields=["done_on", "next_on", "phase", "updated_at"])
    tell_step(ActionDone, activity, due_on=activity.next_on)
    return activity


@action("plans.stop_action", on="plan")
def stop_action(
    *, actor: Actor, plan: CarePlan, activity: Activity, why: str, now: datetime
) -> Activity:
    """Stop one action, and say why; under the protected line of another, without words.

    Raises DomainError (plans.not_under_way, plans.words, plans.author).
    """
    activity = Activity.objects.select_for_update(of=("self",)).get(pk=activity.pk, plan=plan)
    activity.plan = plan
    _require_under_way(activity)
    own = require_no_words_on_another(actor, activity, why.strip())
    if own and not why.strip():
        raise DomainError("plans.words", "Dites pourquoi cette action s’arrête.")
    stop(activity, why.strip(), now)
    return activity


@action("plans.follow_stay", on="activity", lock=("plan", "activity"))
def follow_stay(
    *, actor: Actor, activity: Activity, member: CircleMember, now: datetime
) -> Activity:
    """Entrust an action to the same professional or structure, in the circle of its record now."""
    if member.person_id == activity.plan.person_id:
        activity.member = member
        activity.save(update_fields=["member", "updated_at"])
        publish(LineToFollow(activity_id=activity.pk))
    return activity


@action("plans.give", on="activity", lock=("plan", "activity"))
def give(*, actor: Actor, activity: Activity, now: datetime) -> Activity:
    """Have those of her circle who may read a protected action follow it, in place of a structure
    where nobody does. Twice is once; what is over is left alone."""
    if activity.given_at is None and activity.phase == Phase.ACTIVE:
        activity.given_at = now
        activity.save(update_fields=["given_at", "updated_at"])
        publish(LineToFollow(activity_id=activity.pk))
    return activity


@action("plans.take_back", on="activity", lock=("plan", "activity"))
def take_back(*, actor: Actor, activity: Activity, now: datetime) -> Activity:
    """Forget that an action was given: its structure may read it again, and follows it. What was
    given once is not given for ever. Twice is once."""
    if activity.given_at is not None:
        activity.given_at = None
        activity.save(update_fields=["given_at", "updated_at"])
    return activity


def _require_under_way(activity: Activity) -> None:
    if activity.phase != Phase.ACTIVE:
        raise DomainError(
            "plans.not_under_way",
            "Cette action n’est pas en cours. Rien n’a été modifié : rouvrez le plan pour voir où "
            "elle en est.",
        )
