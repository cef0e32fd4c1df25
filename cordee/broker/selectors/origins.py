"""How the rooms below are told what a message is about."""

from uuid import UUID

from cordee.broker.models import Invitation


def origin_of(invitation: Invitation) -> str:
    """Name an invitation as the rooms below keep it."""
    return origin_of_question(invitation.pk)


def origin_of_question(pk: UUID) -> str:
    """The same, for one that is about to be kept."""
    return f"broker/invitation/{pk}"
