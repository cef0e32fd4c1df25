"""The tables of the room, by noun."""

from cordee.protocols.models.pathways import Clock, Pathway
from cordee.protocols.models.ruptures import Rupture
from cordee.protocols.models.versions import ProtocolVersion

__all__ = [
    "Clock",
    "Pathway",
    "ProtocolVersion",
    "Rupture",
]
