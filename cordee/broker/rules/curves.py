"""Comment on répond quand on est sollicité : des courbes énoncées, jamais cachées dans un calcul.

Elles servent à comparer des façons de chercher, pas à décider qui est sollicité. Ce sont des
**hypothèses datées** : aucune mesure publiée n’a été trouvée pour des infirmières libérales
sollicitées par SMS. À remplacer par celles d’un territoire dès qu’il a de quoi les mesurer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cordee.broker.rules.order import Urgency
from cordee.broker.rules.ranking import Tier


@dataclass(frozen=True)
class Hours:
    """One stretch of a day: until which hour, what a yes is worth then, how long it takes."""

    until: int
    yes: float
    median_minutes: float


@dataclass(frozen=True)
class Curves:
    """Chance and delay of an answer, by text and by phone. Every figure has its sentence."""

    name: str
    dated_on: date
    source: str
    answers: float
    willing: tuple[float, float]
    by_tier: Mapping[Tier, float]
    by_urgency: Mapping[Urgency, float]
    by_hour: tuple[Hours, ...]
    spread: float
    picks_up: float
    talk_minutes: float
    ring_minutes: float
    calls_back: float
    call_back_minutes: float
    said: tuple[str, ...] = field(default=())

    def hours(self, hour: int) -> Hours:
        """Give the stretch of the day that holds an hour."""
        return next(one for one in self.by_hour if hour < one.until)

    def chance(self, willing: float, *, tier: Tier, urgency: Urgency, hour: int) -> float:
        """Give the chance that somebody who answers says yes."""
        factors = self.by_tier[tier] * self.by_urgency[urgency] * self.hours(hour).yes
        return min(0.95, willing * factors)


ASSUMED = Curves(
    name="courbes de départ",
    dated_on=date(2026, 11, 22),
    source="hypothèse de Cordée, sans mesure publiée ; à remplacer par celles du territoire",
    answers=0.75,
    willing=(2.0, 5.0),
    by_tier={Tier.USUAL: 2.2, Tier.PRACTICE: 1.4, Tier.ZONE: 1.0},
    by_urgency={
        Urgency.TONIGHT: 0.8,
        Urgency.DAY: 1.0,
        Urgency.THREE_DAYS: 1.1,
        Urgency.PLANNED: 1.2,
    },
    by_hour=(
        Hours(7, 0.4, 40.0),
        Hours(9, 0.8, 20.0),
        Hours(12, 1.0, 12.0),
        Hours(14, 1.2, 7.0),
        Hours(17, 1.1, 9.0),
        Hours(21, 0.9, 10.0),
        Hours(24, 0.4, 30.0),
    ),
    spread=1.0,
    picks_up=0.3,
    talk_minutes=7.0,
    ring_minutes=4.0,
    calls_back=0.4,
    call_back_minutes=60.0,
    said=(
        "Trois SMS sur quatre reçoivent une réponse ; les autres jamais.",
        "Parmi les réponses, 29 % de oui en moyenne, très inégalement selon les personnes "
        "(loi bêta 2, 5).",
        "L’infirmière habituelle dit oui 2,2 fois plus souvent, son cabinet 1,4 fois.",
        "Pour ce soir 0,8 fois ; sous 72 heures 1,1 fois ; programmé 1,2 fois.",
        "Selon l’heure, la moitié des réponses arrivent en 7 min (midi) à 20 min (tournée du "
        "matin), 30 à 40 min la nuit ; le reste traîne (loi log-normale, écart 1).",
        "Au téléphone, trois appels sur dix aboutissent. Un appel abouti prend 7 min en tout, un "
        "appel sans réponse 4 min, message compris ; quatre messages sur dix sont rappelés, la "
        "moitié en une heure.",
    ),
)
