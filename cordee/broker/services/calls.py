"""A phone call to a professional: an attempt like a text, in the same race."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker import selectors
from cordee.broker.facts import CallRecorded
from cordee.broker.models import Call, Invitation, Solicitation
from cordee.broker.services.answers import accept, decline, later_offer
from cordee.broker.services.launching import SAME_CLICK, require_need
from cordee.broker.services.steps import named, take_up
from cordee.broker.services.texts import send_fresh_link
from cordee.directory.models import Practitioner
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish

Outcome = Call.Outcome
MOST_LINKS, A_WHILE = 3, timedelta(hours=1)


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
    if call.practitioner.pk in solicitation.set_aside:
        raise DomainError(
            "broker.excluded",
            "La personne, ou son histoire avec cette recherche, écarte ce professionnel. "
            "Rien n’a été enregistré.",
        )
    if call.outcome == Outcome.YES:
        require_need(solicitation.origin)
        _refuse_another_need(solicitation)
    _noted(actor, solicitation, call, now)
    if call.outcome in (Outcome.NO_ANSWER, Outcome.WRONG_NUMBER):
        return None
    if call.outcome == Outcome.YES and solicitation.state == Solicitation.State.EXHAUSTED:
        take_up(solicitation, now)  # it proposed a list of numbers: a yes found there counts
    return _answered(actor, _invitation(solicitation, call.practitioner, now), call, now)


def _refuse_another_need(solicitation: Solicitation) -> None:
    """Whoever said yes on the phone did to what the page of the desk showed. Raises DomainError."""
    if selectors.changed_into(solicitation) is not None:
        raise DomainError(
            "broker.another_need",
            "La demande a changé pendant votre appel\u00a0: ce oui n’est pas noté. Ouvrez la "
            "recherche en cours, relisez-la avec ce professionnel, puis notez l’appel.",
        )


def _noted(actor: Actor, solicitation: Solicitation, call: CallMade, now: datetime) -> None:
    """Keep a call, once however often its button is pressed."""
    who = {"practitioner": call.practitioner, "caller_id": actor.account_id}
    made = Call.objects.filter(solicitation=solicitation, outcome=call.outcome, **who)
    if made.filter(called_at__gt=now - SAME_CLICK).exists():
        return
    Call.objects.create(solicitation=solicitation, outcome=call.outcome, called_at=now, **who)
    publish(
        CallRecorded(
            **named(solicitation), practitioner_id=call.practitioner.pk, outcome=call.outcome
        )
    )


@action("broker.send_link", on="invitation", lock=("solicitation", "invitation"))
def send_link(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Text a fresh link to the winner: by it she proves who she is and reads what she needs.

    It goes to the proved, tied mobile and nowhere else; a former link stops. Pressed twice, one
    leaves: the first would open nothing. Raises DomainError.
    """
    taken = invitation.solicitation.state in Solicitation.TAKEN
    if invitation.answer != Invitation.Answer.ACCEPTED or not taken:
        raise DomainError(
            "broker.place_lost",
            "Ce professionnel n’a plus cette place. Aucun lien n’est parti ; "
            "regardez où en est la recherche.",
        )
    phone = _mobile(invitation)
    if selectors.links_sent(invitation, now - SAME_CLICK):
        return invitation
    if selectors.links_sent(invitation, now - A_WHILE) >= MOST_LINKS:
        raise DomainError(
            "broker.too_many_links",
            "Plusieurs liens sont déjà partis vers ce professionnel. Le dernier reste valable ; "
            "attendez une heure, ou donnez les coordonnées de vive voix.",
        )
    send_fresh_link(actor, invitation, phone, now)
    return invitation


def _mobile(invitation: Invitation) -> str:
    phone = selectors.phones_of([invitation.practitioner_id]).get(invitation.practitioner_id)
    if not phone:
        raise DomainError(
            "broker.no_proved_mobile",
            "Aucun mobile prouvé et rattaché n’est connu pour ce professionnel. Aucun lien n’est "
            "parti ; confirmez son numéro dans l’annuaire, ou donnez les coordonnées de vive voix.",
        )
    if selectors.refuses_texts(invitation.practitioner_id):
        raise DomainError(
            "broker.said_stop",
            "Ce professionnel a demandé à ne plus recevoir de SMS. Aucun lien n’est parti ; "
            "donnez les coordonnées de vive voix.",
        )
    return phone


def _answered(actor: Actor, invitation: Invitation, call: CallMade, now: datetime) -> Invitation:
    if call.outcome == Outcome.YES:
        return accept(actor=actor, invitation=invitation, now=now)
    if call.outcome == Outcome.NO:
        return decline(actor=actor, invitation=invitation, refusal=call.refusal, now=now)
    return later_offer(actor=actor, invitation=invitation, offers_from=call.offers_from, now=now)


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
