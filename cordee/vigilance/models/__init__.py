"""The tables of the room, by noun."""

from cordee.vigilance.models.alerts import AlarmBudget, Alert, Marking, Watch
from cordee.vigilance.models.devices import Device, RefusedVisit
from cordee.vigilance.models.visits import PlannedVisit, Visit

__all__ = [
    "AlarmBudget",
    "Alert",
    "Device",
    "Marking",
    "PlannedVisit",
    "RefusedVisit",
    "Visit",
    "Watch",
]
