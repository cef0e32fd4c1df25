"""People at home who are made up, and how they are marked: what the detectors are judged on.

Every number is stated here, and none comes from a site: a house that has its own visits should
replay those. What changes, and when, is known; a detector sees the marks alone.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cordee.vigilance.rules.many import Severities, Visits
from cordee.vigilance.rules.severity import estimated

VISITS = 200
ONSET = 100
"""The visit at which a change begins, where there is one."""


@dataclass(frozen=True, slots=True)
class Home:
    """How persons are, and how they are marked. Levels are those of the five-level scale."""

    usual: float = 3.8
    usual_spread: float = 0.6
    mark_spread: float = 0.3  # of one mark beside the others, for one person
    day: float = 0.35  # a good or a bad day, for the four marks
    noise: float = 0.5  # for each mark
    severity: float = 0.4  # standard deviation of what a helper adds
    noisy: float = 0.1  # share of helpers who mark at random around it
    noisy_by: float = 0.6
    own_helper: float = 0.6  # share of visits by the usual helper; three others share the rest
    persons_per_helper: int = 8
    between: float = 1.4  # days between two visits, irregular (a gamma law of shape 2)
    missed: float = 0.15  # share of visits that are not marked: the next one is as much later
    away: float = 0.004  # share of visits after 7 to 40 days away
    mark_missed: float = 0.03
    seasonal: float = 0.3  # share of persons whose level follows the year
    season: float = 0.25  # by so much, either way


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to everybody at ONSET: so many marks fall by so much, over so many visits."""

    name: str
    fall: float = 0.0
    over: int = 1
    marks: int = 3


STEADY = Change("steady")
SUDDEN = Change("sudden", fall=1.0)
SLOW = Change("slow", fall=1.2, over=60)
SLOWER = Change("slower", fall=1.2, over=120)
ALONE = Change("alone", fall=1.5, over=60, marks=1)


@dataclass(frozen=True, slots=True)
class Made:
    """Visits, and what made them: what each helper adds, and who is noisy."""

    visits: Visits
    severity: NDArray[np.float64]
    noisy: NDArray[np.bool_]
    moments: NDArray[np.float64]

    @property
    def marks(self) -> NDArray[np.float64]:
        """The marks as numbers, NaN where none was given."""
        marks = self.visits.marks.astype(np.float64)
        marks[marks == 0] = np.nan
        return marks

    def severities(self) -> Severities:
        """Estimate how each helper marks, as the house does: from the marks alone."""
        persons, count, four = self.visits.marks.shape
        return estimated(
            np.repeat(np.arange(persons), count),
            self.visits.helpers.ravel(),
            self.moments.ravel(),
            self.marks.reshape(-1, four),
            count=len(self.severity),
        )


def made(persons: int, seed: int, change: Change = STEADY, home: Home | None = None) -> Made:
    """Make up persons and their visits; the same seed makes the same ones, whatever changes."""
    home = home or Home()
    draw = np.random.default_rng(seed)
    helpers, severity, noisy = _helpers(persons, home, draw)
    days = _days(persons, home, draw)
    moments = days.cumsum(axis=1)
    level = _levels(persons, home, draw)[:, None, :] + _season(moments, home, draw)[:, :, None]
    level = level + _changed(persons, change, draw)
    level = level + severity[helpers][:, :, None] + _noise(noisy[helpers], home, draw)
    marks = np.clip(np.rint(level), 1, 5).astype(np.int8)
    marks[draw.random(marks.shape) < home.mark_missed] = 0
    return Made(Visits(marks, days, helpers), severity, noisy, moments)


def calm(home: Home | None = None) -> Home:
    """Return the same homes, where nothing follows the year."""
    return replace(home or Home(), seasonal=0.0)


def _helpers(
    persons: int, home: Home, draw: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    count = max(4, persons // home.persons_per_helper)
    severity = draw.normal(0, home.severity, count)
    noisy = draw.random(count) < home.noisy
    team = draw.integers(0, count, (persons, 4))
    own = draw.random((persons, VISITS)) < home.own_helper
    who = np.where(own, 0, draw.integers(1, 4, (persons, VISITS)))
    return np.take_along_axis(team, who, 1), severity, noisy


def _days(persons: int, home: Home, draw: np.random.Generator) -> NDArray[np.float64]:
    shape = (persons, VISITS)
    days = draw.gamma(2.0, home.between / 2.0, shape)
    days += np.where(draw.random(shape) < home.missed, home.between, 0.0)
    return days + np.where(draw.random(shape) < home.away, draw.uniform(7, 40, shape), 0.0)


def _levels(persons: int, home: Home, draw: np.random.Generator) -> NDArray[np.float64]:
    usual = np.clip(draw.normal(home.usual, home.usual_spread, persons), 2.2, 4.8)
    return np.asarray(usual[:, None] + draw.normal(0, home.mark_spread, (persons, 4)))


def _season(
    moments: NDArray[np.float64], home: Home, draw: np.random.Generator
) -> NDArray[np.float64]:
    persons = len(moments)
    follows = np.where(draw.random(persons) < home.seasonal, home.season, 0.0)
    phase = draw.random(persons)
    return np.asarray(follows[:, None] * np.sin(2 * np.pi * (moments / 365 + phase[:, None])))


def _changed(persons: int, change: Change, draw: np.random.Generator) -> NDArray[np.float64]:
    touched = draw.random((persons, 4)).argsort(axis=1) < change.marks
    since = np.clip((np.arange(VISITS) - ONSET + 1) / change.over, 0, 1)
    return np.asarray(-change.fall * since[None, :, None] * touched[:, None, :])


def _noise(noisy: NDArray[np.bool_], home: Home, draw: np.random.Generator) -> NDArray[np.float64]:
    day = draw.normal(0, home.day, noisy.shape)
    day += np.where(noisy, home.noisy_by, 0.0) * draw.normal(0, 1, noisy.shape)
    return np.asarray(day[:, :, None] + draw.normal(0, home.noise, (*noisy.shape, 4)))
