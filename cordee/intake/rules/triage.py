"""The triage grid: first the signs that are not ours to handle, then an organisational delay.

Ce que la grille fait : reconnaître, aux mots de la personne qui appelle, ce qui relève du 15, et
fixer dans quel délai un soin déjà décidé s’organise. Ce qu’elle ne fait pas : poser un
diagnostic, évaluer une gravité, proposer un traitement, ni calculer un score.
Source : règlement (UE) 2017/745, art. 2 (1) — la destination est écrite dans `docs/triage.md` ;
la grille est un texte local, versionné, et ne sert qu’une fois signée par un clinicien nommé.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from cordee.directory.rules import MOMENT_HOURS, MomentHours, Window, window_from

PARIS = ZoneInfo("Europe/Paris")
EVENING_ENDS_AT = time(22, 0)
MORNING_AT = time(8, 0)
LATE_EVENING = timedelta(hours=4)
PLANNED_BY_DEFAULT = timedelta(days=7)


class Delay(StrEnum):
    TONIGHT = "tonight"
    H24 = "h24"
    H72 = "h72"
    PLANNED = "planned"

    @property
    def label(self) -> str:
        """Return the delay as it is said on the telephone."""
        return {
            Delay.TONIGHT: "ce soir",
            Delay.H24: "dans les 24 heures",
            Delay.H72: "dans les 72 heures",
            Delay.PLANNED: "à la date prévue",
        }[self]


_PRESSING = tuple(Delay)
_CODE_LENGTH = 40


class GridError(ValueError):
    """A grid that cannot be used; its message is a French sentence for the person loading it."""


@dataclass(frozen=True)
class Sign:
    code: str
    question: str


@dataclass(frozen=True)
class DelayQuestion:
    code: str
    question: str
    delay: Delay


@dataclass(frozen=True)
class Grid:
    version: str
    title: str
    signs: tuple[Sign, ...]
    delays: tuple[DelayQuestion, ...]
    otherwise: Delay
    digest: str

    @property
    def questions(self) -> list[tuple[str, str]]:
        """List every question by its code, signs first."""
        signs = [(sign.code, sign.question) for sign in self.signs]
        return signs + [(one.code, one.question) for one in self.delays]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return every code, signs first: the order in which the questions are asked."""
        return tuple(q.code for q in self.signs) + tuple(q.code for q in self.delays)


@dataclass(frozen=True)
class Verdict:
    """What the answers say: not ours, or a delay; `missing` are the questions left unasked."""

    signs: tuple[str, ...]
    delay: Delay | None
    because: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_for_samu(self) -> bool:
        """Say whether at least one sign is present: transfer first, organise later."""
        return bool(self.signs)


def read_grid(content: Mapping[str, Any]) -> Grid:
    """Check a grid and return it; raise GridError with the sentence that says what is wrong."""
    _refuse_unwritable(content)
    signs = tuple(Sign(*_asked(entry)) for entry in _entries(content, "signs"))
    delays = tuple(
        DelayQuestion(*_asked(entry), _delay(entry.get("delay")))
        for entry in _entries(content, "delays")
    )
    if not signs:
        raise GridError("La grille ne commence par aucun signe relevant du 15.")
    codes = [sign.code for sign in signs] + [question.code for question in delays]
    if len(set(codes)) != len(codes):
        raise GridError("Deux questions de la grille portent le même code.")
    version = _text(content.get("version"), "la version", 40)
    title = _text(content.get("title"), "le titre", 200)
    return Grid(version, title, signs, delays, _delay(content.get("otherwise")), digest_of(content))


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical content: what a clinician signs is exactly this."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def judge(grid: Grid, answers: Mapping[str, bool]) -> Verdict:
    """Weigh the answers; any sign wins over every delay, and no delay is given before all signs."""
    signs = tuple(sign.code for sign in grid.signs if answers.get(sign.code))
    missing = tuple(code for code in grid.codes if code not in answers)
    unasked_signs = any(sign.code in missing for sign in grid.signs)
    if signs or unasked_signs:
        return Verdict(signs, None, (), missing)
    asked = [question for question in grid.delays if answers.get(question.code)]
    delay = min((q.delay for q in asked), key=_PRESSING.index, default=grid.otherwise)
    because = tuple(question.code for question in asked if question.delay is delay)
    return Verdict(signs, delay, because, missing)


