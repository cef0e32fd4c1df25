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
from cordee.partners.services.deliveries import (
    Heard,
    Thing,
    give_up,
    hold_place,
    move,
    note,
    retry,
    retry_all,
    take,
    tell,
)
from cordee.partners.services.grants import Allowed, allow, take_back
from cordee.partners.services.keys import turn_keys
from cordee.partners.services.opening import open_beside
from cordee.partners.services.subscriptions import (
    For,
    Wanted,
    change_subscription,
    silence,
    subscribe,
    unsubscribe,
)
from cordee.partners.services.sweeping import sweep

__all__ = [
    "Allowed",
    "For",
    "Heard",
    "Registered",
    "Thing",
    "Wanted",
    "allow",
    "change_keys",
    "change_subscription",
    "give_up",
    "hold_place",
    "move",
    "name_contact",
    "note",
    "offer_beside",
    "open_beside",
    "register",
    "resume",
    "retry",
    "retry_all",
    "silence",
    "subscribe",
    "suspend",
    "sweep",
    "take",
    "take_back",
    "tell",
    "turn_keys",
    "unsubscribe",
]
