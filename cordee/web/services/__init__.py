"""The gestures of administration, by noun."""

from cordee.web.services.accounts import (
    FirstAdministrator,
    approve_second_factor_reset,
    ask_second_factor_reset,
    create_administrator,
    end_sessions,
    revoke_account,
    take_role_back,
    withdraw_second_factor_reset,
)
from cordee.web.services.filters import forget_filter, save_filter
from cordee.web.services.invitations import (
    Invited,
    accept_invitation,
    invite,
    revoke_invitation,
)
from cordee.web.services.spaces import (
    Offered,
    accept_space,
    offer_space,
    recognise,
    withdraw_space,
)

__all__ = [
    "FirstAdministrator",
    "Invited",
    "Offered",
    "accept_space",
    "offer_space",
    "recognise",
    "withdraw_space",
    "accept_invitation",
    "approve_second_factor_reset",
    "ask_second_factor_reset",
    "create_administrator",
    "end_sessions",
    "forget_filter",
    "invite",
    "revoke_account",
    "revoke_invitation",
    "save_filter",
    "take_role_back",
    "withdraw_second_factor_reset",
]
