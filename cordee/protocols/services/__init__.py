"""What may be done with protocols."""

from cordee.protocols.services.approving import approve, propose, retire, send_back
from cordee.protocols.services.shipped import load_shipped
from cordee.protocols.services.writing import MEANWHILE, Typed, begin, discard, save

__all__ = [
    "MEANWHILE",
    "Typed",
    "approve",
    "begin",
    "discard",
    "load_shipped",
    "propose",
    "retire",
    "save",
    "send_back",
]
