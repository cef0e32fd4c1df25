"""What every work in bulk goes through: begun alone, held, judged again, queued, revived."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction

from cordee.access.actor import Actor
from cordee.fhir.models import BulkWork
from cordee.fhir.outcome import Issue, Refusal
from cordee.kernel.queue import is_queued, later, living_workers
from cordee.partners import selectors as partners
from cordee.partners.rules.scopes import Allowing

Work = TypeVar("Work", bound=BulkWork)
State = BulkWork.State
HANDS = 1  # of the four of each worker, for files to fetch, and one more for what is to be told
TRIES = 3  # of one step: what fails each time will not be mended by failing again


def begun(
    kind: type[Work], said: dict[str, Any], *, actor: Actor, now: datetime, busy: Issue
) -> Work:
    """Begin a work in the name of a system. Inside a gesture.

    Raises Refusal (429): one of this system is already running, which `busy` says.
    """
    who: dict[str, Any] = {"account_id": actor.signatory, "role": actor.role.value}
    who |= {"organization_id": actor.organization_id, "asked_at": now, "moved_at": now}
    try:
        with transaction.atomic():
            return kind._default_manager.create(**who, **said)
    except IntegrityError as error:
        if f"{kind._meta.db_table}_runs_alone_for_its_client" not in str(error):
            raise
        raise Refusal(429, [busy], {"Retry-After": "60"}) from None


def go_on(work: BulkWork, at: datetime | None = None) -> None:
    """Queue what makes a work go on, in the transaction under way."""
    queue(type(work), work.pk, at)


def queue(kind: type[BulkWork], pk: UUID, at: datetime | None = None) -> None:
    """Queue what makes a work of a kind go on, in the transaction under way.

    Those that wait for servers of others share few hands. One that is for later takes none before:
    what waits in a lock holds all that was queued there after it.
    """
    (name, word), lock = kind.job, None
    if kind.wakes and at is not None:
        name = kind.wakes
    elif kind.wakes:
        lock = f"fhir.hand:{pk.int % (HANDS * living_workers())}"
    later(name, at=at, lock=lock, **{word: str(pk)})


def held(kind: type[Work], pk: UUID, state: str = State.RUNNING) -> Work | None:
    """Hold a work of a state until the end of the transaction: no step is done twice at once.

    None: it was cancelled, or ended, meanwhile.
    """
    rows = kind._default_manager.select_for_update(of=("self",)).select_related(
        "client__membership__account"
    )
    return rows.filter(pk=pk, state=state).first()


def judged(work: BulkWork, now: datetime) -> tuple[Actor, Allowing]:
    """Give the actor of a work, and its scopes, as they are now. Raises Unadmitted: they ended."""
    actor, scopes = partners.system_now(work.client, work.scopes, now, work.pk)
    if not work.is_of(actor):
        raise partners.Unadmitted(work.client_id)
    return actor, scopes


def revive(
    kind: type[Work],
    pk: UUID,
    silent_since: datetime,
    *,
    end: Callable[[Work, str, datetime], None],
    now: datetime,
) -> None:
    """Queue once more a work that no longer moves; if that moves nothing either, it failed.

    One whose job waits its turn, or runs, is left alone: it is late, not broken.
    """
    with transaction.atomic():
        work = held(kind, pk)
        if work is None or work.moved_at >= silent_since or _is_to_go_on(work):
            return
        if work.revived_at is None or work.revived_at < work.moved_at:
            work.revived_at = now
            work.save(update_fields=["revived_at"])
            go_on(work)
        elif work.revived_at < silent_since:
            end(work, State.FAILED, now)


def _is_to_go_on(work: BulkWork) -> bool:
    name, word = work.job
    return is_queued([name, work.wakes], **{word: str(work.pk)})
