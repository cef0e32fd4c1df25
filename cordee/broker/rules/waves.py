"""Combien de téléphones solliciter, quand, et quand s’arrêter.

Le temps voulu se partage en vagues. Parmi tous les partages qui atteignent la chance
voulue, on prend celui dont le nombre attendu de téléphones sollicités est le plus petit.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from itertools import chain, takewhile

from cordee.broker.rules.alternatives import NO_TEXTS, QUIET
from cordee.broker.rules.ranking import Ranked, Tier, chance_of_one_yes
from cordee.broker.rules.settings import SearchSettings
from cordee.messaging.quiet import is_quiet, quiet_ends_at

MEDIAN_REPLY_MINUTES = 10.0
MOST_WAVES = 12
PATIENCE_MINUTES = 45.0
"""Who is asked last has this long to answer (95 answers out of 100) before one gives up."""

OUTBOX_LOOK = timedelta(minutes=5)
"""How often one looks whether the carrier has taken what waits."""
A_TRIFLE = timedelta(minutes=1)
"""Below it, the time that a text takes to leave changes no wave."""


@dataclass(frozen=True)
class Unheard:
    """Someone asked before who has not answered: their chance, and since when they could."""

    chance: float
    asked_at: datetime


@dataclass(frozen=True)
class Departure:
    """A question of the last wave: when it was put in the outbox, and when it left, if it did."""

    asked_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class Search:
    """Where a search stands, as far as the next step needs to know.

    `candidates`: in their order, read as far as needed; false when there are none.
    `waiting`: whose question has left; `queued`: how many wait for the carrier, and are not asked;
    `at_any_hour`: how many of these may be woken.
    """

    settings: SearchSettings
    launched_at: datetime
    deadline_at: datetime
    candidates: Iterable[Ranked]
    wave: int = 0
    wave_ends_at: datetime | None = None
    waiting: tuple["Unheard", ...] = ()
    queued: int = 0
    at_any_hour: int = 0
    last_wave: tuple["Departure", ...] = ()
    held_until: datetime | None = None
    hurried: bool = False


@dataclass(frozen=True)
class Wait:
    """Nothing to do before this moment."""

    until: datetime


@dataclass(frozen=True)
class Send:
    """Ask these people now; look again when the wave ends."""

    wave: int
    invited: tuple[Ranked, ...]
    ends_at: datetime


@dataclass(frozen=True)
class Exhaust:
    """Give the need back with proposals: deadline reached, or nobody left.

    `again_at`: when to take it up, where the hour alone kept people from being asked.
    """

    reason: str
    again_at: datetime | None = None


def next_step(search: Search, now: datetime) -> Wait | Send | Exhaust:
    """Decide what a search that is still open does now. `hurried` skips the wave under way."""
    if search.held_until and now < search.held_until:
        return Wait(search.held_until)  # the deadline too
    if now >= search.deadline_at:
        return Exhaust("deadline", _morning_of(search, now))
    has_left = not search.last_wave or any(one.left_at for one in search.last_wave)
    if not has_left and not _goes_on_without(search, now):
        return _outbox(search, now)
    wave_ends_at = _wave_ends_at(search)
    if wave_ends_at and now < wave_ends_at and search.waiting and not search.hurried:
        return Wait(min(wave_ends_at, search.deadline_at))
    if not search.candidates:
        return _nobody_left(search, now)
    reachable = _reachable(search, now)
    first = next(reachable, None)
    if first is None:
        opens = _opens_at(search, now)
        if opens < search.deadline_at or search.waiting:
            return Wait(min(opens, search.deadline_at))
        return Exhaust(QUIET, opens)  # somebody telephones now, rather than wait for nothing
    return _send(search, first, reachable, now)


def _morning_of(search: Search, now: datetime) -> datetime | None:
    """Give when to take up a search that ends while the hour keeps others from being asked: those
    whom no wave reached, or whose question is still in the outbox."""
    left = search.candidates and next(_reachable(search, now), None) is None
    held = _is_night(search, now) and search.queued > search.at_any_hour
    return _opens_at(search, now) if left or held else None


def _is_night(search: Search, now: datetime) -> bool:
    return is_quiet(now, search.settings.quiet_from, search.settings.quiet_until)


def _opens_at(search: Search, now: datetime) -> datetime:
    return quiet_ends_at(now, search.settings.quiet_from, search.settings.quiet_until)


def deadline_again(settings: SearchSettings, promised: datetime, now: datetime) -> datetime:
    """Give when a search that takes up another gives up: it has its whole time from when texts may
    leave, and never less than what was promised."""
    opens = quiet_ends_at(now, settings.quiet_from, settings.quiet_until)
    return max(opens + timedelta(minutes=settings.deadline), promised)


def without_texts(step: Wait | Send | Exhaust, search: Search) -> Wait | Send | Exhaust:
    """Change a step where texts about the person may not leave: nothing is asked by text, and
    the need goes back to a human at once, unless somebody already asked may still answer."""
    idle = isinstance(step, Wait) and not search.waiting and search.held_until is None
    quiet = isinstance(step, Exhaust) and step.reason == QUIET
    return Exhaust(NO_TEXTS) if idle or quiet or isinstance(step, Send) else step


def _nobody_left(search: Search, now: datetime) -> Wait | Exhaust:
    """Those who have not answered keep their chance until the wanted delay is over, and for the
    time that nearly every answer takes: who was asked last is heard like the first."""
    wanted_by = search.launched_at + timedelta(minutes=search.settings.wanted_delay)
    asked = [one.asked_at + timedelta(minutes=PATIENCE_MINUTES) for one in search.waiting]
    patience = min(max([wanted_by, *asked]), search.deadline_at)
    if search.queued:
        return _outbox(search, now)
    return Wait(patience) if search.waiting and now < patience else Exhaust("nobody")


def _outbox(search: Search, now: datetime) -> Wait | Exhaust:
    """The carrier takes nothing: nobody more is asked, and nobody is given up, until it does.

    What the night keeps there past the deadline is as nobody to wake: somebody telephones now.
    """
    opens = _opens_at(search, now)
    if _is_held(search, now) and not search.waiting and opens >= search.deadline_at:
        return Exhaust(QUIET, opens)
    return Wait(min(now + OUTBOX_LOOK, search.deadline_at))


def _is_held(search: Search, now: datetime) -> bool:
    """Whether it is the night, not the carrier, that keeps all that waits in the outbox."""
    return search.queued > 0 and not search.at_any_hour and _is_night(search, now)


def _goes_on_without(search: Search, now: datetime) -> bool:
    """Whether others may be woken while the night keeps the questions of the last wave."""
    return _is_held(search, now) and next(_reachable(search, now), None) is not None


def _wave_ends_at(search: Search) -> datetime | None:
    """A wave lasts from when its last question left, where the carrier made it late."""
    late = [one.left_at - one.asked_at for one in search.last_wave if one.left_at]
    slip = max(late, default=A_TRIFLE)
    ends = search.wave_ends_at
    return ends + slip if ends and slip > A_TRIFLE else ends


def _reachable(search: Search, now: datetime) -> Iterator[Ranked]:
    """Those who may be woken now, in order; read only as far as somebody asks."""
    if not _is_night(search, now):
        yield from search.candidates
    elif search.settings.ignores_quiet:
        yield from (one for one in search.candidates if one.candidate.urgent_at_night)


def _send(search: Search, first: Ranked, others: Iterator[Ranked], now: datetime) -> Send:
    settings, tier = search.settings, first.candidate.tier
    minutes, others = settings.head_start, chain([first], others)
    if tier is Tier.USUAL:
        invited = tuple(takewhile(lambda one: one.candidate.tier is tier, others))
    else:
        minutes = settings.wave_length
        unheard = tuple(_still_likely(one, settings, now) for one in search.waiting)
        heard = answered_within(settings.wave_length)
        needed = _needed(others, heard, settings.wanted_chance, unheard)
        size = wave_size(
            tuple(one.chance * heard for one in needed),
            wanted=settings.wanted_chance,
            waves=_waves_left(search, now),
            unheard=unheard,
        )
        invited = tuple(one for one in needed[:size] if one.candidate.tier is tier)
    ends_at = min(now + timedelta(minutes=minutes), search.deadline_at)
    return Send(search.wave + 1, invited, ends_at)


def _needed(
    others: Iterator[Ranked], heard: float, wanted: float, unheard: Sequence[float]
) -> list[Ranked]:
    """Take the first who reach the wanted chance together; nobody after them is looked at."""
    seen: list[Ranked] = []

    def chances() -> Iterator[float]:
        for one in others:
            seen.append(one)
            yield one.chance * heard

    return seen[: phones_needed(chances(), wanted=wanted, unheard=unheard)]


def _waves_left(search: Search, now: datetime) -> int:
    wanted_by = search.launched_at + timedelta(minutes=search.settings.wanted_delay)
    left = int((wanted_by - now) / timedelta(minutes=search.settings.wave_length))
    return max(1, min(left, MOST_WAVES))


def _still_likely(one: Unheard, settings: SearchSettings, now: datetime) -> float:
    """The chance that somebody silent so far says yes during the wave to come."""
    past = (now - one.asked_at) / timedelta(minutes=1)
    return one.chance * (answered_within(past + settings.wave_length) - answered_within(past))


def answered_within(minutes: float) -> float:
    """Give the share of answers that come within so many minutes (median: ten minutes)."""
    return 1 - math.pow(0.5, minutes / MEDIAN_REPLY_MINUTES)


def wave_size(
    chances: Sequence[float], *, wanted: float, waves: int, unheard: Sequence[float] = ()
) -> int:
    """Give how many to ask now, in order, for the fewest phones expected in all.

    `unheard` are the chances of those asked before who may still say yes.
    """
    needed = phones_needed(chances, wanted=wanted, unheard=unheard)
    if needed <= 1 or waves <= 1:
        return needed
    return _first_of_the_cheapest(tuple(chances[:needed]), waves)


@lru_cache(maxsize=4096)
def _first_of_the_cheapest(chances: tuple[float, ...], waves: int) -> int:
    """Share these phones in waves so that the fewest are expected, and size the first."""
    needed, silence = len(chances), [1.0]
    for chance in chances:
        silence.append(silence[-1] * (1 - chance))

    @cache
    def cheapest(start: int, left: int) -> tuple[float, int]:
        """Expected phones from `start` on, over `left` waves, and the size of the first."""
        if left == 1 or start == needed:
            return float(needed - start), needed - start
        if silence[start] <= 0:
            return 0.0, needed - start
        return min(
            (end - start + silence[end] / silence[start] * cheapest(end, left - 1)[0], end - start)
            for end in range(start + 1, needed + 1)
        )

    return cheapest(0, waves)[1]


def phones_needed(chances: Iterable[float], *, wanted: float, unheard: Sequence[float] = ()) -> int:
    """Count the first candidates that reach the wanted chance; all of them if none do."""
    missing, count = 1 - chance_of_one_yes(unheard), 0
    for chance in chances:
        if count and 1 - missing >= wanted - 1e-12:
            break
        missing *= 1 - chance
        count += 1
    return count


def expected_phones(chances: Sequence[float], sizes: Sequence[int]) -> float:
    """Give the phones expected when waves of these sizes stop at the first yes."""
    total, start = 0.0, 0
    for size in sizes:
        total += size * math.prod(1 - chance for chance in chances[:start])
        start += size
    return total
