"""Who is asked to come."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.meetings.models import Meeting, Seat
from cordee.meetings.services.meetings import (
    require_planned,
    take_back_invitations,
    write_to_guests,
)


@action("meetings.invite", on="meeting")
def invite(*, actor: Actor, meeting: Meeting, guest: dict[str, Any], now: datetime) -> Seat:
    """Ask somebody to come: the columns that name them. Who comes from outside was accepted.

    Once the meeting was held: say that somebody came whom nobody had asked.

    Raises DomainError (meetings.ended, meetings.already_asked, meetings.not_accepted).
    """
    if meeting.is_held:
        guest = guest | {"was_there": True}
    else:
        require_planned(meeting)
    if guest.get("practitioner") and not guest.get("is_accepted"):
        raise DomainError(
            "meetings.not_accepted",
            "Ce professionnel n’est pas du cercle : la personne doit avoir accepté sa venue. Rien "
            "n’a été modifié.",
        )
    seat = Seat(meeting=meeting, **guest)
    try:
        with transaction.atomic():
            seat.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(
            "meetings.already_asked", "Cette personne est déjà invitée. Rien n’a été modifié."
        ) from error
    return seat


@action("meetings.send", on="meeting")
def send(*, actor: Actor, meeting: Meeting, now: datetime) -> int:
    """Write to the professionals who are asked to come; say to how many. Raises DomainError
    (meetings.ended, meetings.nobody)."""
    require_planned(meeting)
    count = write_to_guests(actor, meeting, now)
    if not count:
        raise DomainError(
            "meetings.nobody",
            "Aucun invité n’a d’adresse professionnelle dans Cordée\u00a0: prévenez-les autrement.",
        )
    return count


@action("meetings.uninvite", on="meeting")
def uninvite(*, actor: Actor, meeting: Meeting, seat: Seat, now: datetime) -> None:
    """Ask somebody no more; the invitation that left is taken back. Raises DomainError
    (meetings.ended)."""
    require_planned(meeting)
    Seat.objects.filter(pk=seat.pk, meeting=meeting).delete()
    take_back_invitations(actor, meeting, now)
