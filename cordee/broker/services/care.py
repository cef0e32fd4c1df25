"""After the yes: the date of the first visit, its delay, and the yes that is taken back."""

from datetime import datetime, timedelta

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker import rules, selectors
from cordee.broker.facts import CareConfirmed, ConfirmationLate, Withdrawn
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services.circle import close_the_circle
from cordee.broker.services.launching import begin, successor
from cordee.broker.services.steps import named
from cordee.broker.services.texts import tell
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.latches import is_latched

Answer = Invitation.Answer
State = Solicitation.State
LOCK = ("solicitation", "invitation")
A_LITTLE_LATE = timedelta(hours=2)
FAR = timedelta(days=60)


@action("broker.confirm_care", on="invitation", lock=LOCK)
def confirm_care(
    *, actor: Actor, invitation: Invitation, first_visit_at: datetime, now: datetime
) -> Invitation:
    """State the date of the first visit: care is confirmed unless the person declines."""
    solicitation = invitation.solicitation
    if invitation.answer != Answer.ACCEPTED or solicitation.state not in Solicitation.TAKEN:
        raise DomainError(
            "broker.not_yours",
            "Cette place n’est plus la vôtre : la date n’a pas été enregistrée. "
            "Appelez l’équipe si vous pensez à une erreur.",
        )
    if not now - A_LITTLE_LATE <= first_visit_at <= now + FAR:
        raise DomainError(
            "broker.first_visit_out_of_range",
            "Donnez une date de première visite à venir, dans les soixante jours. "
            "Rien n’a été enregistré.",
        )
    if solicitation.state == State.CONFIRMED and solicitation.first_visit_at == first_visit_at:
        return invitation
    _keep_the_visit(solicitation, invitation, first_visit_at)
    return invitation


@action("broker.note_confirmed", on="solicitation")
def note_confirmed(
    *, actor: Actor, solicitation: Solicitation, first_visit_at: datetime, now: datetime
) -> Solicitation:
    """Keep the first visit that the team wrote elsewhere: it is asked for no more. Idempotent."""
    winner = selectors.winner_of(solicitation)
    if solicitation.state != State.FILLED or winner is None:
        return solicitation
    _keep_the_visit(solicitation, winner, first_visit_at)
    return solicitation


def _keep_the_visit(
    solicitation: Solicitation, winner: Invitation, first_visit_at: datetime
) -> None:
    solicitation.keep(state=State.CONFIRMED, first_visit_at=first_visit_at)
    publish(
        CareConfirmed(
            **named(solicitation),
            practitioner_id=winner.practitioner_id,
            first_visit_at=first_visit_at,
        )
    )


@action("broker.flag_late", on="solicitation")
def flag_late(*, actor: Actor, solicitation: Solicitation, now: datetime) -> Solicitation:
    """Say once that the date of the first visit is overdue."""
    due = solicitation.confirm_by
    late = solicitation.state == State.FILLED and due is not None and now >= due
    if late and solicitation.late_told_at is None:
        winner = selectors.winner_of(solicitation)
        solicitation.keep(late_told_at=now)
        if winner:
            tell(actor, winner, "broker.confirm_visit", now)
        publish(
            ConfirmationLate(
                **named(solicitation),
                practitioner_id=winner.practitioner_id if winner else None,
            )
        )
    return solicitation


@action("broker.withdraw", on="invitation", lock=LOCK)
def withdraw(*, actor: Actor, invitation: Invitation, now: datetime) -> Solicitation | None:
    """Take a yes back: access closes at once and the search reopens, more urgent, without her."""
    return _reopened(actor, invitation, Answer.WITHDRAWN, now)


@action("broker.decline_winner", on="invitation", lock=LOCK)
def decline_winner(*, actor: Actor, invitation: Invitation, now: datetime) -> Solicitation | None:
    """Note that the person, or who speaks for them, does not want this professional."""
    return _reopened(actor, invitation, Answer.DISMISSED, now)


def _reopened(
    actor: Actor, invitation: Invitation, answer: str, now: datetime
) -> Solicitation | None:
    solicitation = invitation.solicitation
    if invitation.answer in (Answer.WITHDRAWN, Answer.DISMISSED):
        return selectors.standing_for_origin(solicitation.origin)
    if invitation.answer != Answer.ACCEPTED or solicitation.state not in Solicitation.TAKEN:
        raise DomainError(
            "broker.not_yours",
            "Cette place n’est plus prise par ce professionnel : rien n’a changé.",
        )
    close_the_circle(actor, invitation, now)
    invitation.settle(answer, now)
    solicitation.keep(state=State.REOPENED, ended_at=now, end_reason=answer)
    again = None
    if not solicitation.person.deceased_on and not is_latched(solicitation.origin):
        urgency = rules.raised(rules.Urgency(solicitation.urgency)).value
        again, _ = successor(solicitation, now, urgency=urgency)
    publish(
        Withdrawn(
            **named(solicitation),
            practitioner_id=invitation.practitioner_id,
            declined_by_person=answer == Answer.DISMISSED,
            reopened_as=again.pk if again else None,
        )
    )
    if answer == Answer.DISMISSED:
        tell(actor, invitation, "broker.not_needed", now)
    if again:  # said last: what follows may end at once, and is heard after it
        again = begin(actor, again, now)
    return again
