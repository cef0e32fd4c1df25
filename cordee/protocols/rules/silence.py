"""Longer without news than usual: for this person at this step, else than the protocol says.

Source : règle de lecture de l’équipe, à valider localement. L’habitude est celle de la personne :
on retient l’écart que neuf de ses écarts passés sur dix n’ont pas dépassé, et l’on attend moitié
plus longtemps avant d’alerter. Il faut au moins cinq écarts à la même étape, ou à toutes. Sans
habitude connue, le délai du protocole. L’alerte ne vient jamais plus tard que deux fois le délai
du protocole : une personne longtemps oubliée n’en fait pas une habitude.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil

from cordee.protocols.rules.clocks import Delay, due, micros, moment

ENOUGH = 5  # gaps, before they are called a habit
SHARE = Fraction(9, 10)
PATIENCE = Fraction(3, 2)
SHORTEST = timedelta(days=1)  # no habit makes less than a day a silence
CAP = 2  # times the figure of the protocol


class Basis(StrEnum):
    """What the limit rests on."""

    OWN_STEP = "own_step"
    OWN = "own"
    PROTOCOL = "protocol"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class News:
    """A fact that gives news of the person, and the step she was at."""

    id: int
    happened_at: datetime
    step: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """How long without news, from which moment it is too long, and why that moment.

    `because`: the last news. `gaps`: how many gaps the habit rests on. Without any basis, there is
    no limit and it is never too long."""

    last_at: datetime
    limit_at: datetime | None
    basis: Basis
    gaps: int
    is_long: bool
    because: tuple[int, ...]


def silence_of(
    news: Sequence[News], *, entered_at: datetime, step: str, figure: Delay | None, now: datetime
) -> Silence:
    """Tell whether it has been too long without news, at this step of the pathway.

    `figure`: the delay of the protocol, if it says one. News to come wait. Raises ValueError on a
    moment without a zone."""
    at = micros(now)
    heard = {(micros(one.happened_at), one.id, one.step) for one in news}
    told = sorted(one for one in heard if micros(entered_at) <= one[0] <= at)
    last, because = (told[-1][0], (told[-1][1],)) if told else (micros(entered_at), ())
    limit, basis, gaps = _limit(told, step, last, figure)
    is_long = limit is not None and at > limit
    limit_at = None if limit is None else moment(limit)
    return Silence(moment(last), limit_at, basis, gaps, is_long, because)


def _limit(
    told: list[tuple[int, int, str]], step: str, last: int, figure: Delay | None
) -> tuple[int | None, Basis, int]:
    said = None if figure is None else due(last, figure)
    latest = None if said is None else last + CAP * (said - last)
    everywhere = [after[0] - before[0] for before, after in zip(told, told[1:], strict=False)]
    here = [
        after[0] - before[0]
        for before, after in zip(told, told[1:], strict=False)
        if before[2] == step
    ]
    for gaps, basis in ((here, Basis.OWN_STEP), (everywhere, Basis.OWN)):
        if len(gaps) >= ENOUGH:
            limit = last + _usual(gaps)
            return (limit if latest is None else min(limit, latest)), basis, len(gaps)
    return said, Basis.PROTOCOL if said is not None else Basis.NONE, 0


def _usual(gaps: list[int]) -> int:
    """Return the gap that nine of ten did not exceed, and half as much again."""
    rank = ceil(len(gaps) * SHARE)
    usual = int(sorted(gaps)[rank - 1] * PATIENCE)
    return max(usual, SHORTEST // timedelta(microseconds=1))
