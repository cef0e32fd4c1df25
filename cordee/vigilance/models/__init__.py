"""The tables of the room, by noun."""

from cordee.vigilance.models.alerts import AlarmBudget, Alert, Leaning, Watch
from cordee.vigilance.models.devices import Device, RefusedVisit
from cordee.vigilance.models.equipment import Equipment, EquipmentStep, Trial
from cordee.vigilance.models.reinforced import ReinforcedFollowUp
from cordee.vigilance.models.safety import SafetyAlert
from cordee.vigilance.models.visits import PlannedVisit, Visit

__all__ = [
    "AlarmBudget",
    "Alert",
    "Device",
    "Equipment",
    "EquipmentStep",
    "Leaning",
    "PlannedVisit",
    "RefusedVisit",
    "ReinforcedFollowUp",
    "SafetyAlert",
    "Trial",
    "Visit",
    "Watch",
]
