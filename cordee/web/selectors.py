"""Reads of the administration and of one's own filters."""

from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.access.policy import get_visible, visible
from cordee.directory.models import Membership
from cordee.directory.selectors import current_memberships
from cordee.web.models import AccountInvitation, SavedFilter, SecondFactorReset
from cordee.web.secrets import hash_of

ROLES = "current_roles"


def accounts(actor: Actor, text: str, at: datetime) -> QuerySet[Account]:
    """The accounts of the house with their roles of the day, active ones first. Two queries."""
    found = visible(Account.objects.all(), actor)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text))
    return found.prefetch_related(_roles(at)).order_by("-is_active", "name", "pk")


def get_account(actor: Actor, pk: UUID | str, at: datetime) -> Account:
    """Give an account with its roles of the day; raises Http404."""
    return get_visible(actor, Account.objects.prefetch_related(_roles(at)), pk)


def _roles(at: datetime) -> Prefetch:
    current = Membership.objects.filter(current_memberships(at)).select_related("organization")
    return Prefetch("memberships", current.order_by("since", "pk"), to_attr=ROLES)


def get_membership(actor: Actor, pk: UUID | str) -> Membership:
    """Give a role; raises Http404."""
    return get_visible(actor, Membership, pk)


def open_sessions(account: Account) -> int:
    """Count the open sessions of an account. One query."""
    return UserSession.objects.filter(user=account).count()


def waiting_resets(actor: Actor) -> QuerySet[SecondFactorReset]:
    """The second factors that wait for a second person, oldest first. One query."""
    return (
        SecondFactorReset.objects.visible_to(actor)
        .filter(approved_at=None)
        .select_related("account", "requested_by")
        .order_by("created_at", "pk")
    )


def get_reset(actor: Actor, pk: UUID | str) -> SecondFactorReset:
    """Give a request of reset; raises Http404."""
    return get_visible(actor, SecondFactorReset.objects.select_related("account"), pk)


def invitations(actor: Actor) -> QuerySet[AccountInvitation]:
    """The latest invitations. One query."""
    return (
        AccountInvitation.objects.visible_to(actor)
        .select_related("organization", "invited_by")
        .order_by("-created_at", "-pk")
    )


def get_invitation(actor: Actor, pk: UUID | str) -> AccountInvitation:
    """Give an invitation; raises Http404."""
    return get_visible(actor, AccountInvitation, pk)


def invitation_by_secret(secret: str, at: datetime) -> AccountInvitation | None:
    """Find the invitation of a link that can still be used. One query."""
    return (
        AccountInvitation.objects.filter(
            link_hash=hash_of(secret), accepted_at=None, revoked_at=None, expires_at__gt=at
        )
        .select_related("organization")
        .annotate(known=Exists(Account.objects.filter(email__iexact=OuterRef("email"))))
        .first()
    )


def saved_filters(actor: Actor) -> QuerySet[SavedFilter]:
    """One's own filters and those shared with one's organisations. One query."""
    return SavedFilter.objects.visible_to(actor).select_related("owner").order_by("name", "pk")


def get_saved_filter(actor: Actor, pk: UUID | str) -> SavedFilter:
    """Give a filter; raises Http404."""
    return get_visible(actor, SavedFilter, pk)
