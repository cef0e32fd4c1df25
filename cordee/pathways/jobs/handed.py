"""Who gives and who receives persons to follow are both told, on their own lists."""

from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.queue import job
from cordee.pathways import services
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
