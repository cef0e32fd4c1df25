"""Signs that stand, and signs that come back: what is known is not told anew, what adds up is.

A confusion, a wound, a dangerous home or a mark at its lowest may stand for weeks. Once who answers
said « connu et déjà suivi », the same is not raised at each visit, until it worsens or some days
pass. A fall is an event: each one is told. « Urgent » is always told. Lesser signs raise nothing by
themselves; several of them in a few days count together.

Règles de Cordée, à valider par chaque service : aucun texte connu ne fixe ces durées. Elles sont
datées (`SETTINGS`), et dites dans `docs/vigilance.md`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cordee.vigilance.rules.urgency import Immediate

STANDING = frozenset({"confused", "wound", "home_unsafe"})
"""Urgent signs that may stand from one visit to the next."""

LESSER = ("eats_little", "refuses_care", "medicines_missed", "pain", "alone", "carer_exhausted")
"""Signs that wait for a second one, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How long what is known stays untold, and how many lesser signs make one to look at."""

    since: date
    known_for: timedelta
    within: timedelta
    together: int
    lower: int
    """Levels lost on one mark, since the visit that was told, that make it worse."""
    source: str


SETTINGS = (
    Setting(
        since=date(2026, 1, 1),
        known_for=timedelta(days=14),
        within=timedelta(days=7),
        together=3,
        lower=2,
        source="règle d’organisation de Cordée, à valider par chaque service (non vérifiée)",
    ),
)


def setting_on(day: date) -> Setting:
    """Return the setting in force on a day; the first one before it: no visit is left unjudged."""
    ordered = sorted(SETTINGS, key=lambda one: one.since)
    return [ordered[0], *(one for one in ordered if one.since <= day)][-1]


@dataclass(frozen=True, slots=True)
class Known:
    """What was closed as known and followed: signs, marks at their lowest, and all its levels."""

    signs: frozenset[str]
    marks: frozenset[str]
    levels: Mapping[str, int | None]
    closed_at: datetime


def is_new(
    said: Immediate,
    levels: Mapping[str, int | None],
    *,
    at: datetime,
    known: Iterable[Known],
    setting: Setting,
) -> bool:
    """Say whether what a visit says at once is to be told.

    `levels`: the four marks of the visit; `at`: when it happened. What somebody says is urgent, and
    a sign that is an event, always are. The rest is not while something closed as known covers it.
    """
    if said.said_urgent or not STANDING.issuperset(said.signs):
        return True
    return not any(_covers(one, said, levels, at, setting) for one in known)


def _covers(
    known: Known,
    said: Immediate,
    levels: Mapping[str, int | None],
    at: datetime,
    setting: Setting,
) -> bool:
    same = known.signs.issuperset(said.signs) and known.marks.issuperset(said.marks)
    lately = at < known.closed_at + setting.known_for
    return same and lately and not _is_lower(known.levels, levels, setting.lower)


def _is_lower(before: Mapping[str, int | None], now: Mapping[str, int | None], lower: int) -> bool:
    pairs = ((before.get(name), level) for name, level in now.items())
    return any(one and level and one - level >= lower for one, level in pairs)


def lesser(signs: Iterable[str]) -> tuple[str, ...]:
    """Keep the lesser signs, in the order in which they are told."""
    ticked = set(signs)
    return tuple(one for one in LESSER if one in ticked)


@dataclass(frozen=True, slots=True)
class Together:
    """Lesser signs that count together: which, and how many times."""

    signs: tuple[str, ...]
    times: int


def together(
    seen: Iterable[tuple[date, Iterable[str]]], *, known: Iterable[Known], setting: Setting
) -> Together | None:
    """Say what lesser signs of some days say together; None as long as they are too few.

    `seen`: the day and the signs of each visit of the window. A sign counts once a day: two helpers
    who say the same count once. What was all closed as known is not told; one sign more tells all.
    """
    points = {(day, sign) for day, signs in seen for sign in lesser(signs)}
    signs = lesser(sign for _, sign in points)
    if len(points) < setting.together or any(one.signs.issuperset(signs) for one in known):
        return None
    return Together(signs, len(points))
