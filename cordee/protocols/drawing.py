"""A pathway as screens draw it: stations, verdicts and ruptures in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordee.protocols.models import Rupture
from cordee.protocols.rules.conformance import Status, Verdict
from cordee.protocols.rules.kinds import ROLES
from cordee.protocols.rules.silence import Silence
from cordee.protocols.rules.stations import Place, Station
from cordee.protocols.rules.watching import basis_said
from cordee.protocols.selectors import Difference, Seen

PLACES = {
    Place.DONE: ("faite", "done", "good"),
    Place.BEFORE: ("déjà faite à l’entrée", "done", "good"),
    Place.DONE_LATE: ("faite en retard", "done", "attention"),
    Place.AHEAD: ("faite en avance", "done", "good"),
    Place.SKIPPED: ("sautée", "broken", "bad"),
    Place.LATE: ("en retard", "broken", "bad"),
    Place.DUE: ("à faire", "current", "accent"),
    Place.WAITING: ("à venir", "awaited", "neutral"),
    Place.LIFTED: ("sans objet", "awaited", "neutral"),
}
STATUSES = {
    Status.RESPECTED: ("respectée", "good"),
    Status.PENDING: ("en attente", "accent"),
    Status.AT_RISK: ("à risque", "attention"),
    Status.VIOLATED: ("rompue", "bad"),
    Status.NOT_CONCERNED: ("sans objet pour l’instant", "neutral"),
}


@dataclass(frozen=True)
class Drawn:
    """A pathway in words, and the line to draw."""

    seen: Seen
    line: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    ruptures: list[Rupture]
    past: list[Rupture]


def drawn(seen: Seen, now: datetime) -> Drawn:
    """Say a pathway in words."""
    steps = {step.id for step in seen.protocol.steps}
    rules = [one for one in seen.verdicts if one.of not in steps]
    return Drawn(
        seen=seen,
        line=[_station(one) for one in seen.line],
        rows=[_row(one) for one in seen.line],
        rules=[_rule(one, seen.silences.get(one.of)) for one in rules],
        ruptures=[one for one in seen.ruptures if one.is_open],
        past=[one for one in seen.ruptures if not one.is_open],
    )


def _station(one: Station) -> dict[str, Any]:
    word, state, _ = PLACES[one.place]
    is_current = state == "current"
    return {
        "text": one.step.title,
        "state": "awaited" if is_current else state,
        "current": is_current,
        "when": word,
    }


def _row(one: Station) -> dict[str, Any]:
    word, _, tone = PLACES[one.place]
    return {
        "title": one.step.title,
        "word": word,
        "tone": tone,
        "done_at": one.done_at,
        "due_at": one.due_at,
        "who": role_said(one.step.role),
    }


def _rule(one: Verdict, silence: Silence | None) -> dict[str, Any]:
    word, tone = STATUSES[one.status]
    due_at = silence.limit_at if silence else one.due_at
    if one.status is Status.VIOLATED and one.repaired_at:
        word, tone = "faite en retard", "attention"
    if silence is not None:
        word, tone = ("trop longue", "bad") if silence.is_long else ("normale", "good")
    return {
        "title": one.expected,
        "word": word,
        "tone": tone,
        "due_at": due_at,
        "who": role_said(one.who),
        "breaches": one.breaches,
        "basis": basis_said(silence.basis.value, silence.gaps) if silence else "",
        "last_at": silence.last_at if silence and silence.because else None,
    }


def compared(differences: list[Difference]) -> list[dict[str, Any]]:
    """Say each rule under both versions, in words."""
    return [
        {
            "title": one.expected,
            "before": _word(one.before),
            "after": _word(one.after),
        }
        for one in differences
    ]


def _word(verdict: Verdict | None) -> tuple[str, str]:
    return STATUSES[verdict.status] if verdict else ("absente", "neutral")


def role_said(role: str) -> str:
    """The role that may act, in words."""
    return ROLES.get(role, role)
