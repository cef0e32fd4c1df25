"""From the thread to what is to be told: at least once, whatever dies in between.

The place in the thread and what it gave are one commit. A line says that something of somebody
moved; what did is found among the rows that changed since, as each owner sees them, under both
locks. A version that was told is not told again (`partners_delivery_tells_a_version_once`), unless
it shows again to who listens: whether it was heard before it hid is not known.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction
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
from cordee.fhir.subscriptions.criteria import Watching, asking_of, read
from cordee.fhir.subscriptions.patience import hurried, is_heavy, is_passing
from cordee.fhir.versions import version_of
from cordee.fhir.writing import instant
from cordee.kernel.facts import StoredFact, feed, feed_end
from cordee.partners import selectors, services
from cordee.partners.models import Subscription
from cordee.partners.rules import silences
from cordee.people.facts import (
    Informed,
    JoinedCircle,
    PersonsMerged,
    PersonsMergedUnattended,
    PersonsMergeUndone,
    ProcessingChanged,
    SharingChanged,
)
from cordee.people.rules.processing import Will
from cordee.people.rules.sharing import Choice

log = logging.getLogger("cordee.fhir")
AT_ONCE = 500  # lines of the thread read together
BEFORE = timedelta(hours=1)
"""How much older than its line, or than a subscription that is told of it, a row may be: a long
transaction, another clock. What is then told without having changed is told once."""
MERGES = (PersonsMerged.kind, PersonsMergedUnattended.kind, PersonsMergeUndone.kind)
OPENING = frozenset({Informed.kind, *MERGES})
"""What may show more of somebody to anybody."""
MOST_MISSED = 1_000
"""What is told of the time when a subscription was stopped by an error, at most."""
OPENED = 50
"""Persons whose rows are looked for together, whatever their date."""


def read_on(*, actor: Actor, now: datetime) -> int:
    """Read the thread on, and keep what each subscription is to be told of it. Gives how many lines
    were read; nothing while another reads."""
    with transaction.atomic():
        place = services.hold_place()
        if place is None:
            return 0
        end = feed_end()  # before who is told: whoever subscribes meanwhile is not passed by
        read_now = feed((place.transaction_id, place.fact_id), AT_ONCE)
        subscriptions = selectors.subscriptions_read_for()
        if not subscriptions:
            services.move(place, end)
            return 0
        lines = [line for _, line in read_now]
        heard = [one for each in subscriptions if (one := _heard(actor, each, lines, now))]
        if heard:
            services.tell(actor=actor, heard=heard, now=now)
        if read_now:
            services.move(place, read_now[-1][0])
        return len(read_now)


def _heard(
    actor: Actor, one: Subscription, lines: Sequence[StoredFact], now: datetime
) -> services.Heard | None:
    """What one subscription is to be told of some lines; one that fails stops none of the others,
    and says so to its owner."""
    news = [line for line in lines if line.recorded_at >= one.since_at - BEFORE]
    missed_since = one.tally.missed_since
    if not news and missed_since is None:
        return None
    if one.state == Subscription.State.ACTIVE:
        try:
            with hurried(patience.WHEN_FED):
                return _judged(one, news, now)
        except Exception as error:
            services.silence(actor=actor, subscription=one, why=_why(error), now=now)
    return services.Heard(one, missed_since=missed_since or _since(news))


def _since(news: Sequence[StoredFact]) -> datetime:
    """The earliest: by the clock of who did it, or by that of the database."""
    return min(min(line.happened_at, line.recorded_at) for line in news)


def _why(error: Exception) -> str:
    """Why a subscription stops. Raises what is nobody’s fault: nothing is kept of this reading, it
    is done again."""
    if isinstance(error, selectors.Silenced):
        return error.code
    if isinstance(error, Refusal):
        return silences.CRITERIA
    if is_passing(error):
        raise error
    log.error("a subscription could not be judged: %s", type(error).__name__)
    return silences.HEAVY if is_heavy(error) else silences.FAULT


@contextmanager
def in_the_name_of(owner: selectors.Owner) -> Iterator[None]:
    """Read as the owner of a subscription, and no more: the second lock shows nothing else."""
    with seen_by(owner.actor):
        yield


@dataclass(frozen=True)
class Search:
    """What one subscription watches, read in the name of its owner."""

    owner: selectors.Owner
    watching: Watching
    now: datetime

    def found(
        self, since: datetime | None, about: Collection[UUID | None] | None, most: int | None = None
    ) -> list[services.Thing]:
        """What matches and changed `since`, `about` some (None: about anybody). Without a moment,
        only what is about somebody: a directory is not told whole."""
        wanted = self.watching.wanted
        if since is not None:
            lately = Asked("_lastUpdated", "", "", (f"ge{instant(since - BEFORE)}",))
            wanted = replace(wanted, asked=(*wanted.asked, lately))
        asking = asking_of(self.owner, self.watching.mapping.type, self.now)
        return [
            thing
            for table in self.watching.mapping.tables
            if since is not None or table.person_lookup
            for thing in _changed(table, self.owner, _rows(table, wanted, asking, about)[:most])
        ]

    def missed(self, since: datetime) -> list[services.Thing] | None:
        """What changed while it was stopped; None: it is too much to look for."""
        try:
            with hurried(patience.WHEN_FED):
                found = self.found(since, None, MOST_MISSED + 1)
        except DatabaseError as error:
            if not is_heavy(error):
                raise
            return None
        return found if len(found) <= MOST_MISSED else None


def _judged(one: Subscription, news: Sequence[StoredFact], now: datetime) -> services.Heard | None:
    """What a subscription is to be told: of some lines, of what they open, of what it missed."""
    owner = selectors.owner_of(one, now)
    search = Search(owner, read(one.criteria), now)
    missed_since = one.tally.missed_since
    found: list[services.Thing] = []
    shown: list[services.Thing] = []
    missed: list[services.Thing] | None = []
    with in_the_name_of(owner):
        if missed_since is not None:
            missed = search.missed(missed_since)
        if news:
            about = {line.thread_id for line in news}
            found += search.found(max(_since(news), one.since_at), about)
        if opened := {line.thread_id for line in news if _opens(line, owner.actor)}:
            whom = list(opened)
            for place in range(0, len(whom), OPENED):
                shown += search.found(None, whom[place : place + OPENED])
    things = {thing.resource_id: thing for thing in (*found, *shown, *(missed or ()))}
    if not things and missed_since is None:
        return None
    told = sorted(things.values(), key=lambda thing: (thing.since, thing.resource_id))
    opened_ids = frozenset(thing.resource_id for thing in shown)
    return services.Heard(one, told, opened_ids, is_short=missed is None)


def _opens(line: StoredFact, actor: Actor) -> bool:
    """Whether a line may show somebody, or more of them, to who did not see them: their rows are
    told though they did not change. What only shuts is told to nobody."""
    if line.kind == ProcessingChanged.kind:
        return bool(line.data.get("will") == Will.ACCEPTED)
    if line.kind == SharingChanged.kind:
        return bool(line.data.get("choice") != Choice.OPPOSED)
    if line.kind != JoinedCircle.kind:
        return line.kind in OPENING
    theirs = {str(one) for one in (*actor.organizations, actor.organization_id)}
    joined = line.data.get("organization_id"), line.data.get("practitioner_id")
    return joined[0] in theirs or joined[1] == str(actor.practitioner_id)


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


def _rows(
    mapping: Mapping, wanted: Wanted, asking: Asking, about: Collection[UUID | None] | None
) -> QuerySet[Any]:
    """The rows of a table that match, about some (None: about anybody)."""
    found = compiled(mapping, wanted, asking).rows.order_by()
    path = mapping.person_lookup
    if about is None or not path:
        return found
    whom = Q(**{f"{path}__in": {one for one in about if one}})
    if None in about:
        whom |= Q(**{f"{path}__isnull": True})
    return found.filter(whom)
