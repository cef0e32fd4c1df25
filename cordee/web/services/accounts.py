"""Accounts: opened, closed, given a role, given a lost second factor back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.directory import services as directory
from cordee.directory.kinds import MembershipRole, OrganizationKind
from cordee.directory.models import Membership, Organization, Practitioner
from cordee.directory.rules import folded
from cordee.directory.selectors import memberships_not_over, memberships_of, with_role
from cordee.kernel.errors import DomainError
from cordee.people.selectors import own_spaces_of_account
from cordee.web.models import AccountInvitation, SecondFactorReset


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """Who opens a house, and for which structure."""

    email: str
    name: str
    organization: str
    password: str = field(repr=False)


@action("web.create_administrator", on=None)
def create_administrator(*, actor: Actor, wanted: FirstAdministrator, now: datetime) -> Account:
    """Open the first account. Raises DomainError when the address is taken or the password weak."""
    if Account.objects.filter(email__iexact=wanted.email).exists():
        raise DomainError(
            "web.address_taken",
            "Un compte existe déjà à cette adresse. Rien n’a été créé.",
        )
    organization = Organization.objects.filter(name=wanted.organization).order_by("pk").first()
    if organization is None:
        traits = directory.OrganizationTraits(name=wanted.organization, kind=OrganizationKind.OTHER)
        organization = directory.create_organization(actor=actor, traits=traits, now=now)
    account = opened_account(wanted.email, wanted.name, wanted.password)
    role = directory.MembershipTraits(
        account=account, role=MembershipRole.ADMINISTRATOR, since=timezone.localdate(now)
    )
    directory.add_membership(actor=actor, organization=organization, traits=role, now=now)
    return account


def opened_account(email: str, name: str, password: str) -> Account:
    """Open an account. Raises DomainError, in the words of the validators, on a weak password."""
    return _opened(Account(email=email, name=name), password)


def reopened_account(account: Account, name: str, password: str) -> Account:
    """Let somebody come back, by a new password and nothing of what they signed in with before.

    Raises DomainError when it is weak, or when the account was somebody else's.
    """
    check_whose(account, name)
    account.is_active, account.closed_at = True, None
    _opened(account, password, ["password", "is_active", "closed_at"])
    Authenticator.objects.filter(user=account).delete()
    SocialAccount.objects.filter(user=account).delete()
    return account


def check_whose(account: Account | None, name: str) -> None:
    """Refuse that somebody be let into the closed account of another: an address is shared, or is
    given again, and all that the account did would be theirs. Raises DomainError."""
    if account is not None and not account.is_active and _words(account.name) != _words(name):
        raise DomainError(
            "web.address_of_another",
            "Cette adresse est celle d’un compte fermé, à un autre nom. Rien n’a été ouvert. "
            "Prenez une autre adresse\u00a0; si c’est bien la même personne, écrivez son nom comme "
            "il l’est sur ce compte.",
        )


def _words(name: str) -> list[str]:
    return sorted(folded(name).split())


def _opened(account: Account, password: str, only: list[str] | None = None) -> Account:
    try:
        validate_password(password, account)
    except ValidationError as refused:
        raise DomainError("web.password_weak", " ".join(refused.messages)) from refused
    account.set_password(password)
    account.save(update_fields=only)
    return account


@action("web.revoke_account", on="account")
def revoke_account(*, actor: Actor, account: Account, now: datetime) -> None:
    """End every role of an account, even to come, its sessions and links. It signs in no more,
    unless it opens an own space too: then for that alone, which is no matter of administration.

    Raises DomainError (web.own_account, web.last_administrator).
    """
    if account.pk == actor.account_id:
        raise DomainError(
            "web.own_account",
            "Vous ne pouvez pas fermer votre propre compte. Demandez-le à une autre personne.",
        )
    held = Membership.objects.filter(memberships_not_over(now), account=account)
    for membership in held.order_by("pk"):
        _end(actor, membership, now)
    if own_spaces_of_account(account.pk).exists():
        for practitioner in Practitioner.objects.filter(account=account):
            directory.tie_account(actor=actor, practitioner=practitioner, account=None, now=now)
    elif account.is_active:
        account.is_active, account.closed_at = False, now
        account.save(update_fields=["is_active", "closed_at"])
    AccountInvitation.objects.filter(
        email__iexact=account.email, accepted_at=None, revoked_at=None
    ).update(revoked_at=now)
    SecondFactorReset.objects.filter(account=account, approved_at=None).delete()
    directory.forget_call_mobile(actor=actor, account=account, now=now)
    close_sessions(account)


@action("web.take_role_back", on="membership")
def take_role_back(*, actor: Actor, membership: Membership, now: datetime) -> None:
    """End one role at once; open sessions lose it at their next page.

    Raises DomainError (web.last_administrator).
    """
    _end(actor, membership, now)


def _end(actor: Actor, membership: Membership, now: datetime) -> None:
    """A membership holds to the end of its last day: at once means that it was yesterday."""
    yesterday = timezone.localdate(now) - timedelta(days=1)
    administers = membership.role == MembershipRole.ADMINISTRATOR
    if administers:  # two who close each other are heard in turn
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('web.administrators'))")
    directory.end_membership(actor=actor, membership=membership, last_day=yesterday, now=now)
    if administers and not with_role(MembershipRole.ADMINISTRATOR, now).exists():
        raise DomainError(
            "web.last_administrator",
            "Ce compte est le dernier qui administre la maison. Rien n’a été modifié : "
            "invitez d’abord une autre personne à l’administrer.",
        )


@action("web.end_sessions", on="account")
def end_sessions(*, actor: Actor, account: Account, now: datetime) -> None:
    """Close the sessions of an account: a lost telephone, a doubt."""
    close_sessions(account)


@action("web.ask_second_factor_reset", on="account")
def ask_second_factor_reset(
    *, actor: Actor, account: Account, reason: str, now: datetime
) -> SecondFactorReset:
    """Ask that a lost second factor be taken away. Somebody else has to agree, within a week."""
    waiting = SecondFactorReset.objects.filter(account=account, approved_at=None).first()
    if waiting and not may_be_agreed(waiting, now):
        waiting.delete()
    try:
        with transaction.atomic():
            return SecondFactorReset.objects.create(
                account=account, requested_by_id=actor.signatory, reason=reason
            )
    except IntegrityError as refused:
        raise DomainError(
            "web.second_factor_asked",
            "Une demande attend déjà pour ce compte, ou ce compte est le vôtre. "
            "Une autre personne doit s’en charger.",
        ) from refused


@action("web.approve_second_factor_reset", on="reset")
def approve_second_factor_reset(*, actor: Actor, reset: SecondFactorReset, now: datetime) -> None:
    """Take the second factors away and close the sessions; a new one is asked at sign-in."""
    if reset.approved_at:
        raise DomainError("web.second_factor_done", "C’est déjà fait. Rien d’autre n’a changé.")
    if not may_be_agreed(reset, now):
        raise DomainError(
            "web.second_factor_over",
            "Cette demande ne vaut plus : elle a plus de sept jours, ou la personne qui l’a faite "
            "n’administre plus. Rien n’a changé ; il faut la faire de nouveau.",
        )
    reset.approved_by_id, reset.approved_at = actor.account_id, now
    reset.save(update_fields=["approved_by", "approved_at", "updated_at"])
    Authenticator.objects.filter(user=reset.account).delete()
    close_sessions(reset.account)


@action("web.withdraw_second_factor_reset", on="reset")
def withdraw_second_factor_reset(*, actor: Actor, reset: SecondFactorReset, now: datetime) -> None:
    """Take a request back: a mistake, or not what the person wanted. Nothing else changes.

    Raises DomainError (web.second_factor_done).
    """
    if reset.approved_at:
        raise DomainError(
            "web.second_factor_done",
            "Trop tard : quelqu’un a déjà approuvé cette demande, et le second facteur est retiré. "
            "Il sera redemandé à la prochaine connexion.",
        )
    reset.delete()


def may_be_agreed(reset: SecondFactorReset, now: datetime) -> bool:
    """Say whether a request still stands: recent, and its author still administers."""
    recent = reset.created_at > now - SecondFactorReset.LASTS
    return recent and reset.account.is_active and administers(reset.requested_by, now)


def administers(account: Account | None, now: datetime) -> bool:
    """Say whether somebody administers today: a link or a request of theirs falls with the role."""
    roles = memberships_of(account, now) if account and account.is_active else ()
    return any(one.role == MembershipRole.ADMINISTRATOR for one in roles)


def close_sessions(account: Account) -> int:
    """Close every session of an account, and those that are being opened or renewed this very
    second: they are signed for an epoch that is over. Returns how many there were."""
    Account.objects.filter(pk=account.pk).update(epoch=F("epoch") + 1)
    sessions = list(UserSession.objects.filter(user=account))
    for session in sessions:
        session.end()
    return len(sessions)
