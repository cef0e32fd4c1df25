"""What a phone is told: the least that a helper needs at the door."""

from datetime import datetime
from typing import Any

from cordee.access.actor import Actor
from cordee.vigilance import selectors
from cordee.vigilance.rules.sent import WHY
from cordee.vigilance.selectors.phones import Aside, Coming, Fate, Named


def told_to(actor: Actor, now: datetime) -> dict[str, Any]:
    """The coming visits of a helper, whom they visit, and what became of what they sent."""
    day = selectors.day_of(actor, now)
    return {
        "now": now.isoformat(),
        "visits": [_coming(one, day.named[one.person_id]) for one in day.coming],
        "persons": [{"person": str(one.id), **_who(one)} for one in day.persons],
        "told": [_fate(one) for one in day.latest],
        "aside": [_aside(one) for one in selectors.answered_aside(actor)],
    }


def answered_to(actor: Actor) -> list[dict[str, Any]]:
    """What her service answered to a helper who did not feel safe, for a phone that waits."""
    found = selectors.safety_alerts(actor)
    return [
        {"id": str(one.pk), "seen_at": "", "by": one.answered_by.name, "answer": one.answer}
        for one in found
        if one.answered_by
    ]


def _coming(one: Coming, person: Named) -> dict[str, str]:
    said = {"id": str(one.id), "person": str(one.person_id), **_who(person)}
    marked = one.marked_at.isoformat() if one.marked_at else ""
    said |= {"starts": one.starts_at.isoformat(), "ends": one.ends_at.isoformat()}
    return said | {"marked_at": marked}


def _who(person: Named) -> dict[str, str]:
    return {"name": person.name, "commune": person.commune}


def _fate(visit: Fate) -> dict[str, Any]:
    return {
        "id": str(visit.id),
        "status": visit.status,
        "seen_at": visit.seen_at.isoformat() if visit.seen_at else "",
        "by": visit.seen_by or "",
        "answer": visit.answer,
    }


def _aside(refused: Aside) -> dict[str, str]:
    said = {"id": str(refused.sent_id or ""), "why": WHY.get(refused.why, "")}
    return said | {"answer": refused.answer, "answered": "1" if refused.answered_at else ""}
