"""What must be looked at again and again, whether or not the carriers' process runs."""

from datetime import timedelta

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.queue import job
from cordee.messaging import selectors, services
from cordee.messaging.rules import NOBODY_CARRIES

TOO_LONG = timedelta(minutes=3)


@job(queue="messaging", every="* * * * *")
def watch_outbox() -> None:
    """Tell when messages wait and nobody carries them: the carriers’ process itself may be gone."""
    now = timezone.now()
    for channel in selectors.channels_stuck(now - TOO_LONG):
        services.watch_link(
            actor=SYSTEM, channel=channel, is_up=False, reason=NOBODY_CARRIES, now=now
        )


@job(queue="messaging", every="*/15 * * * *")
def take_incomplete_texts() -> None:
    """Let a human read the long texts whose pieces never all came."""
    services.take_incomplete(actor=SYSTEM, now=timezone.now())
