"""A phone call to a professional: an attempt like a text, in the same race."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker import selectors
from cordee.broker.facts import CallRecorded
from cordee.broker.models import Call, Invitation, Solicitation
from cordee.broker.services.answers import accept, decline, later_offer
from cordee.broker.services.steps import named
from cordee.directory.models import Practitioner
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish

Outcome = Call.Outcome


@dataclass(frozen=True)
class CallMade:
    """What a call gave, in codes."""

    practitioner: Practitioner
    outcome: str
    refusal: str = ""
    offers_from: datetime | None = None


@action("broker.record_call", on="solicitation")
def record_call(
    *, actor: Actor, solicitation: Solicitation, call: CallMade, now: datetime
) -> Invitation | None:
    """Keep a call and what it gave; a yes on the phone is as binding as a yes by link."""
    if call.practitioner.pk in solicitation.excluded:
        raise DomainError(
            "broker.excluded",
            "La personne, ou son histoire avec cette recherche, écarte ce professionnel. "
            "Rien n’a été enregistré.",
        )
    Call.objects.create(
        solicitation=solicitation,
        practitioner=call.practitioner,
        caller_id=actor.account_id,
        outcome=call.outcome,
        called_at=now,
    )
    publish(
        CallRecorded(
            **named(solicitation), practitioner_id=call.practitioner.pk, outcome=call.outcome
        )
    )
    if call.outcome in (Outcome.NO_ANSWER, Outcome.WRONG_NUMBER):
        return None
    if call.outcome == Outcome.YES and solicitation.state == Solicitation.State.EXHAUSTED:
        _open_for_a_call(solicitation, now)
    return _answered(actor, _invitation(solicitation, call.practitioner, now), call, now)


def _answered(actor: Actor, invitation: Invitation, call: CallMade, now: datetime) -> Invitation:
    if call.outcome == Outcome.YES:
        return accept(actor=actor, invitation=invitation, now=now)
    if call.outcome == Outcome.NO:
        return decline(actor=actor, invitation=invitation, refusal=call.refusal, now=now)
    return later_offer(actor=actor, invitation=invitation, offers_from=call.offers_from, now=now)


def _open_for_a_call(solicitation: Solicitation, now: datetime) -> None:
    """A list of numbers is what an exhausted search proposes: a yes found there counts."""
    if selectors.live_for_origin(solicitation.origin):
        return
    solicitation.keep(
        state=Solicitation.State.OPEN,
        ended_at=None,
        end_reason="",
        deadline_at=max(solicitation.deadline_at, now + timedelta(minutes=1)),
    )


def _invitation(
    solicitation: Solicitation, practitioner: Practitioner, now: datetime
) -> Invitation:
    asked, _ = Invitation.objects.get_or_create(
        solicitation=solicitation,
        practitioner=practitioner,
        defaults={
            "wave": solicitation.wave,
            "channel": Invitation.Channel.CALL,
            "asked_at": now,
        },
    )
    asked.solicitation = solicitation
    return asked
