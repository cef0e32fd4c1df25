"""What a carrier says that can never be kept, however often it says it."""

from django.db import DataError

from cordee.kernel.errors import DomainError
from cordee.messaging.gateways import Event, Receipt, TextReceived
from cordee.messaging.models import Unkept

NEVER_KEPT = (DataError, DomainError, ValueError)
PASSES_NEXT = {"access.gone"}  # what it spoke of went away meanwhile: it is not found again


class UnnamedError(ValueError):
    """A receipt that says of what it is by no name."""


class UnreadableError(ValueError):
    """What came is neither a text nor a receipt."""


def what(event: Event) -> Unkept.What:
    """Say what kind of thing a carrier said."""
    match event:
        case TextReceived():
            return Unkept.What.TEXT
        case Receipt():
            return Unkept.What.RECEIPT
    return Unkept.What.OTHER


def passes_next(error: Exception) -> bool:
    """Tell whether the same is kept when the carrier says it again."""
    return isinstance(error, DomainError) and error.code in PASSES_NEXT


def why(error: Exception) -> str:
    """Name why it can never be kept."""
    return error.code if isinstance(error, DomainError) else type(error).__name__
