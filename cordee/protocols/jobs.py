"""What moves pathways: each line on the thread of who is on one, and the hours that come.

`hear` is queued by the database, in the commit of the line (`sql/hearing.sql`): a person who is on
no pathway costs nothing.
"""

import logging
from datetime import datetime
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens, stored
from cordee.kernel.queue import job, later
from cordee.people.facts import persons_of
from cordee.people.rules.processing import Basis, Purpose
from cordee.protocols import selectors, services
from cordee.protocols.models import Pathway
from cordee.protocols.upkeep import AT_ONCE, check_now, wake_due

logger = logging.getLogger(__name__)


@job(queue="facts", attempts=12)
def hear(*, fact_id: int) -> None:
    """A line was written on the thread of somebody who is on a pathway: it moves it."""
    fact, now = stored(fact_id), timezone.now()
    if fact.thread_id is None:
        return
    for pathway in selectors.pathways_moved_by([fact.thread_id]):
        _hear_one(pathway, fact, now)


def _hear_one(pathway: Pathway, fact: StoredFact, now: datetime) -> None:
    try:
        services.hear(actor=SYSTEM, pathway=pathway, fact=fact, now=now)
    except OperationalError:  # something else held it: the job comes back
        raise
    except Exception:  # one that cannot be judged must not keep the others from hearing
        logger.exception("a pathway could not hear a fact: its thread is to be read again")
        services.miss(actor=SYSTEM, pathway=pathway, now=now)


@job(queue="facts", attempts=3, every="* * * * *")
def wake_up() -> None:
    """Look at the pathways whose hour has come, however many: the rest follows at once."""
    if wake_due(SYSTEM, timezone.now()) == AT_ONCE:
        later("cordee.protocols.jobs.wake_up")


@job(queue="house", attempts=2, every="40 2 * * *")
def check_register() -> None:
    """Each night, judge everybody at once: what the register does not say is read again."""
    wrong = check_now(SYSTEM, timezone.now())
    if wrong:
        logger.error("the register of ruptures was wrong of %d pathways: read again", wrong)
        wake_up()


@listens(
    "people.processing_changed",
    "people.sharing_changed",
    "people.left_circle",
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
)
def on_shut_out(*, fact: StoredFact) -> None:
    """End the pathways of a structure that may follow the person no more."""
    _end_unless_followed(persons_of(fact))


@listens("people.legal_basis_set")
def on_basis(*, fact: StoredFact) -> None:
    """Coordination by consent alone ends the pathways of who has not consented."""
    if (fact.data["purpose"], fact.data["basis"]) == (Purpose.COORDINATION, Basis.CONSENT):
        _end_unless_followed(None)


def _end_unless_followed(persons: list[UUID] | None) -> None:
    for pathway in selectors.open_pathways_of(persons):
        if not selectors.is_followed(pathway):
            services.shut_out(actor=SYSTEM, pathway=pathway, now=timezone.now())
