"""Rejouer des recherches passées sous d’autres réglages, sans jamais inventer ce que l’on sait.

Qui a vraiment répondu répond de même. Qui n’a pas été sollicité, ou n’a plus eu à répondre parce
que la place était prise ou la recherche arrêtée trop tôt, répond selon les courbes énoncées.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from cordee.broker.rules.curves import ASSUMED, Curves
from cordee.broker.rules.order import Urgency
from cordee.broker.rules.ranking import Candidate, History, Ranked, Tier, chance_of_yes
from cordee.broker.rules.settings import SearchSettings
from cordee.broker.rules.simulation import (
    NEVER,
    Case,
    Fate,
    Figures,
    Known,
    Played,
    fate_of,
    figures,
    waves,
)

LEAST_SEARCHES = 5
"""Fewer past searches say nothing, and could point at somebody."""
DRAWS = 3


@dataclass(frozen=True)
class Asked:
    """Somebody who was asked: the estimate of then, and the answer when it is known."""

    practitioner_id: UUID
    tier: Tier
    chance: float
    known: Known | None


@dataclass(frozen=True)
class PastSearch:
    """A search that is over: who was asked, who else may be asked today, what it gave."""

    key: str
    urgency: Urgency
    launched_at: datetime
    asked: tuple[Asked, ...]
    others: tuple[UUID, ...]
    happened: Played


@dataclass(frozen=True)
class Replay:
    """What happened, what today’s settings would have given, what others would have."""

    happened: Figures
    today: Figures
    tried: Figures
    answers_known: float
    curves: Curves


def replayed(
    past: Sequence[PastSearch],
    today: SearchSettings,
    tried: SearchSettings,
    curves: Curves = ASSUMED,
) -> Replay | None:
    """Play past searches under two settings; None when there are too few of them."""
    if len(past) < LEAST_SEARCHES:
        return None
    asked = [one for search in past for one in search.asked]
    return Replay(
        happened=figures(search.happened for search in past),
        today=_under(today, past, curves),
        tried=_under(tried, past, curves),
        answers_known=sum(one.known is not None for one in asked) / max(len(asked), 1),
        curves=curves,
    )


def _under(settings: SearchSettings, past: Sequence[PastSearch], curves: Curves) -> Figures:
    policy = waves(settings)
    cases = (
        case_of(search, settings, curves, number) for number in range(DRAWS) for search in past
    )
    found = figures(policy(case, curves) for case in cases)
    return replace(found, cases=len(past))


def case_of(search: PastSearch, settings: SearchSettings, curves: Curves, number: int = 0) -> Case:
    """Give a past search as a need to fill again, with the same draw for every setting."""
    draw = Random(f"{search.key}/{number}")  # noqa: S311 — a simulation must be repeatable
    neutral = chance_of_yes(History())
    fates = [_fate(one, draw, curves) for one in search.asked]
    fates += [
        _fate(Asked(pk, Tier.ZONE, neutral, None), draw, curves) for pk in sorted(search.others)
    ]
    return Case(
        urgency=search.urgency,
        launched_at=search.launched_at,
        deadline_at=search.launched_at + timedelta(minutes=settings.deadline),
        fates=tuple(fates),
    )


def _fate(one: Asked, draw: Random, curves: Curves) -> Fate:
    ranked = Ranked(Candidate(one.practitioner_id, tier=one.tier), one.chance, 0.0)
    return fate_of(ranked, draw.betavariate(*curves.willing), draw, one.known)


def silence() -> Known:
    """Say that somebody was asked, had the time to answer, and did not."""
    return Known(False, NEVER)
