"""The tables of the room, by noun."""

from cordee.vigilance.models.devices import Device, RefusedVisit
from cordee.vigilance.models.visits import PlannedVisit, Visit

__all__ = ["Device", "PlannedVisit", "RefusedVisit", "Visit"]
