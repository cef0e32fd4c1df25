"""Visits as phones send them: all at once when all is well, one by one when one is not."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import DataError, IntegrityError, transaction
from django.db.models import QuerySet

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.records import insert_rows
from cordee.access.stencil import Stencil, filled_up
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.facts import Fact, publish_many
from cordee.kernel.identifiers import uuid7
from cordee.kernel.prepared import run
from cordee.people.models import Person
from cordee.people.policy import known_among
from cordee.people.rules.sharing import Category
from cordee.vigilance.facts import NeedRaised, VisitMarked, VisitsRefused
from cordee.vigilance.models import Device, PlannedVisit, RefusedVisit, Visit
from cordee.vigilance.rules import clock
from cordee.vigilance.rules.marks import MARKS, Kind
from cordee.vigilance.rules.sent import SENT, Fit, Sent, Unfit, Unsafe
from cordee.vigilance.services.judging import judge
from cordee.vigilance.services.noted import Noted

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ack:
    """What became of one record: received, known already, or put aside, and why."""

    id: str
    state: str
    why: str = ""

    def said(self) -> dict[str, str]:
        """As the phone reads it."""
        return {"id": self.id, "state": self.state, "why": self.why}


RECEIVED, KNOWN, ASIDE = "received", "known", "aside"
REFUSALS = (DataError, IntegrityError)
"""What the database says of a record itself; any other failure is ours: the phone sends again."""
SAYS = ("person_id", "helper_id", "kind", *(f"{one}_mark" for one in MARKS)) + (
    "signs",
    "words",
    "urgent",
)
"""What tells two records of one page apart: whom, by whom, and what is said."""


def record_visits(
    *,
    actor: Actor,
    device: Device,
    batch: Sequence[Sent | Unfit],
    sent_at: datetime,
    now: datetime,
) -> list[Ack]:
    """Record what a phone sends, in its order; acknowledge each record.

    One transaction, set by set, without a savepoint: nearly always all is well. When it is not,
    nothing of it is left, and it is done again with care: one savepoint per record that the
    database refuses, one per part of what is judged.
    """
    about: dict[str, Any] = {"actor": actor, "device": device, "batch": batch, "now": now}
    try:
        return _record_visits(sent_at=sent_at, careful=False, **about)
    except (DomainError, Forbidden):
        raise
    except Exception as error:  # noqa: BLE001 — with care it is put aside, told or raised
        log.info("a sending is recorded again with care (%s)", type(error).__name__)
        return _record_visits(sent_at=sent_at, careful=True, **about)


@action("vigilance.record_visits", on="device")
def _record_visits(
    *,
    actor: Actor,
    device: Device,
    batch: Sequence[Sent | Unfit],
    sent_at: datetime,
    careful: bool,
    now: datetime,
) -> list[Ack]:
    """A record that was received before is acknowledged again; another content under the same
    identifier never overwrites: it is put aside, as what cannot be taken is. Six queries, and
    those of `judge`."""
    run("UPDATE vigilance_device SET last_seen_at = %s WHERE id = %s", [now, device.pk])
    sorting = _Sorting(actor, device, once_each(batch))
    late = clock.offset(sent_at, now)
    fresh = sorted(sorting.fresh, key=lambda one: (one.sequence, one.occurred_at, one.id))
    moments = clock.in_order([one.occurred_at for one in fresh], late, now)
    rows = [
        _row(one, device, late, now) | {"happened_at": moment}
        for one, moment in zip(fresh, moments, strict=True)
    ]
    taken = _written(rows) if careful else _insert(rows)
    by_key = {one.id: one for one in fresh}
    publish_many([_fact(row) for row in rows if row["id"] in taken])
    judge([Noted.of(row) for row in rows if row["id"] in taken], now, careful=careful)
    for key in by_key.keys() - taken:
        one = by_key[key]
        sorting.aside.append(unfit(one, "conflict" if _is_there(key) else "database"))
    acks = [Ack(str(key), RECEIVED) for key in by_key if key in taken]
    acks += [Ack(str(key), KNOWN) for key in sorting.known]
    return acks + put_aside(device, sorting.aside, now)


@action("vigilance.keep_aside", on="device")
def keep_aside(
    *, actor: Actor, device: Device, batch: Sequence[Sent | Unsafe | Unfit], now: datetime
) -> list[Ack]:
    """Keep what a phone that was taken back still held: read by who leads the service, not lost."""
    return put_aside(device, [unfit(one, "revoked") for one in once_each(batch)], now)


@action("vigilance.raise_need", on="person", lock=())
def raise_need(*, actor: Actor, person: Person, said: Sent, now: datetime) -> UUID:
    """Raise a need from a desk, or from a page without scripts. Safe to post twice.

    One page is one identifier, whatever the button: what differs from what it already said takes
    an identifier made of both. Raises DomainError: nothing could be written.
    """
    row = _row_of(said, actor, now)
    for key in (said.id, uuid5(said.id, repr([row[name] for name in SAYS]))):
        if _written([row | {"id": key}]):
            publish_many([_fact(row | {"id": key})])
            judge([Noted.of(row | {"id": key})], now)
            return key
        if _says(key, row):
            return key
    raise DomainError(
        "vigilance.not_written",
        "Rien n’a été noté : la base a refusé l’envoi. Rechargez la page, puis notez de nouveau.",
    )


class _Sorting:
    """What is new, what is known already, and what cannot be taken."""

    def __init__(self, actor: Actor, device: Device, batch: list[Sent | Unfit]) -> None:
        sent = [one for one in batch if isinstance(one, Sent)]
        self.aside: list[Unfit] = [one for one in batch if isinstance(one, Unfit)]
        self.known: list[UUID] = []
        self.fresh: list[Sent] = []
        stored = dict(_digests(keys=filled_up(one.id for one in sent)))
        survivors = _survivors(one.person_id for one in sent)
        followed = known_among(actor, survivors.values(), Category.COORDINATION)
        plans = _plans(device, sent)
        for one in sent:
            person = survivors.get(one.person_id)
            if one.id in stored:
                self._again(one, stored[one.id])
            elif person not in followed or person is None:
                self.aside.append(unfit(one, "not_followed"))
            else:
                hers = plans.get(one.planned_id) in (person, one.person_id)
                planned = one.planned_id if hers else None
                self.fresh.append(replace(one, person_id=person, planned_id=planned))

    def _again(self, one: Sent, digest: str) -> None:
        if digest == one.digest:
            self.known.append(one.id)
        else:
            self.aside.append(unfit(one, "conflict"))


def once_each(batch: Iterable[Fit | Unfit]) -> list[Fit | Unfit]:
    """The same content twice in one sending is one record; a second content is a conflict."""
    kept: dict[tuple[UUID | None, str], Fit | Unfit] = {}
    first: dict[UUID, str] = {}
    for one in batch:
        if isinstance(one, Sent | Unsafe) and first.setdefault(one.id, one.digest) != one.digest:
            kept.setdefault((one.id, one.digest), unfit(one, "conflict"))
        else:
            kept.setdefault((one.id, one.digest), one)
    return list(kept.values())


@Stencil
def _digests(keys: list[UUID]) -> QuerySet[Visit, Any]:
    return Visit.objects.filter(pk__in=keys).values_list("pk", "digest")


def _survivors(asked: Iterable[UUID]) -> dict[UUID, UUID]:
    """Each record that is there, and the one that absorbed it."""
    return {pk: merged or pk for pk, merged in _merged(keys=filled_up(set(asked)))}


@Stencil
def _merged(keys: list[UUID]) -> QuerySet[Person, Any]:
    return Person.objects.filter(pk__in=keys).values_list("pk", "merged_into")


def _plans(device: Device, sent: list[Sent]) -> dict[UUID | None, UUID]:
    """Of whom each planned visit that is named is."""
    asked = filled_up({one.planned_id for one in sent if one.planned_id})
    return dict(_planned(keys=asked, service=device.organization_id))


@Stencil
def _planned(keys: list[UUID], service: UUID) -> QuerySet[PlannedVisit, Any]:
    rows = PlannedVisit.objects.filter(pk__in=keys, organization=service)
    return rows.values_list("pk", "person_id")


def _row(one: Sent, device: Device, late: timedelta, now: datetime) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "person_id": one.person_id,
        "organization_id": device.organization_id,
        "helper_id": device.account_id,
        "device_id": device.pk,
        "planned_id": one.planned_id,
        "sequence": one.sequence,
        "occurred_at": one.occurred_at,
        "happened_at": now,
        "received_at": now,
        "clock_offset": clock.whole_seconds(late),
        **{f"{name}_mark": level for name, level in zip(MARKS, one.marks, strict=True)},
        "signs": list(one.signs),
        "words": one.words,
        "urgent": one.urgent,
        "seconds": one.seconds,
        "digest": one.digest,
    }


def _row_of(one: Sent, actor: Actor, now: datetime) -> dict[str, Any]:
    """What somebody raises from a desk: no phone, no clock but ours."""
    row = _row(one, Device(), timedelta(), now)
    me = {"organization_id": actor.organization_id, "helper_id": actor.signatory}
    return row | me | {"device_id": None, "occurred_at": now}


def _written(rows: list[dict[str, Any]]) -> set[UUID]:
    """Write them by one set; when the database refuses one, each under its own savepoint."""
    try:
        with transaction.atomic():
            return _insert(rows)
    except REFUSALS:
        taken: set[UUID] = set()
        for row in rows:
            try:
                with transaction.atomic():
                    taken |= _insert([row])
            except REFUSALS:
                continue
        return taken


def _insert(rows: list[dict[str, Any]]) -> set[UUID]:
    return insert_rows(Visit, rows, unless="ON CONFLICT (id) DO NOTHING").keys()


def _is_there(key: UUID) -> bool:
    return Visit.objects.filter(pk=key).exists()


def _says(key: UUID, row: dict[str, Any]) -> bool:
    """Whether what is kept under an identifier says the same."""
    return Visit.objects.filter(pk=key).filter(**{name: row[name] for name in SAYS}).exists()


def _fact(row: dict[str, Any]) -> Fact:
    told = VisitMarked if row["kind"] == Kind.VISIT else NeedRaised
    return told(
        person_id=row["person_id"], visit_id=row["id"], organization_id=row["organization_id"]
    )


def unfit(one: Sent | Unsafe | Unfit, why: str) -> Unfit:
    """What is put aside of a record, and why."""
    if isinstance(one, Unfit):
        return one
    return Unfit(one.id, why, one.content[:SENT], one.digest)


def put_aside(device: Device, aside: list[Unfit], now: datetime) -> list[Ack]:
    """Keep word for word what cannot be taken; said once, however often it is sent."""
    rows = [
        {
            "id": uuid7(),
            "sent_id": one.id,
            "device_id": device.pk,
            "helper_id": device.account_id,
            "organization_id": device.organization_id,
            "why": one.why,
            "content": one.content,
            "digest": one.digest,
            "received_at": now,
        }
        for one in aside
    ]
    unless = "ON CONFLICT (device_id, digest) DO NOTHING"
    kept = insert_rows(RefusedVisit, rows, unless=unless).keys()
    if kept:
        said = VisitsRefused(
            device_id=device.pk, organization_id=device.organization_id, count=len(kept)
        )
        publish_many([said])
    return [Ack(str(one.id or ""), ASIDE, one.why) for one in aside]
