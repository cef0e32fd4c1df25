"""What an alert begins elsewhere: other rooms are reached by address, and read nothing of this one.

An action of the plan and a request are begun under identifiers that are drawn from the alert's own:
the alert shows what became of them by asking their rooms, without a table between.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from cordee.access.actor import Actor, Role
from cordee.people.policy import STEERING
from cordee.vigilance.models import Alert
from cordee.vigilance.rules.marks import MARKS, SIGNS
from cordee.vigilance.rules.trend import Signal


@dataclass(frozen=True, slots=True)
class Begun:
    """The identifiers under which an alert begins things, and what was seen, in coded words."""

    action: UUID
    call: UUID
    seen: str
    plans: bool
    asks: bool


def begun_by(actor: Actor, alert: Alert) -> Begun:
    """Say what may be begun from an alert. No query."""
    return Begun(
        action=uuid5(alert.pk, "plans/action"),
        call=uuid5(alert.pk, "intake/call"),
        seen=seen_in(alert),
        plans=actor.role in STEERING,
        asks=actor.role in (Role.COORDINATOR, Role.ORIENTEUSE),
    )


def seen_in(alert: Alert) -> str:
    """Say what an alert is about in coded words: none that somebody typed."""
    said = ["dit urgent"] if alert.said_urgent else []
    said += [SIGNS[one].lower() for one in alert.signs if one in SIGNS]
    how = "au plus bas" if alert.signal == Signal.IMMEDIATE else "en baisse"
    said += [f"{MARKS[one].lower()} {how}" for one in alert.marks if one in MARKS]
    return ", ".join(said)
