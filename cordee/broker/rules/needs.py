"""Des besoins tirés au sort, toujours les mêmes pour une même graine : ce sur quoi on compare.

Hypothèses datées du 2026-11-22 : de 4 à 60 infirmières que l’on peut solliciter selon la zone, une
habituelle une fois sur trois, des lancements pendant les heures du poste. Personne n’y est réel.
"""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from cordee.broker.rules.curves import Curves
from cordee.broker.rules.order import Urgency
from cordee.broker.rules.ranking import Candidate, History, Tier, ranked
from cordee.broker.rules.settings import DEFAULTS
from cordee.broker.rules.simulation import Case, fate_of
from cordee.messaging.quiet import PARIS

SEED = 2026
ZONES = (4, 8, 12, 20, 30, 45, 60)
WEIGHTS = (1, 2, 3, 4, 4, 3, 2)
WITH_A_USUAL_NURSE = 1 / 3
FIRST_MONDAY = datetime(2026, 3, 2, tzinfo=PARIS)
UNSCHEDULED = (Urgency.TONIGHT, Urgency.DAY)
"""The needs for which the delay is what is sought; the others are given time on purpose."""


def drawn(count: int, urgency: Urgency, curves: Curves, seed: int = SEED) -> list[Case]:
    """Draw needs of one urgency, with how everybody would answer."""
    draw = Random(f"{seed}/{urgency.value}")  # noqa: S311 — a simulation must be repeatable
    return [_case(number, urgency, curves, draw) for number in range(count)]


def _case(number: int, urgency: Urgency, curves: Curves, draw: Random) -> Case:
    minutes = draw.randrange(9 * 60, 19 * 60)
    at = FIRST_MONDAY + timedelta(days=number % 6 + 7 * (number % 20), minutes=minutes)
    (size,) = draw.choices(ZONES, WEIGHTS)
    usual = int(draw.random() < WITH_A_USUAL_NURSE)
    practice = draw.randrange(4) if usual else 0
    tiers = [Tier.USUAL] * usual + [Tier.PRACTICE] * practice
    tiers += [Tier.ZONE] * (size - len(tiers))
    willing = {UUID(int=rank + 1): draw.betavariate(*curves.willing) for rank in range(size)}
    candidates = [
        _candidate(pk, tier, truth, curves, draw)
        for tier, (pk, truth) in zip(tiers, willing.items(), strict=False)
    ]
    order = ranked(candidates, seed=f"{number}")
    return Case(
        urgency=urgency,
        launched_at=at,
        deadline_at=at + timedelta(minutes=DEFAULTS[urgency].deadline),
        fates=tuple(fate_of(one, willing[one.candidate.practitioner_id], draw) for one in order),
    )


def _candidate(pk: UUID, tier: Tier, truth: float, curves: Curves, draw: Random) -> Candidate:
    """Give what the ranking knows of somebody: some past answers, not the truth."""
    asked = draw.randrange(13)
    heard = sum(draw.random() < curves.answers for _ in range(asked))
    likely = curves.chance(truth, tier=tier, urgency=Urgency.DAY, hour=10)
    yes = sum(draw.random() < likely for _ in range(heard))
    return Candidate(
        pk,
        tier=tier,
        history=History(yes, heard - yes, asked - heard),
        solicited=draw.randrange(6),
        available_hours=draw.choice((70.0, 150.0, 200.0)),
    )
