"""A protocol waits for whoever may approve it: they are told, until it is approved or sent back."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import proposed


@listens(
    "protocols.protocol_proposed",
    "protocols.protocol_returned",
    "protocols.protocol_published",
)
def on_proposal(*, fact: StoredFact) -> None:
    """A version is proposed, sent back or approved: its tasks agree with where it stands."""
    proposed.follow(SYSTEM, fact, timezone.now())
