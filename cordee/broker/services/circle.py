"""The winner's place in the circle of care: opened by the yes, closed by its end."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker import selectors
from cordee.broker.models import Invitation, Solicitation
from cordee.people import services as people
from cordee.people.models import CircleMember, Person
from cordee.people.services.circle import ROLE_OF_PROFESSION


def open_the_circle(actor: Actor, invitation: Invitation, now: datetime) -> None:
    """Let the winner join the circle of the person, in the transaction of the yes."""
    profession = invitation.practitioner.profession
    stay = people.welcome(
        actor=actor,
        person=invitation.solicitation.person,
        practitioner_id=invitation.practitioner_id,
        role=ROLE_OF_PROFESSION.get(profession, CircleMember.Role.OTHER_CARE),
        now=now,
    )
    if stay.since == now or selectors.is_stay_of_a_yes(stay):
        invitation.stay = stay.pk
        invitation.save(update_fields=["stay", "updated_at"])


def close_the_circle(actor: Actor, invitation: Invitation, now: datetime) -> None:
    """End, from this moment, the access that the yes opened, and no other."""
    # Two places lost at once would each see the other stand, and neither would close.
    people_rows = Person.objects.select_for_update(of=("self",), no_key=True)
    people_rows.get(pk=invitation.solicitation.person_id)
    member = selectors.stay_opened_by(invitation)
    if member:
        people.leave_circle(actor=actor, member=member, now=now)


@action("broker.follow_parted", on="invitation", lock=("solicitation", "invitation"))
def follow_parted(
    *, actor: Actor, invitation: Invitation, persons: Sequence[UUID], now: datetime
) -> Invitation:
    """Have the circles of two records that were one say where a professional comes: in that one she
    is, as she was while they were one; in one that a yes opened for what ended since, no more.

    Who was sent away meanwhile is in neither, and is not let in. Idempotent.
    """
    search = invitation.solicitation
    comes = invitation.answer == Invitation.Answer.ACCEPTED and search.state in Solicitation.TAKEN
    if not comes:
        close_the_circle(actor, invitation, now)
    elif selectors.is_parted(invitation, persons):
        open_the_circle(actor, invitation, now)
    return invitation
