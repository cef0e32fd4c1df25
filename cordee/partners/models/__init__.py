"""The tables of the room, by noun."""

from cordee.partners.models.calls import Call
from cordee.partners.models.clients import Client
from cordee.partners.models.grants import Code, Grant, Proof, Token
from cordee.partners.models.keys import SigningKey
from cordee.partners.models.subscriptions import THE_GAP, Delivery, Place, Subscription, Tally

__all__ = [
    "THE_GAP",
    "Call",
    "Client",
    "Code",
    "Delivery",
    "Grant",
    "Place",
    "Proof",
    "SigningKey",
    "Subscription",
    "Tally",
    "Token",
]
