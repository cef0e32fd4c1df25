"""What the door does by itself: exports in bulk, file after file, and the end of their files."""

from time import monotonic
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cordee.access.sight import seen_by
from cordee.fhir.bulk import selectors, services
from cordee.fhir.bulk.making import Making
from cordee.fhir.models import Export
from cordee.fhir.rules.keeping import keeping
from cordee.kernel.queue import job, later
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
    with transaction.atomic():
        found = services.held(pk)
        if found is None:
            return False
        if not (found.files or selectors.is_settled(found)):
            later("cordee.fhir.jobs.export", at=now + services.SETTLING, export=str(pk))
            return False
        try:
            actor, scopes = partners.system_now(found.client, found.scopes, now, found.pk)
        except partners.Unadmitted:
            services.end(found, Export.State.STOPPED, now)
            return False
        making = Making(found, actor, scopes, now)
        if not making.is_allowed or actor.account_id != found.account_id:
            services.end(found, Export.State.STOPPED, now)
            return False
        with seen_by(actor):
            step = making.next()
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
        _ended(one.pk, Export.State.DONE, Export.State.OVER)
    for one in selectors.silent_since(now - keeping(now).silence):
        _ended(one.pk, Export.State.RUNNING, Export.State.FAILED)


def _ended(pk: UUID, state: str, to: str) -> None:
    with transaction.atomic():
        if found := services.held(pk, state):
            services.end(found, to, timezone.now())
