"""The tables of the room, by noun."""

from cordee.protocols.models.passages import Passage
from cordee.protocols.models.pathways import Clock, Pathway
from cordee.protocols.models.ruptures import Rupture
from cordee.protocols.models.versions import ProtocolVersion

__all__ = [
    "Clock",
    "Passage",
    "Pathway",
    "ProtocolVersion",
    "Rupture",
]
