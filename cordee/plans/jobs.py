"""What a plan does on hearing of a life: it ends with it, and with the right to follow it."""

from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.people import selectors as people
from cordee.people.facts import finds_something, persons_of
from cordee.people.rules.processing import Basis, Purpose
from cordee.plans import selectors, services
from cordee.plans.models import CarePlan
from cordee.plans.rules.states import EndReason


@listens("people.person_died")
def on_death(*, fact: StoredFact) -> None:
    """End the plans of somebody who died, unless that was taken back since."""
    person_id = UUID(str(fact.data["person_id"]))
    if people.is_deceased(person_id):
        _end([person_id], EndReason.DECEASED)


@listens(
    "people.processing_changed",
    "people.sharing_changed",
    "people.left_circle",
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
)
def on_shut_out(*, fact: StoredFact) -> None:
    """End the plans of a structure that may follow the person no more, or of who is dead."""
    _end_unless_followed(persons_of(fact))


@listens(
    *("people.merged", "people.merged_unattended", "people.merge_undone", "people.joined_circle"),
    only=finds_something,
)
def on_records(*, fact: StoredFact) -> None:
    """Records became one, or two again: who is entrusted with an action is of the circle there,
    at once or on the day they join it."""
    for activity in selectors.astray_of(persons_of(fact)):
        member = activity.member and selectors.stay_like(activity.member, activity.plan.person_id)
        if member:
            services.follow_stay(actor=SYSTEM, activity=activity, member=member, now=timezone.now())


@listens("people.legal_basis_set")
def on_basis(*, fact: StoredFact) -> None:
    """Coordination by consent alone ends the plans of who has not consented."""
    if (fact.data["purpose"], fact.data["basis"]) == (Purpose.COORDINATION, Basis.CONSENT):
        _end_unless_followed(None)


def _end_unless_followed(persons: list[UUID] | None) -> None:
    for plan in selectors.open_plans_of(persons):
        if people.is_deceased(plan.person_id):
            _one(plan, EndReason.DECEASED)
        elif not _is_followed(plan):
            _one(plan, EndReason.SHUT_OUT)


def _is_followed(plan: CarePlan) -> bool:
    """By the structure that holds it, or by the own stay of who opened it or answers for it."""
    return people.is_followed(
        plan.organization_id, plan.person_id, plan.referent_id, plan.opened_by_id
    )


def _end(persons: list[UUID], reason: EndReason) -> None:
    for plan in selectors.open_plans_of(persons):
        _one(plan, reason)


def _one(plan: CarePlan, reason: EndReason) -> None:
    services.end(actor=SYSTEM, plan=plan, reason=reason, now=timezone.now())
