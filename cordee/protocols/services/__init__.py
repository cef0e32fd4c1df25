"""What may be done with protocols, and on the pathways of persons."""

from cordee.protocols.services.approving import approve, propose, retire, send_back
from cordee.protocols.services.pathways import join, leave, migrate
from cordee.protocols.services.ruptures import Settling, settle
from cordee.protocols.services.shipped import load_shipped
from cordee.protocols.services.watching import doubt, hear, miss, put_off, shut_out, wake
from cordee.protocols.services.writing import MEANWHILE, Typed, begin, discard, save

__all__ = [
    "MEANWHILE",
    "Settling",
    "Typed",
    "approve",
    "begin",
    "discard",
    "doubt",
    "hear",
    "join",
    "leave",
    "load_shipped",
    "miss",
    "migrate",
    "propose",
    "retire",
    "save",
    "send_back",
    "settle",
    "put_off",
    "shut_out",
    "wake",
]
