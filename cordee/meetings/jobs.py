"""What a meeting does on hearing of a life: it ends with it, and with the right to follow it."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.meetings import selectors, services
from cordee.meetings.models import Meeting
from cordee.people import selectors as people
from cordee.people.facts import finds_something, persons_of
from cordee.people.rules.processing import Basis, Purpose
from cordee.plans.selectors import stay_like

DIED, SHUT_OUT = "décès de la personne", "la structure n’accompagne plus la personne"


@listens(
    "people.person_died",
    "people.processing_changed",
    "people.sharing_changed",
    "people.left_circle",
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
)
def on_shut_out(*, fact: StoredFact) -> None:
    """End the meetings of a structure that may follow the person no more, or of who is dead; take
    the others back from who left the circle."""
    _end_unless_followed(persons_of(fact))


@listens("directory.membership_ended")
def on_membership_ended(*, fact: StoredFact) -> None:
    """Somebody left the team: what they were asked to come to is taken back."""
    account, structure = UUID(fact.data["account_id"]), UUID(fact.data["organization_id"])
    for meeting in selectors.planned_with(account, structure):
        _take_back(meeting, timezone.now())


@listens(
    *("people.merged", "people.merged_unattended", "people.merge_undone", "people.joined_circle"),
    only=finds_something,
)
def on_records(*, fact: StoredFact) -> None:
    """Records became one, or two again: who is to do what was decided is of the circle there."""
    for decision in selectors.astray_of(persons_of(fact)):
        given = decision.member and stay_like(decision.member, decision.meeting.person_id)
        if given:
            services.follow_stay(actor=SYSTEM, decision=decision, member=given, now=timezone.now())


@listens("people.legal_basis_set")
def on_basis(*, fact: StoredFact) -> None:
    """Coordination by consent alone ends the meetings about who has not consented."""
    if (fact.data["purpose"], fact.data["basis"]) == (Purpose.COORDINATION, Basis.CONSENT):
        _end_unless_followed(None)


def _take_back(meeting: Meeting, now: datetime) -> None:
    if meeting.is_planned and selectors.asked_no_more(meeting, now):
        services.tell_asked_no_more(actor=SYSTEM, meeting=meeting, now=now)


def _end_unless_followed(persons: list[UUID] | None) -> None:
    now = timezone.now()
    for meeting in selectors.open_meetings_of(persons):
        desk, person = meeting.organization_id, meeting.person_id
        is_dead = people.is_deceased(person)
        if is_dead or not people.is_followed(desk, person, meeting.called_by_id):
            why = DIED if is_dead else SHUT_OUT
            services.end(actor=SYSTEM, meeting=meeting, why=why, now=now)
        else:
            _take_back(meeting, now)
    for dilemma in selectors.dilemmas_to_forget(persons):
        room = dilemma.organization_id
        if room and not people.is_followed(room, dilemma.person_id, dilemma.author_id):
            services.forget(actor=SYSTEM, dilemma=dilemma, now=now)
