"""From the thread to what is to be told: at least once, whatever dies in between.

The place in the thread and what it gave are one commit. A line says that something of somebody
moved; what did is found among the rows that changed since, as each owner sees them, under both
locks. A version that was told is not told again (`partners_delivery_tells_a_version_once`).
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.sight import seen_by
from cordee.fhir.contract import Mapping
from cordee.fhir.outcome import Refusal
from cordee.fhir.search.compiler import compiled
from cordee.fhir.search.parameters import Asking
from cordee.fhir.search.words import Asked, Wanted
from cordee.fhir.selectors import bodies
from cordee.fhir.subscriptions import patience
from cordee.fhir.subscriptions.criteria import asking_of, read
from cordee.fhir.subscriptions.patience import hurried, is_heavy, is_passing
from cordee.fhir.versions import version_of
from cordee.fhir.writing import instant
from cordee.kernel.facts import feed, feed_end
from cordee.kernel.models import FactHeader
from cordee.partners import selectors, services
from cordee.partners.models import Subscription
from cordee.partners.rules import silences

log = logging.getLogger("cordee.fhir")
AT_ONCE = 500  # lines of the thread read together
BEFORE = timedelta(hours=1)
"""How much older than its line, or than a subscription that is told of it, a row may be: a long
transaction, another clock. What is then told without having changed is told once."""


@dataclass(frozen=True)
class Line:
    """A line of the thread: about whom, when it happened, and when it was written."""

    person_id: UUID | None
    happened_at: datetime
    at: datetime

    @property
    def since(self) -> datetime:
        """The earlier of both: by the clock of who did it, by that of the database."""
        return min(self.happened_at, self.at)


def read_on(*, actor: Actor, now: datetime) -> int:
    """Read the thread on, and keep what each subscription is to be told of it. Gives how many lines
    were read; nothing while another reads."""
    with transaction.atomic():
        place = services.hold_place()
        if place is None:
            return 0
        end = feed_end()  # before who is told: whoever subscribes meanwhile is not passed by
        read_now = feed((place.transaction_id, place.fact_id), AT_ONCE)
        subscriptions = selectors.active_subscriptions()
        if not subscriptions:
            services.move(place, end)
            return 0
        if not read_now:
            return 0
        lines = _lines([fact.id for _, fact in read_now])
        heard = [one for each in subscriptions if (one := _heard(actor, each, lines, now))]
        if heard:
            services.tell(actor=actor, heard=heard, now=now)
        services.move(place, read_now[-1][0])
        return len(read_now)


def _lines(ids: Sequence[int]) -> list[Line]:
    found = FactHeader.objects.filter(pk__in=ids).order_by("pk")
    return [Line(*row) for row in found.values_list("thread_id", "happened_at", "recorded_at")]


def _heard(
    actor: Actor, one: Subscription, lines: Sequence[Line], now: datetime
) -> services.Heard | None:
    """What one subscription is to be told of some lines; one that fails stops none of the others,
    and says so to its owner."""
    news = [line for line in lines if line.at >= one.since_at - BEFORE]
    if not news:
        return None
    try:
        with hurried(patience.WHEN_FED):
            things = _things(one, news, now)
    except selectors.Silenced as silenced:
        services.silence(actor=actor, subscription=one, why=silenced.code, now=now)
    except Refusal:
        services.silence(actor=actor, subscription=one, why=silences.CRITERIA, now=now)
    except Exception as error:
        why = _fault(error)
        services.silence(actor=actor, subscription=one, why=why, now=now)
    else:
        return services.Heard(one, things) if things else None
    return None


def _fault(error: Exception) -> str:
    """Why a subscription stops. Raises what is nobody’s fault: nothing is kept of this reading, it
    is done again."""
    if isinstance(error, InterfaceError) or (
        isinstance(error, DatabaseError) and is_passing(error)
    ):
        raise error
    log.error("a subscription could not be judged: %s", type(error).__name__)
    heavy = isinstance(error, DatabaseError) and is_heavy(error)
    return silences.HEAVY if heavy else silences.FAULT


@contextmanager
def in_the_name_of(owner: selectors.Owner) -> Iterator[None]:
    """Read as the owner of a subscription, and no more: the second lock shows nothing else."""
    with seen_by(owner.actor):
        yield


def _things(one: Subscription, news: Sequence[Line], now: datetime) -> list[services.Thing]:
    owner = selectors.owner_of(one, now)
    watching = read(one.criteria)
    with in_the_name_of(owner):
        since = max(min(line.since for line in news), one.since_at) - BEFORE
        lately = Asked("_lastUpdated", "", "", (f"ge{instant(since)}",))
        wanted = replace(watching.wanted, asked=(*watching.wanted.asked, lately))
        asking = asking_of(owner, watching.mapping.type, now)
        found = [
            thing
            for table in watching.mapping.tables
            for thing in _changed(table, owner, _rows(table, wanted, asking, news))
        ]
    return sorted(found, key=lambda thing: (thing.since, thing.resource_id))


def _changed(
    mapping: Mapping, owner: selectors.Owner, found: QuerySet[Any]
) -> Iterator[services.Thing]:
    """What is to be told of some rows of one table."""
    rows = list(found)
    kept = bodies(owner.actor, mapping.type, [row.pk for row in rows])
    for row in rows:
        version = version_of(mapping, row, kept.get(row.pk))
        person = mapping.person_of(row)
        yield services.Thing(row.pk, version, person, mapping.changed_at(row))


def _rows(mapping: Mapping, wanted: Wanted, asking: Asking, news: Sequence[Line]) -> QuerySet[Any]:
    """The rows of a table that match, about those of whom the thread spoke."""
    found = compiled(mapping, wanted, asking).rows.order_by()
    path = mapping.person_lookup
    if not path:
        return found
    about = Q(**{f"{path}__in": {one.person_id for one in news if one.person_id}})
    if any(one.person_id is None for one in news):
        about |= Q(**{f"{path}__isnull": True})
    return found.filter(about)
