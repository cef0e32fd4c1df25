"""Ce que donnerait une façon de chercher, rejouée sur des besoins tirés au sort ou passés.

Trois façons, devant les mêmes réponses : nos vagues (la vraie règle, `next_step`), tout le monde
à la fois, et les appels l’un après l’autre. Même graine, mêmes besoins, mêmes figures.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from statistics import median

from cordee.broker.rules.curves import Curves
from cordee.broker.rules.order import Urgency
from cordee.broker.rules.ranking import Ranked
from cordee.broker.rules.settings import SearchSettings
from cordee.broker.rules.waves import Exhaust, Search, Send, Unheard, next_step
from cordee.directory.rules import DUTY_CLOSES, DUTY_DAYS, DUTY_OPENS, desk_is_open
from cordee.messaging.quiet import PARIS

NEVER = math.inf


@dataclass(frozen=True)
class Known:
    """What somebody really answered to the text: whether it was a yes, after how many minutes."""

    yes: bool
    minutes: float


@dataclass(frozen=True)
class Fate:
    """How one professional would answer, drawn once: the same whatever the way of searching."""

    ranked: Ranked
    willing: float
    heard: float
    agrees: float
    slowness: float
    picked_up: float
    known: Known | None = None


@dataclass(frozen=True)
class Case:
    """One need, and those who may be asked, in order."""

    urgency: Urgency
    launched_at: datetime
    deadline_at: datetime
    fates: tuple[Fate, ...]


@dataclass(frozen=True)
class Reply:
    """An answer to come: when, and whether it is a yes. `NEVER` when there is none."""

    fate: Fate
    asked_at: datetime
    minutes: float
    yes: bool

    def is_in_by(self, at: datetime) -> bool:
        """Tell whether it has come."""
        return self.minutes <= (at - self.asked_at) / timedelta(minutes=1)

    @property
    def at(self) -> datetime:
        """The moment it comes."""
        return self.asked_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Played:
    """What one search gave: minutes until the yes (`NEVER` without one), texts, calls."""

    minutes: float
    texts: int
    calls: int = 0

    @property
    def phones(self) -> int:
        """Phones disturbed."""
        return self.texts + self.calls


@dataclass(frozen=True)
class Figures:
    """What a way of searching gave over many needs. A need left unfilled took for ever."""

    cases: int
    found: float
    texts: float
    calls: float
    median_minutes: float

    @property
    def phones(self) -> float:
        """Phones disturbed per need."""
        return self.texts + self.calls


def figures(played: Iterable[Played]) -> Figures:
    """Sum up searches. Raises ValueError when there are none."""
    all_ = list(played)
    count = len(all_)
    if not count:
        raise ValueError("no search to sum up")
    return Figures(
        cases=count,
        found=sum(one.minutes < NEVER for one in all_) / count,
        texts=sum(one.texts for one in all_) / count,
        calls=sum(one.calls for one in all_) / count,
        median_minutes=median(one.minutes for one in all_),
    )


Policy = Callable[[Case, Curves], Played]


def waves(settings: SearchSettings) -> Policy:
    """Search by the true rule, under these settings."""

    def play(case: Case, curves: Curves) -> Played:
        return _by_waves(case, settings, curves)

    return play


def broadcast(case: Case, curves: Curves) -> Played:
    """Ask everybody at once."""
    replies = [reply(one, case, case.launched_at, curves) for one in case.fates]
    return Played(_first_yes(replies, case, case.deadline_at), len(replies))


def _by_waves(case: Case, settings: SearchSettings, curves: Curves) -> Played:
    now, wave, ends_at = case.launched_at, 0, None
    left, sent = list(case.fates), list[Reply]()
    while True:
        silent = [one for one in sent if not one.is_in_by(now)]
        step = next_step(
            Search(
                settings=settings,
                launched_at=case.launched_at,
                deadline_at=case.deadline_at,
                candidates=tuple(one.ranked for one in left),
                wave=wave,
                wave_ends_at=ends_at,
                waiting=tuple(Unheard(one.fate.ranked.chance, one.asked_at) for one in silent),
            ),
            now,
        )
        if isinstance(step, Exhaust):
            return Played(NEVER, len(sent))
        if isinstance(step, Send):
            asked = {one.candidate.practitioner_id for one in step.invited}
            chosen = [one for one in left if one.ranked.candidate.practitioner_id in asked]
            left = [one for one in left if one not in chosen]
            sent += [reply(one, case, now, curves) for one in chosen]
            wave, ends_at, until = step.wave, step.ends_at, step.ends_at
        else:
            until = step.until
        now = _all_said_no(sent, now, until)
        minutes = _first_yes(sent, case, now)
        if minutes < NEVER:
            return Played(minutes, len(sent))


def _all_said_no(sent: Sequence[Reply], now: datetime, until: datetime) -> datetime:
    """Give the end of the wait: sooner when the last one asked has said no."""
    if not sent or any(one.minutes == NEVER for one in sent):
        return until
    last = max(one.at for one in sent)
    return min(until, last) if last > now else until


def _first_yes(replies: Iterable[Reply], case: Case, until: datetime) -> float:
    """Give the minutes from the launch to the first yes by a moment, `NEVER` without one."""
    limit = min(until, case.deadline_at)
    yes = [one.at for one in replies if one.yes and one.minutes < NEVER and one.at <= limit]
    return (min(yes) - case.launched_at) / timedelta(minutes=1) if yes else NEVER


def reply(fate: Fate, case: Case, at: datetime, curves: Curves) -> Reply:
    """Say what somebody answers to a text sent at a moment: what is known, or what is drawn."""
    if fate.known:
        return Reply(fate, at, fate.known.minutes, fate.known.yes)
    hour = at.astimezone(PARIS).hour
    if fate.heard >= curves.answers:
        return Reply(fate, at, NEVER, False)
    minutes = curves.hours(hour).median_minutes * math.exp(curves.spread * fate.slowness)
    return Reply(fate, at, minutes, _agrees(fate, case, hour, curves))


def _agrees(fate: Fate, case: Case, hour: int, curves: Curves) -> bool:
    tier = fate.ranked.candidate.tier
    chance = curves.chance(fate.willing, tier=tier, urgency=case.urgency, hour=hour)
    return fate.agrees < chance


def one_by_one(case: Case, curves: Curves) -> Played:
    """Call in the same order, during the hours of the desk; messages are left, some call back."""
    now, calls, backs = case.launched_at, 0, list[Reply]()
    for fate in case.fates:
        now = _at_the_desk(now)
        minutes = _first_yes(backs, case, now)
        if minutes < NEVER or now >= case.deadline_at:
            return Played(minutes, 0, calls)
        calls += 1
        agrees = _agrees(fate, case, now.astimezone(PARIS).hour, curves)
        if fate.picked_up < curves.picks_up:
            now += timedelta(minutes=curves.talk_minutes)
            backs.append(Reply(fate, now, 0, agrees))
        else:
            now += timedelta(minutes=curves.ring_minutes)
            later = curves.call_back_minutes * math.exp(curves.spread * fate.slowness)
            comes = fate.heard < curves.calls_back
            backs.append(Reply(fate, now, later if comes else NEVER, agrees))
    return Played(_first_yes(backs, case, case.deadline_at), 0, calls)


def _at_the_desk(at: datetime) -> datetime:
    """Give the first moment, not before this one, when somebody is there to call."""
    while not desk_is_open(DUTY_DAYS, DUTY_OPENS, DUTY_CLOSES, at):
        local = at.astimezone(PARIS)
        next_day = local if local.time() < DUTY_OPENS else local + timedelta(days=1)
        at = datetime.combine(next_day.date(), DUTY_OPENS, PARIS)
    return at


def play(cases: Iterable[Case], policy: Policy, curves: Curves) -> Figures:
    """Search for every need in one way. Raises ValueError when there are none."""
    return figures(policy(case, curves) for case in cases)


def fate_of(ranked: Ranked, willing: float, draw: Random, known: Known | None = None) -> Fate:
    """Draw how one professional would answer."""
    return Fate(
        ranked, willing, draw.random(), draw.random(), draw.gauss(0, 1), draw.random(), known
    )
