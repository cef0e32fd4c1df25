"""What an evaluation does by itself: it comes back when it is to be done again."""

from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.assessments import selectors, services
from cordee.kernel.queue import job


@job(queue="facts", attempts=8)
def look_again(*, response_id: str) -> None:
    """The day that an evaluation was waiting for has come; the rhythm may have changed since."""
    response, now = selectors.response_now(UUID(response_id)), timezone.now()
    again = selectors.again_of(response, now) if response else None
    if response is None or again is None:
        return
    if again.state in selectors.OWED:
        services.remind(actor=SYSTEM, response=response, now=now)
    else:
        services.wait_for_its_day(response, now)


@job(queue="facts", attempts=8)
def look_at_part(*, part_id: str) -> None:
    """The day by which a part was wanted is past."""
    part = selectors.part_now(UUID(part_id))
    if part is not None and part.is_awaited:
        services.say_late(actor=SYSTEM, part=part, now=timezone.now())
