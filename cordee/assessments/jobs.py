"""What an evaluation does by itself: it comes back when it is to be done again."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.assessments import selectors, services
from cordee.kernel.facts import StoredFact, listens
from cordee.kernel.queue import job, later

AT_ONCE = 200
"""Persons whose evaluations are looked at in one go."""


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


@listens("people.death_denied")
def on_alive(*, fact: StoredFact) -> None:
    """What came to its day while somebody was noted dead is asked again."""
    now = timezone.now()
    for response in selectors.last_ones_of([UUID(fact.data["person_id"])]):
        services.remind(actor=SYSTEM, response=response, now=now)


@listens("people.merge_undone")
def on_parted(*, fact: StoredFact) -> None:
    """A draft begun while two records were one goes where what it answers went back to."""
    home, now = UUID(str(fact.data["absorbed_id"])), timezone.now()
    for draft in selectors.drafts_astray(UUID(str(fact.data["merge_id"]))):
        services.follow_home(actor=SYSTEM, response=draft, person_id=home, now=now)


@job(queue="facts", attempts=8)
def wait_for_days_of_before(*, before: str, after: str) -> None:
    """Have what was completed before days were waited for wait for its own, some persons at a
    time. What was completed since waits already."""
    moment, now = datetime.fromisoformat(before), timezone.now()
    persons = selectors.whom_evaluated(moment, after, AT_ONCE)
    for response in selectors.last_ones_of(persons):
        if response.authored_at and response.authored_at < moment:
            services.wait_for_its_day(response, now)
    if len(persons) == AT_ONCE:
        again = "cordee.assessments.jobs.wait_for_days_of_before"
        later(again, before=before, after=str(persons[-1]))


@job(queue="facts", attempts=8)
def look_at_part(*, part_id: str) -> None:
    """The day by which a part was wanted is past."""
    part = selectors.part_now(UUID(part_id))
    if part is not None and part.is_awaited:
        services.say_late(actor=SYSTEM, part=part, now=timezone.now())
