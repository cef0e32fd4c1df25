"""What changes hands: who gives and who receives are both told; the tasks of a plan go with it."""

from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.kernel.queue import job
from cordee.pathways import planned, services
from cordee.pathways.caseload import hand_over_now


@job(queue="facts", attempts=8)
def tell(*, hand_over_id: str) -> None:
    """Ask both to read what changed hands; not who did it, who knows."""
    made = hand_over_now(UUID(hand_over_id))
    for kind, account in (("read_received", made.receiver_id), ("read_given", made.giver_id)):
        if account and account != made.made_by_id:
            ask = services.Ask(
                kind=kind,
                origin=f"pathways/hand_over/{made.pk}",
                organization_id=made.organization_id,
                assignee_id=account,
            )
            services.open_task(actor=SYSTEM, ask=ask, now=timezone.now())


@listens("plans.plan_handed_over")
def on_plan_handed_over(*, fact: StoredFact) -> None:
    """Somebody else answers for a plan: its tasks go with it."""
    planned.hand_over(SYSTEM, fact, timezone.now())
