"""What the door does by itself: exports in bulk, file after file; partners told what changed."""

from time import monotonic
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.access.sight import seen_by
from cordee.fhir.bulk import selectors, services
from cordee.fhir.bulk.making import Making
from cordee.fhir.models import Export
from cordee.fhir.outcome import Refusal
from cordee.fhir.rules.keeping import keeping
from cordee.fhir.subscriptions import feeding, sending
from cordee.kernel.queue import job, later, later_once, living_workers
from cordee.partners import selectors as partners

TURN = 20.0  # seconds after which an export lets other jobs pass


@job(queue="exports")
def export(*, export: str) -> None:
    """Make an export go on. Killed at any moment, it goes on from its last file."""
    began = monotonic()
    while _goes_on(UUID(export)):
        if monotonic() - began > TURN:
            later("cordee.fhir.jobs.export", export=export)
            return


def _goes_on(pk: UUID) -> bool:
    """Make one file, under the rights that its actor has now. Says whether there may be more."""
    now = timezone.now()
    if not services.may_try(pk, now):
        return False
    with transaction.atomic():
        found = services.held(pk)
        if found is None:
            return False
        try:
            actor, scopes = partners.system_now(found.client, found.scopes, now, found.pk)
            making = Making(found, actor, scopes, now)
            if not (making.is_allowed and found.is_of(actor)):
                raise partners.Unadmitted(found.client_id)
            with seen_by(actor):
                step = making.next()
        except (partners.Unadmitted, Refusal):
            services.end(found, Export.State.STOPPED, now)
            return False
        if step is None:
            services.end(found, Export.State.DONE, now)
            return False
        services.add(found, step, actor, now)
    return True


@job(queue="exports", every="*/10 * * * *")
def sweep_exports() -> None:
    """Let the files go that have waited long enough, and end what is broken."""
    now = timezone.now()
    for one in selectors.ended_before(now - keeping(now).files):
        with transaction.atomic():
            if found := services.held(one.pk, Export.State.DONE):
                services.end(found, Export.State.OVER, now)
    silent = now - keeping(now).silence
    for one in selectors.silent_since(silent):
        services.revive(one.pk, silent, now)


HAND = 10.0  # seconds that one subscription keeps a hand of the house, then it queues again
HANDS = 2  # of the four of each worker: partners who answer slowly never hold the others


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
