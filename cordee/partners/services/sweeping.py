"""What opens nothing any more goes: proofs, codes and tokens are of no use once they are over."""

from datetime import datetime, timedelta

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.partners.models import Code, Proof, SigningKey, Token

AFTER = timedelta(days=1)
"""Kept a day after their end, for who asks what went wrong yesterday."""


@action("partners.sweep", on=None)
def sweep(*, actor: Actor, now: datetime) -> None:
    """Let go what is over. A refresh token that was used is kept as long as its grant may last: one
    that comes back has to be recognised."""
    over = now - AFTER
    Proof.objects.filter(expires_at__lt=over).delete()
    Code.objects.filter(grant__ends_at__lt=over).delete()
    Token.objects.filter(expires_at__lt=over).delete()
    SigningKey.objects.filter(published_until__lt=over).delete()
