"""What a phone is told: the least that a helper needs at the door."""

from datetime import datetime
from typing import Any

from cordee.access.actor import Actor
from cordee.people.models import Person
from cordee.vigilance import selectors
from cordee.vigilance.models import RefusedVisit, Visit
from cordee.vigilance.rules.sent import WHY


def told_to(actor: Actor, now: datetime) -> dict[str, Any]:
    """The coming visits of a helper, whom they visit, and what became of what they sent."""
    day = selectors.day_of(actor, now)
    return {
        "now": now.isoformat(),
        "visits": [_coming(one) for one in day.coming],
        "persons": [{"person": str(one.pk), **_who(one)} for one in day.persons],
        "told": [_fate(one) for one in day.latest],
        "aside": [_aside(one) for one in selectors.answered_aside(actor)],
    }


def _coming(one: Any) -> dict[str, str]:
    said = {"id": str(one.pk), "person": str(one.person_id), **_who(one.person)}
    marked = one.marked_at.isoformat() if one.marked_at else ""
    said |= {"starts": one.starts_at.isoformat(), "ends": one.ends_at.isoformat()}
    return said | {"marked_at": marked}


def _who(person: Person) -> dict[str, str]:
    return {"name": person.full_name, "commune": person.commune.name if person.commune else ""}


def _fate(visit: Visit) -> dict[str, Any]:
    return {
        "id": str(visit.pk),
        "status": visit.status,
        "seen_at": visit.seen_at.isoformat() if visit.seen_at else "",
        "by": visit.seen_by.name if visit.seen_by else "",
        "answer": visit.answer,
    }


def _aside(refused: RefusedVisit) -> dict[str, str]:
    said = {"id": str(refused.sent_id or ""), "why": WHY.get(refused.why, "")}
    return said | {"answer": refused.answer, "answered": "1" if refused.answered_at else ""}
