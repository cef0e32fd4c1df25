"""After the yes: the date of the first visit, its delay, and the yes that is taken back."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from cordee.access.action import action
from cordee.access.actor import Actor, Role
from cordee.broker import rules, selectors
from cordee.broker.facts import (
    CareConfirmed,
    ConfirmationLate,
    LaterOffered,
    NeedChangedAfterYes,
    Withdrawn,
)
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services.circle import close_the_circle
from cordee.broker.services.ending import say_visit_untold, tell_it_suits, tell_the_end
from cordee.broker.services.launching import asked_by, begin, day_wanted, successor
from cordee.broker.services.steps import named
from cordee.broker.services.texts import tell
from cordee.broker.services.winning import say_untold
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.latches import is_latched
from cordee.kernel.queue import later

Answer = Invitation.Answer
State = Solicitation.State
LOCK = ("solicitation", "invitation")
A_LITTLE_LATE = timedelta(hours=2)
FAR = timedelta(days=60)
NEED = (
    "kinds",
    "commune_id",
    "begins_at",
    "wanted_on",
    "moments",
    "deadline_at",
    "arrival_notes",
    "visit_notes",
)
"""What whoever comes agreed to, and must know to come."""


@action("broker.confirm_care", on="invitation", lock=LOCK)
def confirm_care(
    *, actor: Actor, invitation: Invitation, first_visit_at: datetime, now: datetime
) -> Invitation:
    """State the date of the first visit: care is confirmed unless the person declines.

    A professional who comes later than asked offers it: the team decides, and writes that date.
    """
    solicitation = invitation.solicitation
    if invitation.answer != Answer.ACCEPTED or solicitation.state not in Solicitation.TAKEN:
        raise DomainError(
            "broker.not_yours",
            "Cette place n’est plus la vôtre : la date n’a pas été enregistrée. "
            "Appelez l’équipe si vous pensez à une erreur.",
        )
    since = min(invitation.answered_at or now, now - A_LITTLE_LATE)  # they may have come already
    if not since <= first_visit_at <= max(now, solicitation.begins_at) + FAR:
        raise DomainError(
            "broker.first_visit_out_of_range",
            "Donnez une date de première visite entre le oui et soixante jours après le début "
            "souhaité. Rien n’a été enregistré.",
        )
    by_the_team = _is_of_the_team(actor)
    is_said = solicitation.first_visit_at == first_visit_at
    if is_said and not (by_the_team and solicitation.offers_later):
        return invitation
    if by_the_team or not _is_later_than_asked(solicitation, first_visit_at):
        _keep_the_visit(actor, solicitation, invitation, first_visit_at, now)
    else:
        _offer_the_visit(solicitation, invitation, first_visit_at, now)
    return invitation


def _is_of_the_team(actor: Actor) -> bool:
    return actor.role not in (Role.PRACTITIONER, Role.GUEST)


def _is_later_than_asked(solicitation: Solicitation, visit: datetime) -> bool:
    return rules.is_later_than_asked(timezone.localtime(visit), _wanted_on(solicitation))


def _wanted_on(search: Solicitation) -> date:
    return search.wanted_on or day_wanted(search.begins_at, search.deadline_at)


@action("broker.note_confirmed", on="solicitation")
def note_confirmed(
    *, actor: Actor, solicitation: Solicitation, first_visit_at: datetime, now: datetime
) -> Solicitation:
    """Keep the first visit that the team wrote elsewhere: it is asked for no more. Idempotent."""
    winner = selectors.winner_of(solicitation)
    if solicitation.state != State.FILLED or winner is None:
        return solicitation
    _keep_the_visit(actor, solicitation, winner, first_visit_at, now)
    return solicitation


@action("broker.change_need", on="solicitation")
def change_need(
    *,
    actor: Actor,
    solicitation: Solicitation,
    order: rules.SearchOrder | None,
    changed_at: datetime,
    now: datetime,
) -> Solicitation:
    """Write what is asked since the yes, or None for the place alone, and have it confirmed again.

    Who comes agreed to something else: they are told, and give the first visit anew. Idempotent.
    """
    winner, heard_at = selectors.winner_of(solicitation), solicitation.need_changed_at
    is_heard = heard_at is not None and heard_at >= changed_at
    if winner is None or solicitation.state not in Solicitation.TAKEN or is_heard:
        return solicitation
    settings = selectors.settings_of(solicitation.urgency)
    asked = asked_by(order, None, settings.deadline, now) if order else {}
    confirm_by = now + timedelta(minutes=settings.confirm_within)
    solicitation.keep(
        **{name: asked[name] for name in NEED if name in asked},
        state=State.FILLED,
        first_visit_at=None,
        late_told_at=None,
        confirm_by=confirm_by,
        need_changed_at=changed_at,
    )
    practitioner_id = winner.practitioner_id
    publish(NeedChangedAfterYes(**named(solicitation), practitioner_id=practitioner_id))
    tell(actor, winner, "broker.need_changed", now)
    look = "cordee.broker.jobs.check_confirmation"
    later(look, at=confirm_by, solicitation_id=str(solicitation.pk))
    return solicitation


def _offer_the_visit(
    solicitation: Solicitation, winner: Invitation, visit: datetime, now: datetime
) -> None:
    solicitation.keep(state=State.FILLED, first_visit_at=visit, later_offered_at=now)
    who = winner.practitioner_id
    publish(LaterOffered(**named(solicitation), practitioner_id=who, offers_from=visit))


def _keep_the_visit(
    actor: Actor,
    solicitation: Solicitation,
    winner: Invitation,
    first_visit_at: datetime,
    now: datetime,
) -> None:
    """Confirm the care. The day that whoever comes offered is accepted at their hour; any other
    that the team writes is told to them by a call: they wait for its answer."""
    awaits = solicitation.offers_later and _is_of_the_team(actor)
    offered = solicitation.first_visit_at if awaits else None
    day = timezone.localdate(first_visit_at)
    suits = offered is not None and timezone.localdate(offered) == day
    visit = offered if offered and suits else first_visit_at
    agreed_on = max(_wanted_on(solicitation), day)
    solicitation.keep(state=State.CONFIRMED, first_visit_at=visit, wanted_on=agreed_on)
    publish(
        CareConfirmed(
            **named(solicitation),
            practitioner_id=winner.practitioner_id,
            first_visit_at=visit,
        )
    )
    if suits:
        tell_it_suits(actor, winner, now)
    elif awaits:
        say_visit_untold(winner)


@action("broker.flag_late", on="solicitation")
def flag_late(*, actor: Actor, solicitation: Solicitation, now: datetime) -> Solicitation:
    """Say once that the date of the first visit is overdue."""
    due = solicitation.confirm_by
    is_awaited = solicitation.state == State.FILLED and not solicitation.offers_later
    late = is_awaited and due is not None and now >= due
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


@action("broker.note_untold", on="invitation", lock=LOCK)
def note_untold(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Keep that what was written to whoever comes never arrived: somebody calls."""
    if selectors.is_untold(invitation.solicitation):
        say_untold(invitation)
    return invitation


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
        tell_the_end(actor, invitation, now)
    if again:  # said last: what follows may end at once, and is heard after it
        again = begin(actor, again, now)
    return again
