"""Reads of the administration and of one's own filters."""

from datetime import datetime
from hmac import compare_digest
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.fetched import Fetch, FetchAbout
from cordee.access.models import Account
from cordee.access.policy import get_visible, visible
from cordee.access.sight import by_the_house
from cordee.directory.kinds import MembershipRole
from cordee.directory.models import Membership, Practitioner
from cordee.directory.selectors import memberships_not_over, with_role
from cordee.kernel.once import once
from cordee.people.models import GateSpace, Person
from cordee.web.models import AccountInvitation, SavedFilter, SecondFactorReset, SpaceInvitation
from cordee.web.secrets import hash_of

ROLES = "held_roles"


def signed_in(session: SessionBase) -> Account | None:
    """The account that a session was opened for and is still good for. One query.

    What the library asks at each page, asked of a query written once. None where anything is
    unusual: the library then judges, and ends the session where it must.
    """
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    pk = Account._meta.pk.to_python(session[SESSION_KEY])
    account = account_of(pk)
    if account is None or not account.is_active:
        return None
    proof = account.get_session_auth_hash()
    return account if compare_digest(proof, session.get(HASH_SESSION_KEY, "")) else None


@once
def account_of(pk: UUID) -> Account | None:
    """The account of a key. One query."""
    return ACCOUNTS.one(pk)


ACCOUNTS = Fetch(Account.objects.all)


def accounts(actor: Actor, text: str, at: datetime) -> QuerySet[Account]:
    """The accounts of the house with their roles, even to come; active ones first. Two queries."""
    found = visible(_working(), actor)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text))
    return found.prefetch_related(_roles(at)).order_by("-is_active", "name", "pk")


def account_named(actor: Actor, pk: UUID | None) -> Account | None:
    """Give the account that a filter asks for, if there is one. One query, or none."""
    return visible(Account.objects.filter(pk=pk), actor).first() if pk else None


def get_account(actor: Actor, pk: UUID | str, at: datetime) -> Account:
    """Give an account with its roles of the day or to come; raises Http404."""
    return get_visible(actor, _working().prefetch_related(_roles(at)), pk)


def _working() -> QuerySet[Account]:
    """Accounts that work here: who has an own space and nothing else is no business of theirs."""
    own = GateSpace.objects.filter(account_id=OuterRef("pk"))
    role = Membership.objects.filter(account=OuterRef("pk"))
    practice = Practitioner.objects.filter(account=OuterRef("pk"))
    theirs = Account.objects.annotate(practises=Exists(practice))
    return theirs.filter(~Exists(own) | Exists(role) | Q(practises=True))


def _roles(at: datetime) -> Prefetch:
    held = Membership.objects.filter(memberships_not_over(at)).select_related("organization")
    return Prefetch("memberships", held.order_by("since", "pk"), to_attr=ROLES)


def get_membership(actor: Actor, pk: UUID | str) -> Membership:
    """Give a role; raises Http404."""
    return get_visible(actor, Membership, pk)


def open_sessions(account: Account) -> int:
    """Count the open sessions of an account. One query."""
    return UserSession.objects.filter(user=account).count()


def waiting_resets(actor: Actor, at: datetime) -> QuerySet[SecondFactorReset]:
    """The second factors that wait for a second person, oldest first. One query.

    What was asked too long ago, or by whoever administers no more, waits for nobody.
    """
    administers = with_role(MembershipRole.ADMINISTRATOR, at).order_by()
    return (
        SecondFactorReset.objects.visible_to(actor)
        .filter(approved_at=None, created_at__gt=at - SecondFactorReset.LASTS)
        .filter(account__is_active=True, requested_by__is_active=True)
        .filter(Exists(administers.filter(account=OuterRef("requested_by"))))
        .select_related("account", "requested_by")
        .order_by("created_at", "pk")
    )


def reset_of(actor: Actor, at: datetime) -> SecondFactorReset | None:
    """Give the request that waits about one's own second factor. One query."""
    return waiting_resets(actor, at).filter(account=actor.account_id).first()


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


_open_account = Account.objects.filter(email__iexact=OuterRef("email"), is_active=True)


def invitation_by_secret(secret: str, at: datetime) -> AccountInvitation | None:
    """Find the invitation of a link that can still be used. One query."""
    return (
        AccountInvitation.objects.filter(
            link_hash=hash_of(secret), accepted_at=None, revoked_at=None, expires_at__gt=at
        )
        .select_related("organization")
        .annotate(known=Exists(_open_account))
        .first()
    )


def offered_spaces(actor: Actor, person: Person, at: datetime) -> list[SpaceInvitation]:
    """The links of the space of a person that can still be used. Two queries, planned once."""
    return [one for one in _waiting(actor, person.pk) if one.expires_at > at]


_waiting = FetchAbout(
    lambda: (
        SpaceInvitation.objects.filter(accepted_at=None, revoked_at=None)
        .select_related("relative")
        .order_by("created_at", "pk")
    )
)


def get_offered_space(actor: Actor, person: Person, pk: UUID) -> SpaceInvitation:
    """Give one of them; raises Http404."""
    return get_visible(actor, SpaceInvitation.objects.filter(person=person), pk)


@by_the_house
def offered_space_by_secret(secret: str, at: datetime) -> SpaceInvitation | None:
    """Find the offer of a link that can still be used. One query.

    By the house: whoever holds a link is nobody before it is opened.
    """
    return (
        SpaceInvitation.objects.filter(link_hash=hash_of(secret), **_usable(at))
        .filter(Q(relative=None) | Q(relative__ended_at=None), person__deceased_on=None)
        .select_related("organization", "person", "relative")
        .annotate(known=Exists(_open_account))
        .first()
    )


def _usable(at: datetime) -> dict[str, Any]:
    return {"accepted_at": None, "revoked_at": None, "expires_at__gt": at}


def saved_filters(actor: Actor) -> QuerySet[SavedFilter]:
    """One's own filters and those shared with one's organisations. One query."""
    return SavedFilter.objects.visible_to(actor).select_related("owner").order_by("name", "pk")


def get_saved_filter(actor: Actor, pk: UUID | str) -> SavedFilter:
    """Give a filter; raises Http404."""
    return get_visible(actor, SavedFilter, pk)
