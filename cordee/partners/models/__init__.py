"""The tables of the room, by noun."""

from cordee.partners.models.calls import Call
from cordee.partners.models.clients import Client
from cordee.partners.models.grants import Code, Grant, Proof, Token
from cordee.partners.models.keys import SigningKey

__all__ = ["Call", "Client", "Code", "Grant", "Proof", "SigningKey", "Token"]
