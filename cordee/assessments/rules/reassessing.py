"""Quand refaire une évaluation : un rythme par instrument, réglage daté à valider localement.

Aucun texte n’impose ces rythmes : ce sont des points de départ. Le jour est celui de Paris, où
l’évaluation a été faite et où on la lit ; le 29 février se refait le 28 les années ordinaires.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cordee.assessments.rules.months import months_after
from cordee.assessments.rules.scales import Dated, in_force
from cordee.kernel.typography import full_day, plural
from cordee.people.rules.readings import Reading

PARIS = ZoneInfo("Europe/Paris")
SINCE = date(2026, 11, 1)
SOON = timedelta(days=30)
SOON_PART = 4
"""Announced at most this part of the rhythm ahead: a monthly scale is not always « soon »."""


class State(StrEnum):
    """Where a reassessment stands."""

    FRESH = "fresh"
    SOON = "soon"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True)
class Reassessment:
    """When an instrument is to be done again, in a sentence, and what the rhythm rests on."""

    due_on: date
    state: State
    said: str
    source: str


def _every(months: int) -> tuple[Dated[int], ...]:
    said = plural(months, "mois", "mois")
    reading = Reading(f"tous les {said}" if months > 1 else "tous les mois", "choix de Cordée")
    return (Dated("Rythme de réévaluation", months, SINCE, reading),)


RHYTHMS: Mapping[str, tuple[Dated[int], ...]] = {
    "aggir": _every(12),
    "epices": _every(12),
    "gds-15": _every(6),
    "mini-gds": _every(6),
    "sega-a": _every(12),
    "norton": _every(1),
    "functional": _every(6),
    "carer-burden": _every(6),
    "coordination-need": _every(6),
    "multidimensional": _every(12),
    "zarit-22": _every(6),
    "mna-sf": _every(3),
    "clinical-frailty": _every(12),
    "braden": _every(1),
    "mini-cog": _every(12),
    "tug": _every(6),
    "charlson": _every(12),
}
"""Others answer to an event (a stay, a pain) and are not done again by the calendar."""


def reassessment(
    instrument: str,
    taken_at: datetime,
    now: datetime,
    rhythms: Mapping[str, tuple[Dated[int], ...]] = RHYTHMS,
) -> Reassessment | None:
    """Say when an instrument is to be done again; None when it has no rhythm.

    The rhythm is the one in force today, not the one of the day it was taken. Both moments carry
    their zone: raises ValueError otherwise."""
    taken_on, today = _local_day(taken_at), _local_day(now)
    settings = rhythms.get(instrument)
    if not settings:
        return None
    rhythm = in_force(settings, today)
    due_on = months_after(taken_on, rhythm.value)
    state = _state(taken_on, due_on, today)
    unsure = "" if rhythm.reading.verified else ", à valider localement"
    return Reassessment(
        due_on=due_on,
        state=state,
        said=_said(state, due_on, today),
        source=f"{rhythm.reading.said} ({rhythm.reading.source}{unsure})",
    )


def _state(taken_on: date, due_on: date, today: date) -> State:
    if today > due_on:
        return State.LATE
    if today == due_on:
        return State.DUE
    ahead = min(SOON, (due_on - taken_on) / SOON_PART)
    return State.SOON if due_on - today <= ahead else State.FRESH


def _said(state: State, due_on: date, today: date) -> str:
    if state is State.LATE:
        return f"À refaire depuis le {full_day(due_on)} ({plural((today - due_on).days, 'jour')})"
    if state is State.DUE:
        return "À refaire aujourd’hui"
    if state is State.SOON:
        return f"À refaire bientôt, le {full_day(due_on)}"
    return f"À refaire le {full_day(due_on)}"


def _local_day(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise ValueError("Le moment n’a pas de fuseau horaire.")
    return moment.astimezone(PARIS).date()
