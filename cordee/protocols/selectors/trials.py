"""What a protocol would have flagged on what really happened to the persons of one's structures."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import F, FilteredRelation, Q

from cordee.access.actor import Actor
from cordee.access.policy import visible
from cordee.kernel.models import FactHeader, on_threads
from cordee.people.models import CircleMember, Person
from cordee.protocols.rules.conformance import Happening
from cordee.protocols.rules.preview import Rupture, ruptures
from cordee.protocols.rules.protocol import Protocol
from cordee.protocols.selectors.threads import COLUMNS, undoing, undone_among

MOST_PERSONS = 300
MOST_LINES = 4_000  # of one handful of persons
HANDFUL = 25


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment to another; `everybody` enters at the first one, or when a fact proposes."""

    since: datetime
    until: datetime
    everybody: bool = False


@dataclass(slots=True)
class Line:
    """One rule or step: how often it would have been broken, for how many persons, what is left."""

    of: str
    title: str
    times: int = 0
    persons: int = 0
    open_at_end: int = 0


@dataclass(slots=True)
class Trial:
    """What was tried: the persons looked at, those who would have entered, and each rule."""

    lines: list[Line]
    looked_at: list[UUID] = field(default_factory=list)
    entered: int = 0
    flagged: int = 0
    is_cut: bool = False


def trial_of(
    actor: Actor, protocol: Protocol, period: Period, *, is_late: Callable[[], bool]
) -> Trial:
    """Try a protocol over a period, on persons whom the actor's structures follow and who may be
    seen, each line of theirs as the actor may read it. At most 300 persons.

    `is_late` says that it has lasted long enough: what was not looked at is said by `is_cut`.
    Three queries a handful of 25 persons.
    """
    trial = Trial([Line(of, title) for of, title in protocol.titles.items()])
    lines = {one.of: one for one in trial.lines}
    keys = _persons(actor)
    trial.is_cut = len(keys) > MOST_PERSONS
    for handful in _handfuls(keys[:MOST_PERSONS]):
        if is_late():
            trial.is_cut = True
            break
        threads, is_whole = _threads(actor, protocol, handful, period)
        trial.is_cut |= not is_whole
        for key in handful if is_whole else ():
            trial.looked_at.append(key)
            entered_at = _entry(protocol, threads[key], period)
            if entered_at is not None:
                trial.entered += 1
                found = ruptures(protocol, entered_at, threads[key], period.until)
                trial.flagged += bool(found)
                _count(lines, found)
    return trial


def _persons(actor: Actor) -> list[UUID]:
    circles = CircleMember.objects.visible_to(actor).current()
    theirs = circles.filter(organization__in=actor.organizations)
    known = Person.objects.visible_to(actor).filter(
        pk__in=theirs.values("person"), merged_into=None
    )
    return list(known.order_by("pk").values_list("pk", flat=True)[: MOST_PERSONS + 1])


def _handfuls(keys: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(keys), HANDFUL):
        yield keys[start : start + HANDFUL]


def _threads(
    actor: Actor, protocol: Protocol, keys: list[UUID], period: Period
) -> tuple[dict[UUID, list[Happening]], bool]:
    """Read what the protocol speaks of, on the threads of some persons and of the records that they
    absorbed; tell whether all of it was read."""
    absorbed = Person.objects.visible_to(actor).filter(merged_into__in=keys)
    whose = {key: key for key in keys} | dict(absorbed.values_list("pk", "merged_into"))
    kinds = {*protocol.places} | {
        one.kind for criterion in protocol.inclusion for one in criterion.facts
    }
    in_time = Q(kind__in=kinds, happened_at__lte=period.until)
    known = FactHeader._default_manager.filter(in_time | Q(kind__in=undoing(kinds)))
    known = known.filter(on_threads(list(whose)))
    told = FilteredRelation("content", condition=Q(content__recorded_at=F("recorded_at")))
    rows = visible(known, actor).annotate(told=told).order_by("id")
    found: dict[UUID, list[Happening]] = defaultdict(list)
    read = list(rows.values_list("told__subject", "thread_id", *COLUMNS)[: MOST_LINES + 1])
    undone = undone_among((subject, kind) for subject, _, _, kind, *_ in read)
    for subject, thread, pk, kind, happened_at, recorded_at, data in read:
        if kind not in kinds or (subject, kind) in undone:
            continue
        happening = Happening(pk, kind, happened_at, recorded_at, data or {})
        found[whose[thread]].append(happening)
    return found, len(read) <= MOST_LINES


def _entry(protocol: Protocol, thread: Iterable[Happening], period: Period) -> datetime | None:
    """When somebody would have entered: at the first fact of the period that proposes it; at its
    beginning when no fact can tell, or when everybody is asked to."""
    if period.everybody or not any(one.facts for one in protocol.inclusion):
        return period.since
    times = [
        one.happened_at
        for one in thread
        if one.happened_at >= period.since and protocol.proposed_by(one.kind, one.data)
    ]
    return min(times, default=None)


def _count(lines: dict[str, Line], found: Iterable[Rupture]) -> None:
    touched = set()
    for one in found:
        line = lines[one.of]
        line.times += 1
        line.open_at_end += one.until is None
        touched.add(one.of)
    for of in touched:
        lines[of].persons += 1