def were_asked(grid: Grid, answers: Mapping[str, bool]) -> bool:
    """Say whether every sign of the grid was answered."""
    return all(sign.code in answers for sign in grid.signs)


def chosen_delay(given: Delay | None, by_hand: Delay | None) -> Delay | None:
    """Return the more pressing of the grid's delay and the hand's: never a longer one."""
    known = [delay for delay in (given, by_hand) if delay is not None]
    return min(known, key=_PRESSING.index, default=None)


WITHIN: dict[Delay, timedelta | None] = {
    Delay.TONIGHT: None,
    Delay.H24: timedelta(hours=24),
    Delay.H72: timedelta(hours=72),
    Delay.PLANNED: PLANNED_BY_DEFAULT,
}
"""How long a delay leaves for the first visit; None is this evening."""


def due_at(delay: Delay, asked_at: datetime, begins_on: date | None = None) -> datetime:
    """Return the moment by which someone should be found; an hour is an hour across a clock change.

    Tonight means before 22:00 local time, or within four hours when the evening is nearly over."""
    local = asked_at.astimezone(PARIS)
    if delay is Delay.TONIGHT:
        evening = datetime.combine(local.date(), EVENING_ENDS_AT, PARIS)
        return max(evening, _later(asked_at, LATE_EVENING))
    if delay is Delay.H24:
        return _later(asked_at, timedelta(hours=24))
    if delay is Delay.H72:
        return _later(asked_at, timedelta(hours=72))
    if begins_on is None:
        return _later(asked_at, PLANNED_BY_DEFAULT)
    planned = datetime.combine(begins_on, MORNING_AT, PARIS)
    return max(planned, _later(asked_at, LATE_EVENING))


def begins_at(day: date | None, now: datetime) -> datetime:
    """Return when a need begins: a day to come from its midnight, which says no hour; else now."""
    return max(now, datetime.combine(day, time(), PARIS)) if day else now


def window(
    delay: Delay | None,
    begins: datetime,
    moments: Iterable[str],
    now: datetime,
    settings: tuple[MomentHours, ...] = MOMENT_HOURS,
) -> Window:
    """Return when a first visit may be: whoever could come then is counted, and asked.

    What is planned for a day to come is for that day; the rest, for as long as its delay leaves.
    """
    is_dated = delay is Delay.PLANNED and begins > now
    within = timedelta() if is_dated else WITHIN[delay or Delay.H24]
    return window_from(begins, now, within=within, moments=moments, settings=settings)


def _later(moment: datetime, delta: timedelta) -> datetime:
    """Add real time: arithmetic on an aware local datetime would slip by an hour twice a year."""
    return datetime.fromtimestamp(moment.timestamp() + delta.total_seconds(), tz=PARIS)


def _refuse_unwritable(content: Mapping[str, Any]) -> None:
    """Refuse what no database keeps: NUL, and halves of characters."""
    written = json.dumps(content, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        written = "\\u0000"
    if "\\u0000" in written:
        raise GridError("La grille contient un caractère qui ne s’écrit pas.")


def _entries(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    entries = content.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise GridError(f"La partie « {key} » de la grille manque ou n’est pas une liste.")
    return entries


def _asked(entry: Mapping[str, Any]) -> tuple[str, str]:
    code = _text(entry.get("code"), "le code d’une question")
    if len(code) > _CODE_LENGTH or not code.replace("_", "").isalnum():
        raise GridError(f"Le code « {code[:_CODE_LENGTH]} » n’est pas lisible.")
    return code, _text(entry.get("question"), f"la question « {code} »")


def _delay(value: object) -> Delay:
    try:
        return Delay(str(value))
    except ValueError:
        raise GridError(f"Le délai « {value} » n’existe pas.") from None


def _text(value: object, what: str, longest: int = 400) -> str:
    if not isinstance(value, str) or not value.strip():
        raise GridError(f"Il manque {what}.")
    if len(value.strip()) > longest:
        raise GridError(f"Ce qui dit {what} dépasse {longest} caractères.")
    return value.strip()
