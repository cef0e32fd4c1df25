"""The own space of a person, or of a relative: offered by the circle, opened by a link."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor, Origin, Role
from cordee.access.models import Account
from cordee.access.policy import is_allowed
from cordee.kernel.errors import DomainError, Forbidden
from cordee.messaging.services import send_email
from cordee.people import selectors as people
from cordee.people import services as people_services
from cordee.people.models import Person, Relative
from cordee.people.rules.processing import Purpose
from cordee.web.models import SpaceInvitation
from cordee.web.secrets import hash_of, new_secret
from cordee.web.services.accounts import opened_account, reopened_account

LASTS = timedelta(days=7)
SPENT = "Ce lien ne sert plus. Demandez-en un autre au service qui accompagne la personne."


@dataclass(frozen=True, slots=True)
class Offered:
    """To whom one offers the space: the person, or one relative; how one knows who they are."""

    email: str
    proved_how: str
    relative: Relative | None = None


@action("web.offer_space", on="person")
def offer_space(
    *, actor: Actor, person: Person, offered: Offered, now: datetime
) -> SpaceInvitation:
    """Send the link of a space; a former link that waits is cancelled. Only its hash is kept.

    Raises DomainError (web.space).
    """
    if actor.organization_id is None:
        raise Forbidden("web.offer_space")
    _refuse_impossible(person, offered)
    waiting = SpaceInvitation.objects.filter(
        person=person, relative=offered.relative, accepted_at=None, revoked_at=None
    )
    waiting.update(revoked_at=now, updated_at=now)
    secret = new_secret()
    invitation = SpaceInvitation(
        person=person,
        relative=offered.relative,
        email=offered.email.strip(),
        proved_how=offered.proved_how.strip()[:120],
        organization_id=actor.organization_id,
        invited_by_id=actor.signatory,
        invited_as=actor.role.value,
        link_hash=hash_of(secret),
        expires_at=now + LASTS,
    )
    invitation.save(force_insert=True)
    send_email(
        actor=actor,
        to=invitation.email,
        template="web.space",
        context={
            "link": f"/compte/invitation/{secret}",
            "organization_id": actor.organization_id,
        },
        origin=f"web/space/{invitation.pk}",
        person_id=person.pk,
        now=now,
    )
    return invitation


def _refuse_impossible(person: Person, offered: Offered) -> None:
    if person.deceased_on:
        raise DomainError(
            "web.space", "Cette personne est décédée. Son espace ne s’ouvre plus, rien n’est parti."
        )
    if person.birth_date is None:
        raise DomainError(
            "web.space",
            "Écrivez d’abord la date de naissance de la personne\u00a0: elle est demandée à "
            "l’ouverture de l’espace. Rien n’est parti.",
        )
    if not people.may_process(person.pk, Purpose.TEXTS):
        raise DomainError(
            "web.space",
            "La personne ne souhaite ni SMS ni courriel. Rien n’est parti\u00a0; relisez ce choix "
            "avec elle avant d’ouvrir un espace.",
        )
    if offered.relative is not None and offered.relative.person_id != person.pk:
        raise DomainError("web.space", "Ce proche n’est pas un proche de cette personne.")
    if people.is_space_open(person, offered.relative):
        raise DomainError(
            "web.space",
            "Cet espace est déjà ouvert. Fermez d’abord l’accès en place pour en ouvrir un autre.",
        )


@action("web.withdraw_space", on="invitation")
def withdraw_space(*, actor: Actor, invitation: SpaceInvitation, now: datetime) -> None:
    """Make the link of a space useless, at once. Raises DomainError when it has been used."""
    if invitation.accepted_at:
        raise DomainError(
            "web.space_used", "Ce lien a déjà servi. Rien n’a changé\u00a0: fermez plutôt l’accès."
        )
    if invitation.revoked_at is None:
        invitation.revoked_at = now
        invitation.save(update_fields=["revoked_at", "updated_at"])


@action("web.recognise_space", on="invitation")
def recognise(
    *, actor: Actor, invitation: SpaceInvitation, birth_date: date, now: datetime
) -> bool:
    """Say whether who holds the link knows the person; too many wrong dates end the link."""
    if birth_date == invitation.person.birth_date:
        return True
    invitation.wrong_days += 1
    if invitation.wrong_days >= SpaceInvitation.WRONG_DAYS and invitation.revoked_at is None:
        invitation.revoked_at = now
    invitation.save(update_fields=["wrong_days", "revoked_at", "updated_at"])
    return False


@action("web.accept_space", on="invitation")
def accept_space(
    *, actor: Actor, invitation: SpaceInvitation, password: str, now: datetime
) -> Account:
    """Open the account, or find the one that has this address, and tie it to the person.

    Raises DomainError when the link is spent, or the password of the existing account is wrong.
    """
    person, relative = invitation.person, invitation.relative
    inviter = _who_offered(invitation)
    gone = relative is not None and relative.ended_at is not None
    gone = gone or not invitation.invited_by.is_active
    spent = invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= now
    if spent or gone or not is_allowed(inviter, "people.open_own_space", person):
        raise DomainError("web.space_spent", SPENT)
    account = _account(invitation, password)
    people_services.open_own_space(
        actor=inviter,
        person=person,
        account=account,
        relative=relative,
        proved_how=invitation.proved_how,
        now=now,
    )
    invitation.account, invitation.accepted_at = account, now
    try:
        with transaction.atomic():
            invitation.save(update_fields=["account", "accepted_at", "updated_at"])
    except IntegrityError as error:
        raise DomainError("web.space_spent", SPENT) from error
    return account


def _account(invitation: SpaceInvitation, password: str) -> Account:
    known = Account.objects.filter(email__iexact=invitation.email)
    account = known.select_for_update(of=("self",), no_key=True).first()  # it may close meanwhile
    named = invitation.relative.name if invitation.relative else invitation.person.short_name
    if account is None:
        return opened_account(invitation.email, named[:150], password)
    if not account.is_active:
        return reopened_account(account, named[:150], password)
    if not account.check_password(password):
        raise DomainError(
            "web.password_of_account",
            "Un compte existe déjà à cette adresse. Saisissez son mot de passe pour y ajouter cet "
            "espace.",
        )
    return account


def _who_offered(invitation: SpaceInvitation) -> Actor:
    """The space is opened by who offered it, judged again today: a service that left the circle
    opens nothing any more."""
    return Actor(
        role=Role(invitation.invited_as),
        account_id=invitation.invited_by_id,
        organization_id=invitation.organization_id,
        organizations=frozenset({invitation.organization_id}),
        origin=Origin.LINK,
    )
