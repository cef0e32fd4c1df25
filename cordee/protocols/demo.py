"""Made-up use of protocols: the library, to be taken up."""

from datetime import datetime

from cordee.access.actor import SYSTEM
from cordee.protocols import services
from cordee.protocols.shipped import texts


def load(now: datetime) -> None:
    """Bring what is shipped. Safe to run again."""
    for text in texts().values():
        services.load_shipped(actor=SYSTEM, text=text, now=now)
