"""Changes of the room, by noun. What the protocol changes is in `door`: views call it by name."""

from cordee.partners.services.clients import (
    Registered,
    change_keys,
    name_contact,
    offer_beside,
    register,
    resume,
    suspend,
)
from cordee.partners.services.grants import Allowed, allow, take_back
from cordee.partners.services.keys import turn_keys
from cordee.partners.services.opening import open_beside
from cordee.partners.services.sweeping import sweep

__all__ = [
    "Allowed",
    "Registered",
    "allow",
    "change_keys",
    "name_contact",
    "offer_beside",
    "open_beside",
    "register",
    "resume",
    "suspend",
    "sweep",
    "take_back",
    "turn_keys",
]
