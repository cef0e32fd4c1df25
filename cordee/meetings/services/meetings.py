"""A meeting is planned, moved, cancelled; or ended by the house with the right to follow her."""

from dataclasses import dataclass
from datetime import datetime
from secrets import choice

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.meetings import selectors
from cordee.meetings.facts import MeetingCalled, MeetingCancelled, MeetingMoved
from cordee.meetings.invitation import invitation
from cordee.meetings.models import Decision, Meeting, Seat
from cordee.meetings.rules.states import UNLIKE, Phase, State, reference_of
from cordee.meetings.services.decisions import settled
from cordee.messaging import services as messaging
from cordee.messaging.selectors import last_written_about
from cordee.messaging.services import Letter, When
from cordee.people.models import Person


@dataclass(frozen=True)
class Where:
    """When and where a meeting takes place."""

    starts_at: datetime
    minutes: int = 60
    place: str = ""
    link: str = ""


@action("meetings.call", on="person")
def call(*, actor: Actor, person: Person, where: Where, now: datetime) -> Meeting:
    """Plan a meeting about somebody for the structure of the actor, who comes.

    Raises DomainError (meetings.deceased, meetings.structure, meetings.past, meetings.where).
    """
    if person.deceased_on is not None:
        raise DomainError(
            "meetings.deceased", "Cette personne est décédée : aucune réunion n’est prévue."
        )
    if actor.organization_id is None:
        raise DomainError("meetings.structure", "Choisissez la structure qui tient la réunion.")
    _require_sensible(where, now)
    meeting = Meeting(
        person=person,
        organization_id=actor.organization_id,
        reference=reference_of("".join(choice(UNLIKE) for _ in range(6))),
        called_at=now,
        called_by_id=actor.signatory,
        **vars(where),
    )
    meeting.save(force_insert=True)
    Seat(meeting=meeting, account_id=actor.signatory).save(force_insert=True)
    publish(
        MeetingCalled(
            person_id=meeting.person_id,
            meeting_id=meeting.pk,
            organization_id=meeting.organization_id,
            starts_at=meeting.starts_at,
        )
    )
    return meeting


@action("meetings.move", on="meeting")
def move(*, actor: Actor, meeting: Meeting, where: Where, now: datetime) -> Meeting:
    """Give a meeting another time or place. Raises DomainError (meetings.ended, meetings.past)."""
    require_planned(meeting)
    if vars(where) == {name: getattr(meeting, name) for name in vars(where)}:
        return meeting
    _require_sensible(where, now)
    for name, value in vars(where).items():
        setattr(meeting, name, value)
    meeting.sequence += 1
    meeting.save(update_fields=[*vars(where), "sequence", "updated_at"])
    publish(
        MeetingMoved(
            person_id=meeting.person_id,
            meeting_id=meeting.pk,
            organization_id=meeting.organization_id,
            starts_at=meeting.starts_at,
        )
    )
    _tell_who_was_written_to(actor, meeting, now)
    return meeting


@action("meetings.cancel", on="meeting")
def cancel(*, actor: Actor, meeting: Meeting, why: str, now: datetime) -> Meeting:
    """Cancel a meeting that is planned. Raises DomainError (meetings.ended, meetings.why)."""
    require_planned(meeting)
    if not why.strip():
        raise DomainError("meetings.why", "Dites pourquoi la réunion est annulée.")
    return _cancel(actor, meeting, why, now)


@action("meetings.end", on="meeting")
def end(*, actor: Actor, meeting: Meeting, why: str, now: datetime) -> Meeting:
    """Cancel what is planned and drop what was decided, once nobody may follow the person.

    Safe to repeat.
    """
    open_ones = Decision.objects.filter(meeting=meeting, phase=Phase.OPEN.value)
    for decision in open_ones.order_by("pk").select_for_update(of=("self",)):
        decision.meeting = meeting
        settled(decision, Phase.DROPPED, why, now)
    return _cancel(actor, meeting, why, now) if meeting.is_planned else meeting


def write_to_guests(actor: Actor, meeting: Meeting, now: datetime) -> int:
    """Put the invitation of each professional in the outbox: a meeting that was moved or cancelled
    says so by the same file. Return how many are written to."""
    guests = selectors.written_to(meeting, now)
    for guest in guests:
        file = invitation(meeting, guest, now, by_mail=True)
        _write(actor, meeting, guest, (selectors.INVITATION, file), now)
    return len(guests)


@action("meetings.tell_asked_no_more", on="meeting")
def tell_asked_no_more(*, actor: Actor, meeting: Meeting, now: datetime) -> Meeting:
    """Take a meeting that is planned back from who left the circle or the team. Safe to repeat."""
    if meeting.is_planned:
        take_back_invitations(actor, meeting, now)
    return meeting


def take_back_invitations(actor: Actor, meeting: Meeting, now: datetime) -> None:
    """Take the meeting out of the calendar of who is asked no more: they would come."""
    gone = selectors.asked_no_more(meeting, now)
    if not gone:
        return
    meeting.sequence += 1
    meeting.save(update_fields=["sequence", "updated_at"])
    for guest in gone:
        file = invitation(meeting, guest, now, by_mail=True, is_expected=False)
        _write(actor, meeting, guest, ("meetings.not_expected", file), now)


def _write(
    actor: Actor, meeting: Meeting, guest: str, said: tuple[str, bytes], now: datetime
) -> None:
    template, file = said
    letter = Letter(
        template=template,
        calendar=file.decode(),
        organization_id=meeting.organization_id,
        origin=selectors.origin_of(meeting),
        when=When(expires_at=meeting.ends_at),
    )
    messaging.send_calendar(actor=actor, to=guest, letter=letter, now=now)


def _tell_who_was_written_to(actor: Actor, meeting: Meeting, now: datetime) -> None:
    """Who holds the former file would come at the former hour."""
    if last_written_about(selectors.origin_of(meeting)):
        take_back_invitations(actor, meeting, now)
        write_to_guests(actor, meeting, now)


def require_planned(meeting: Meeting) -> None:
    """Raise DomainError (meetings.ended) unless a meeting is still to come."""
    if not meeting.is_planned:
        raise DomainError(
            "meetings.ended",
            "Cette réunion a été tenue ou annulée. Rien n’a été modifié : rouvrez sa page pour "
            "voir où elle en est.",
        )


def _cancel(actor: Actor, meeting: Meeting, why: str, now: datetime) -> Meeting:
    meeting.state, meeting.ended_at = State.CANCELLED.value, now
    meeting.why, meeting.sequence = why.strip()[:300], meeting.sequence + 1
    meeting.save(update_fields=["state", "ended_at", "why", "sequence", "updated_at"])
    publish(
        MeetingCancelled(
            person_id=meeting.person_id,
            meeting_id=meeting.pk,
            organization_id=meeting.organization_id,
        )
    )
    _tell_who_was_written_to(actor, meeting, now)
    return meeting


def _require_sensible(where: Where, now: datetime) -> None:
    if where.starts_at <= now:
        raise DomainError(
            "meetings.past", "Ce moment est déjà passé : choisissez un jour et une heure à venir."
        )
    if not (where.place or where.link):
        raise DomainError("meetings.where", "Dites où se retrouver : un lieu, ou un lien.")
