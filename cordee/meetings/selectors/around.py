"""Who may be asked to come, and who may be given a decision: by the key that a form sends."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.directory.models import Membership, Practitioner
from cordee.directory.selectors import (
    colleagues_in,
    current_memberships,
    practitioners_matching,
)
from cordee.meetings.models import Decision, Meeting, Seat
from cordee.messaging.selectors import last_written_about
from cordee.people.models import CircleMember
from cordee.people.selectors import circle_of
from cordee.plans.selectors import name_of

Choices = dict[str, tuple[str, dict[str, Any]]]
"""Key of a form → what is read of it, and the columns that it fills."""
MOST = 15  # professionals found by name, to choose from
HERSELF = "la personne elle-même"
INVITATION = "meetings.invitation"


def origin_of(meeting: Meeting) -> str:
    """Name a meeting for the outbox."""
    return f"meetings/meeting/{meeting.pk}"


def _circle(actor: Actor, meeting: Meeting) -> Choices:
    return {
        f"member:{one.pk}": (f"{name_of(one)}, {one.get_role_display()}", {"member": one})
        for one in circle_of(actor, meeting.person)
    }


def _team(meeting: Meeting, now: datetime) -> Choices:
    return {
        f"account:{one.pk}": (f"{one.name}, de l’équipe", {"account": one})
        for one in colleagues_in(meeting.organization_id, now)
    }


def guests_for(actor: Actor, meeting: Meeting, now: datetime) -> Choices:
    """List whom of hers and of the team may still be asked to come. Three queries."""
    asked = {_key(seat) for seat in Seat.objects.visible_to(actor).filter(meeting=meeting)}
    everybody: Choices = {"person": ("La personne elle-même", {"is_person": True})}
    everybody |= _circle(actor, meeting) | _team(meeting, now)
    return {key: one for key, one in everybody.items() if key not in asked}


def _key(seat: Seat) -> str:
    if seat.is_person:
        return "person"
    return f"member:{seat.member_id}" if seat.member_id else f"account:{seat.account_id}"


def outsiders(actor: Actor, text: str = "", chosen: str = "") -> Choices:
    """Find professionals of the directory by name, or the one that was chosen. One query."""
    kind, _, pk = chosen.partition(":")
    found: Iterable[Practitioner] = ()
    if kind == "practitioner" and (key := _uuid(pk)):
        found = practitioners_matching(actor).filter(pk=key)
    elif text.strip():
        found = practitioners_matching(actor, text)[:MOST]
    return {
        f"practitioner:{one.pk}": (
            f"{one.first_name} {one.last_name}".strip(),
            {"practitioner": one, "is_accepted": True},
        )
        for one in found
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def address_of(actor: Actor) -> str:
    """Give the address of who reads; nothing for who has no account. One query."""
    if actor.account_id is None:
        return ""
    mine = Account.objects.filter(pk=actor.account_id).values_list("email", flat=True)
    return mine.first() or ""


def written_to(meeting: Meeting, now: datetime) -> list[str]:
    """List the addresses of the professionals who are asked to come, and have one. One query.

    Not of who left the circle or the team: nothing more of the meeting is theirs to know."""
    still = Q(account=None) | ~Q(account__in=_who_left(meeting.organization_id, now))
    seats = meeting.seats.filter(still, member__until=None).select_related(
        "account", "practitioner__account", "member__practitioner__account"
    )
    found = []
    for seat in seats.order_by("pk"):
        professional = seat.practitioner or (seat.member.practitioner if seat.member else None)
        account = seat.account or (professional.account if professional else None)
        if account is not None and account.is_active and account.email:
            found.append(account.email)
    return list(dict.fromkeys(found))


def _who_left(organization_id: UUID, now: datetime) -> QuerySet[Membership, Any]:
    """The accounts that worked for a structure, and do no more."""
    held = Membership.objects.filter(organization=organization_id)
    here = held.filter(current_memberships(now))
    return held.exclude(account__in=here.values("account")).values("account")


def asked_no_more(meeting: Meeting, now: datetime) -> list[str]:
    """List the addresses that hold an invitation, and are asked no more. Two queries."""
    asked, last = set(written_to(meeting, now)), last_written_about(origin_of(meeting))
    return [to for to, said in last.items() if said == INVITATION and to not in asked]


def decision_makers(actor: Actor, meeting: Meeting, now: datetime) -> Choices:
    """List who may be given what is decided. Two queries."""
    herself: Choices = {"person": ("La personne elle-même", {"by_person": True})}
    return herself | _circle(actor, meeting) | _team(meeting, now)


def who(one: Seat | Decision) -> str:
    """Name who is asked to come, or does what was decided; who may not be seen is not named."""
    if getattr(one, "is_person", False) or getattr(one, "by_person", False):
        return HERSELF
    if one.account:
        return one.account.name
    if practitioner := getattr(one, "practitioner", None):
        return f"{practitioner.first_name} {practitioner.last_name}".strip()
    member: CircleMember | None = one.member
    return (name_of(member) if member else "") or "un membre de son cercle"
