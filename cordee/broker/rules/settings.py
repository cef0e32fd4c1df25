"""Les réglages d’une recherche, par urgence, avec leur explication en français.

Les valeurs livrées sont des points de départ : elles se règlent sur l’écran
« Réglages des recherches » et chaque changement garde l’ancien état. Ceux de « ce soir » et de
« sous 24 h » viennent de la comparaison du 2026-11-22 (docs/recherches.md) : une seule vague large
trouve presque trois fois plus vite que des appels, pour un tiers des SMS d’un envoi à tous.
"""

from dataclasses import dataclass, fields
from datetime import time

from cordee.broker.rules.order import Urgency


@dataclass(frozen=True)
class SearchSettings:
    """How a search of one urgency behaves. Durations in minutes."""

    head_start: int
    wave_length: int
    wanted_chance: float
    wanted_delay: int
    deadline: int
    hold: int
    confirm_within: int
    quiet_from: time
    quiet_until: time
    ignores_quiet: bool
    sets_off: int

    def quiet_hours(self, *, has_agreed: bool) -> tuple[time, time] | None:
        """Between when nobody is written to; none for who agreed to urgent texts at night."""
        if self.ignores_quiet and has_agreed:
            return None
        return self.quiet_from, self.quiet_until


_NIGHT = (time(21, 0), time(7, 0))

DEFAULTS: dict[Urgency, SearchSettings] = {
    Urgency.TONIGHT: SearchSettings(5, 20, 0.9, 20, 150, 10, 45, *_NIGHT, True, 60),
    Urgency.DAY: SearchSettings(10, 20, 0.85, 20, 480, 15, 120, *_NIGHT, False, 60),
    Urgency.THREE_DAYS: SearchSettings(60, 60, 0.9, 300, 1_440, 30, 720, *_NIGHT, False, 60),
    Urgency.PLANNED: SearchSettings(240, 240, 0.85, 1_440, 5_760, 60, 2_880, *_NIGHT, False, 60),
}


@dataclass(frozen=True)
class Explained:
    """One setting said to the people it rules: its name, what it changes, its bounds."""

    label: str
    help: str
    unit: str = ""
    least: float | None = None
    most: float | None = None


_EXPLANATIONS = (
    Explained(
        "avance de l’infirmière habituelle",
        "Elle est seule à être sollicitée pendant ce temps. Plus long : plus de continuité. "
        "Plus court : la recherche s’élargit plus vite.",
        "min",
        0,
        1_440,
    ),
    Explained(
        "durée d’une vague",
        "Temps laissé aux personnes sollicitées avant d’en solliciter d’autres.",
        "min",
        2,
        2_880,
    ),
    Explained(
        "chance voulue d’un oui",
        "Chaque vague sollicite le moins de téléphones possible pour atteindre cette chance "
        "d’avoir au moins un oui dans le délai voulu.",
        "%",
        0.5,
        0.99,
    ),
    Explained(
        "délai voulu",
        "Temps dans lequel le oui est espéré. Il se partage en vagues ; passé ce délai, ou "
        "quand il ne dure qu’une vague, chaque vague est aussi large que nécessaire. Quand tout "
        "le monde est sollicité, les dernières personnes gardent 45 min pour répondre.",
        "min",
        5,
        5_760,
    ),
    Explained(
        "échéance",
        "Temps après lequel la recherche s’arrête et revient à l’équipe avec des propositions.",
        "min",
        10,
        20_160,
    ),
    Explained(
        "place tenue après un oui par SMS",
        "Un expéditeur de SMS peut être imité : le oui tient la place pendant ce temps, "
        "et n’ouvre rien tant que l’identité n’est pas confirmée par le lien ou par un appel.",
        "min",
        2,
        240,
    ),
    Explained(
        "délai pour confirmer les soins",
        "Sans date de première visite après ce temps, l’équipe est alertée.",
        "min",
        5,
        10_080,
    ),
    Explained("début des heures calmes", "À partir de cette heure, aucun nouveau SMS."),
    Explained("fin des heures calmes", "À partir de cette heure, les SMS reprennent."),
    Explained(
        "passer outre les heures calmes",
        "Seulement envers les personnes qui ont accepté d’être sollicitées la nuit en urgence.",
    ),
    Explained(
        "en route avant une visite",
        "Qui vient est peut-être déjà en route ce temps avant sa visite : un SMS qui partirait "
        "plus tard n’est pas lu à temps, et l’équipe appelle. Plus long : plus d’appels. "
        "Plus court : plus de visites pour rien.",
        "min",
        0,
        720,
    ),
)
EXPLAINED: dict[str, Explained] = {
    field.name: words for field, words in zip(fields(SearchSettings), _EXPLANATIONS, strict=True)
}


def problems(settings: SearchSettings) -> dict[str, str]:
    """Say, by field, why these settings cannot be used; empty when they can."""
    found: dict[str, str] = {}
    for name, words in EXPLAINED.items():
        value = getattr(settings, name)
        if (
            words.least is not None
            and words.most is not None
            and (not words.least <= value <= words.most)
        ):
            found[name] = f"Donnez une valeur entre {_said(words.least)} et {_said(words.most)}."
    if settings.deadline < settings.wanted_delay:
        found.setdefault("deadline", "L’échéance ne peut pas précéder le délai voulu.")
    if settings.wanted_delay < settings.wave_length:
        found.setdefault("wanted_delay", "Le délai voulu contient au moins une vague.")
    return found


def _said(bound: float) -> str:
    return f"{bound:g}".replace(".", ",")
