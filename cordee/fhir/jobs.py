"""What the door does by itself: exports and imports in bulk; partners told what changed."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.access.sight import seen_by
from cordee.fhir.bulk import selectors, services
from cordee.fhir.bulk import work as working
from cordee.fhir.bulk.making import Making
from cordee.fhir.bulk.patterns import Written
from cordee.fhir.bulk.work import HANDS
from cordee.fhir.imports import services as imports
from cordee.fhir.imports.steps import Step, fetched
from cordee.fhir.models import BulkWork, Export, Import
from cordee.fhir.outcome import Refusal
from cordee.fhir.rules.keeping import keeping
from cordee.fhir.subscriptions import feeding, sending
from cordee.kernel.memory import without_collecting
from cordee.kernel.queue import job, later_once, living_workers
from cordee.partners import selectors as partners

Work = TypeVar("Work", bound=BulkWork)
TURN = 20.0  # seconds after which a work in bulk lets other jobs pass


@job(queue="exports")
def export(*, export: str) -> None:
    """Make an export go on. Killed at any moment, it goes on from its last file."""
    _for_a_while(Export, UUID(export), partial(_goes_on, {}))


@job(queue="exports", attempts=1)
def take_in(*, work: str) -> None:
    """Make an import go on. Killed at any moment, it goes on from its last lines.

    Tried once: its next try, in its lock, would hold there all the imports that came after it.
    """
    try:
        _for_a_while(Import, UUID(work), _takes_in)
    except Exception:
        imports.broke(UUID(work), timezone.now())
        raise


@job(queue="exports")
def wake_import(*, work: str) -> None:
    """Queue an import whose time has come."""
    working.queue(Import, UUID(work))


def _for_a_while(kind: type[BulkWork], pk: UUID, goes_on: Callable[[UUID], bool]) -> None:
    began = monotonic()
    while goes_on(pk):
        if monotonic() - began > TURN:
            working.queue(kind, pk)
            return


def _goes_on(written: dict[Any, dict[str, Written]], pk: UUID) -> bool:
    """Make one file, under the rights that its actor has now. Says whether there may be more.

    `written`: the lines that the files of this turn have in common.
    """
    now = timezone.now()
    if not services.may_try(pk, now):
        return False
    with transaction.atomic():
        found = working.held(Export, pk)
        if found is None:
            return False
        try:
            actor, scopes = working.judged(found, now)
            making = Making(found, actor, scopes, now, written)
            if not making.is_allowed:
                raise partners.Unadmitted(found.client_id)
            selectors.walk_by_keys()
            with seen_by(actor), without_collecting():
                step = making.next()
        except (partners.Unadmitted, Refusal):
            services.end(found, Export.State.STOPPED, now)
            return False
        if step is None:
            services.end(found, Export.State.DONE, now)
            return False
        services.add(found, step, actor, now)
    return True


def _takes_in(pk: UUID) -> bool:
    """Fetch one file, or write some lines of one, under the rights that its actor has now.

    The lines, what became of them and how far they go are kept together, or not at all.
    """
    now = timezone.now()
    turn = imports.turn_of(pk, now)
    if turn is None:
        return False
    if turn.file.taken_at is None:
        return fetched(turn, now)
    with transaction.atomic():
        if not imports.still(turn):
            return False
        step = Step(turn, now)
        with seen_by(turn.actor):
            done = step.done()
        imports.add(turn, done, step.upto, now)
    return True


@job(queue="exports", every="*/10 * * * *")
def sweep_exports() -> None:
    """Let go what has waited long enough of exports and imports, and end what is broken."""
    _sweep(Export, services.end)
    _sweep(Import, imports.end)


def _sweep(kind: type[Work], end: Callable[[Work, str, datetime], None]) -> None:
    now = timezone.now()
    for one in selectors.ended_before(kind, now - keeping(now).files):
        with transaction.atomic():
            if found := working.held(kind, one.pk, BulkWork.State.DONE):
                end(found, BulkWork.State.OVER, now)
    silent = now - keeping(now).silence
    for one in selectors.silent_since(kind, silent):
        working.revive(kind, one.pk, silent, end=end, now=now)


HAND = 10.0  # seconds that one subscription keeps a hand of the house, then it queues again


@job(queue="partners", every="* * * * * */5")
def tell_partners() -> None:
    """Read the thread on, and have what is due sent: what an earlier round left undone too."""
    while feeding.read_on(actor=SYSTEM, now=timezone.now()) == feeding.AT_ONCE:
        pass
    hands = HANDS * living_workers()
    for pk in partners.subscriptions_due(timezone.now()):
        later_once(
            "cordee.fhir.jobs.send",
            lock=f"partners.subscription:{pk}",
            turn=f"partners.hand:{pk.int % hands}",
            subscription=str(pk),
        )


@job(queue="partners", attempts=1, priority=-1)
def send(*, subscription: str) -> None:
    """Tell one subscription what is due, for a while; the next round goes on.

    Tried once: what was taken is sent again when its lease is over, whatever killed this.
    """
    began = monotonic()
    while monotonic() - began < HAND:
        now = timezone.now()
        if not sending.send_next(actor=SYSTEM, subscription_id=UUID(subscription), now=now):
            return
