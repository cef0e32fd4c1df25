"""Nos vagues, un envoi à tous, des appels un par un : les mêmes besoins, les mêmes réponses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cordee.broker.rules import needs
from cordee.broker.rules.curves import ASSUMED, Curves, Hours
from cordee.broker.rules.order import Urgency
from cordee.broker.rules.settings import DEFAULTS, SearchSettings
from cordee.broker.rules.simulation import (
    Case,
    Figures,
    Played,
    Policy,
    broadcast,
    figures,
    one_by_one,
    waves,
)

WANTED = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Compared:
    """Three ways of searching over the same needs."""

    waves: Figures
    broadcast: Figures
    calls: Figures

    @property
    def coverage_share(self) -> float:
        """Coverage of the waves, over that of a broadcast."""
        return self.waves.found / self.broadcast.found

    @property
    def texts_share(self) -> float:
        """Texts of the waves, over those of a broadcast."""
        return self.waves.texts / self.broadcast.texts

    @property
    def delay_share(self) -> float:
        """Median delay of the waves, over that of calls."""
        return self.waves.median_minutes / self.calls.median_minutes


@dataclass(frozen=True)
class Point:
    """One setting of the trade-off, and what it gave."""

    wanted_chance: float
    is_shipped: bool
    figures: Figures


def compared(urgencies: Iterable[Urgency], count: int, curves: Curves = ASSUMED) -> Compared:
    """Compare the three ways over so many needs of each urgency, under shipped settings."""
    played: tuple[list[Played], ...] = ([], [], [])
    for urgency in urgencies:
        cases = needs.drawn(count, urgency, curves)
        ways: tuple[Policy, ...] = (waves(DEFAULTS[urgency]), broadcast, one_by_one)
        for way, kept in zip(ways, played, strict=True):
            kept += [way(case, curves) for case in cases]
    return Compared(*map(figures, played))


def trade_off(
    urgency: Urgency, cases: Sequence[Case], curves: Curves, shipped: SearchSettings | None = None
) -> list[Point]:
    """Play every wanted chance over the same needs, the shipped one among them."""
    shipped = shipped or DEFAULTS[urgency]
    wanted = sorted({*WANTED, shipped.wanted_chance})
    return [
        Point(
            chance,
            chance == shipped.wanted_chance,
            figures(waves(replace(shipped, wanted_chance=chance))(case, curves) for case in cases),
        )
        for chance in wanted
    ]


def doubts(curves: Curves = ASSUMED) -> list[tuple[str, Curves]]:
    """Give the same curves, each time wrong about one thing, to see what a conclusion is worth."""
    slower = tuple(Hours(one.until, one.yes, 2 * one.median_minutes) for one in curves.by_hour)
    return [
        ("courbes de départ", curves),
        ("deux fois moins de réponses aux SMS", replace(curves, answers=curves.answers / 2)),
        ("SMS deux fois plus lents", replace(curves, by_hour=slower)),
        ("moitié moins de volontaires", replace(curves, willing=(2.0, 12.0))),
        ("on décroche six fois sur dix", replace(curves, picks_up=0.6)),
        ("appels deux fois plus courts", replace(curves, talk_minutes=3.5, ring_minutes=2.0)),
    ]
