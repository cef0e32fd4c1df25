"""How the rooms below are told what a message is about."""

from uuid import UUID

from django.db.models import OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat

from cordee.broker.models import Invitation

ROOT = "broker/invitation/"


def origin_of(invitation: Invitation) -> str:
    """Name an invitation as the rooms below keep it."""
    return origin_of_question(invitation.pk)


def origin_of_question(pk: UUID) -> str:
    """The same, for one that is about to be kept."""
    return f"{ROOT}{pk}"


def origin_of_asked(column: str) -> Concat:
    """The same, for the database, where the outer query reads invitations."""
    return Concat(Value(ROOT), Cast(OuterRef(column), TextField()))
