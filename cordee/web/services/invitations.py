"""Invitations: a link by e-mail, used once, that opens an account and gives a role."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from cordee.access.action import action
from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.access.models import Account
from cordee.directory import services as directory
from cordee.directory.models import Organization, Practitioner
from cordee.kernel.errors import DomainError
from cordee.messaging.services import send_email
from cordee.web.models import AccountInvitation
from cordee.web.secrets import hash_of, new_secret
from cordee.web.services.accounts import (
    administers,
    check_whose,
    opened_account,
    reopened_account,
)

INVITATION_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom one invites, to do what, where, until when."""

    email: str
    name: str
    organization: Organization
    role: str
    until: date | None = None
    practitioner: Practitioner | None = None  # then the account is theirs, and holds no role


@action("web.invite", on=None)
def invite(*, actor: Actor, invited: Invited, now: datetime) -> AccountInvitation:
    """Send a link by which somebody opens an account, or takes one more role. Only the hash of
    its secret is kept. Raises DomainError when the role would be over before it begins, or the
    address is that of another's closed account."""
    if _is_over(invited.until, now):
        raise DomainError(
            "web.invitation_over",
            "La fin du rôle est déjà passée. Rien n’est parti : vérifiez la date.",
        )
    check_whose(Account.objects.filter(email__iexact=invited.email).first(), invited.name)
    secret = new_secret()
    invitation = AccountInvitation.objects.create(
        email=invited.email,
        name=invited.name,
        organization=invited.organization,
        role=invited.role,
        practitioner=invited.practitioner,
        until=invited.until,
        invited_by_id=actor.account_id,
        link_hash=hash_of(secret),
        expires_at=now + INVITATION_LASTS,
    )
    send_email(
        actor=actor,
        to=invited.email,
        template="web.invitation",
        context={"link": f"/invitation/{secret}", "organization_id": invited.organization.pk},
        origin=f"web/invitation/{invitation.pk}",
        now=now,
    )
    return invitation


@action("web.revoke_invitation", on="invitation")
def revoke_invitation(*, actor: Actor, invitation: AccountInvitation, now: datetime) -> None:
    """Make a link useless. Raises DomainError when it has been used."""
    if invitation.accepted_at:
        raise DomainError(
            "web.invitation_used",
            "Cette invitation a déjà servi. Rien n’a changé ; pour retirer le rôle, ouvrez le "
            "compte.",
        )
    invitation.revoked_at = now
    invitation.save(update_fields=["revoked_at", "updated_at"])


@action("web.accept_invitation", on="invitation")
def accept_invitation(
    *, actor: Actor, invitation: AccountInvitation, password: str, now: datetime
) -> Account:
    """Open the account, or find the one that has this address, and give it the role.

    Raises DomainError when the link is spent, or the password of the existing account is wrong.
    """
    spent = invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= now
    spent = spent or _is_over(invitation.until, now)
    if spent or not administers(invitation.invited_by, now):
        raise DomainError(
            "web.invitation_spent",
            "Ce lien ne sert plus. Demandez une nouvelle invitation à l’administration de votre "
            "structure.",
        )
    account = _account(invitation, password)
    _give(invitation, account, now)
    invitation.account, invitation.accepted_at = account, now
    invitation.save(update_fields=["account", "accepted_at", "updated_at"])
    return account


def _account(invitation: AccountInvitation, password: str) -> Account:
    """The account of this address: opened, opened again when it was closed, or the one in use."""
    account = (
        Account.objects.select_for_update(of=("self",))
        .filter(email__iexact=invitation.email)
        .first()
    )
    if account is None:
        try:
            with transaction.atomic():
                return opened_account(invitation.email, invitation.name, password)
        except IntegrityError as error:  # another link has just opened it
            raise _known_here() from error
    if not account.is_active:
        return reopened_account(account, invitation.name, password)
    if not account.check_password(password):
        raise _known_here()
    return account


def _known_here() -> DomainError:
    return DomainError(
        "web.password_of_account",
        "Un compte existe déjà à cette adresse. Saisissez son mot de passe pour y ajouter ce rôle.",
    )


def _is_over(until: date | None, now: datetime) -> bool:
    return until is not None and until < timezone.localdate(now)


def _give(invitation: AccountInvitation, account: Account, now: datetime) -> None:
    """A role in a structure, or the directory's entry of a professional: never both."""
    giver = _who_invited(invitation)
    if invitation.practitioner:
        directory.tie_account(
            actor=giver, practitioner=invitation.practitioner, account=account, now=now
        )
        return
    role = directory.MembershipTraits(
        account=account, role=invitation.role, since=timezone.localdate(now), until=invitation.until
    )
    directory.add_membership(
        actor=giver, organization=invitation.organization, traits=role, now=now
    )


def _who_invited(invitation: AccountInvitation) -> Actor:
    """The role is given by the administrator who offered it, not by who takes it."""
    return Actor(
        role=Role.ADMINISTRATOR,
        account_id=invitation.invited_by_id,
        purpose=Purpose.ADMINISTRATION,
        origin=Origin.LINK,
    )
