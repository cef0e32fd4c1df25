"""A plan opens, and ends: by hand, or because nobody may follow it any more."""

from datetime import datetime

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.models import Person
from cordee.plans.facts import PlanClosed, PlanOpened
from cordee.plans.models import CarePlan
from cordee.plans.rules.states import BY_HAND, EndReason, Event, State, after
from cordee.plans.services.moves import require_referent, say_handed_over, stop_actions


@action("plans.open", on="person")
def open_plan(*, actor: Actor, person: Person, now: datetime) -> CarePlan:
    """Open the plan of somebody for the structure of the actor, who is its referent.

    Raises DomainError (plans.already_open, plans.deceased).
    """
    if person.deceased_on is not None:
        raise DomainError("plans.deceased", "Cette personne est décédée : aucun plan ne s’ouvre.")
    if actor.organization_id is None:
        raise DomainError("plans.structure", "Choisissez la structure qui tient ce plan.")
    plan = CarePlan(
        person=person,
        organization_id=actor.organization_id,
        referent_id=actor.signatory,
        opened_by_id=actor.signatory,
        opened_at=now,
    )
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(
            "plans.already_open",
            "Votre structure a déjà un plan en cours pour cette personne. Rien n’a été créé : "
            "ouvrez celui-là.",
        ) from error
    publish(
        PlanOpened(person_id=plan.person_id, plan_id=plan.pk, organization_id=plan.organization_id)
    )
    return plan


@action("plans.hand_over", on="plan")
def hand_over(*, actor: Actor, plan: CarePlan, to: Account, now: datetime) -> CarePlan:
    """Give a plan another referent, of the structure that holds it.

    Raises DomainError (plans.closed, plans.referent).
    """
    if not plan.is_open:
        raise DomainError("plans.closed", "Ce plan est terminé : il ne change plus.")
    require_referent(plan, to.pk, now)
    former, plan.referent = plan.referent_id, to
    plan.save(update_fields=["referent", "updated_at"])
    say_handed_over(plan, former)
    return plan


@action("plans.close", on="plan")
def close(*, actor: Actor, plan: CarePlan, reason: EndReason, now: datetime) -> CarePlan:
    """End a plan; its actions stop, its words stay. Raises DomainError (plans.end)."""
    if reason not in BY_HAND:
        raise DomainError("plans.end", "Choisissez pourquoi le plan se termine.")
    return _close(plan, reason, now)


@action("plans.end", on="plan")
def end(*, actor: Actor, plan: CarePlan, reason: EndReason, now: datetime) -> CarePlan:
    """End a plan on hearing that a life, or a right to follow it, ended. Safe to repeat."""
    return _close(plan, reason, now)


def _close(plan: CarePlan, reason: EndReason, now: datetime) -> CarePlan:
    state = after(State(plan.state), Event.CLOSE)
    if state is None:  # it is over already
        return plan
    stop_actions(plan, reason.label, now)
    plan.state, plan.in_force, plan.review_on = state.value, None, None
    plan.closed_at, plan.end_reason = now, reason.value
    plan.save(
        update_fields=["state", "in_force", "review_on", "closed_at", "end_reason", "updated_at"]
    )
    publish(PlanClosed(person_id=plan.person_id, plan_id=plan.pk, reason=reason.value))
    return plan
