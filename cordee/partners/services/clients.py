"""Partners: registered, given other keys, suspended, taken up again."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.directory import services as directory
from cordee.directory.models import Membership, Organization
from cordee.kernel.errors import DomainError
from cordee.kernel.identifiers import uuid7
from cordee.partners.models import Client

NOWHERE = "@partenaire.invalid"
"""Where no mail can go (RFC 2606): the account of a system signs in by no page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What administration says of a partner. A system has a structure and a role; an application
    has addresses."""

    name: str
    publisher: str
    kind: str
    scopes: str
    jwks: dict[str, Any] = field(default_factory=dict)
    jwks_url: str = ""
    redirect_uris: tuple[str, ...] = ()
    organization: Organization | None = None
    role: str = ""
    contact: Account | None = None
    per_minute: int = 600


@action("partners.register", on=None)
def register(*, actor: Actor, said: Registered, now: datetime) -> Client:
    """Let a machine in. A system gets an account of its own, with one role in one structure."""
    pk = uuid7()
    membership = _acting_as(actor, said, pk.hex, now) if said.kind == Client.Kind.SYSTEM else None
    return Client.objects.create(
        pk=pk,
        name=said.name,
        publisher=said.publisher,
        kind=said.kind,
        scopes=said.scopes,
        jwks=said.jwks,
        jwks_url=said.jwks_url,
        redirect_uris=list(said.redirect_uris),
        membership=membership,
        contact=said.contact,
        per_minute=said.per_minute,
    )


def _acting_as(actor: Actor, said: Registered, name: str, now: datetime) -> Membership:
    if said.organization is None or not said.role:
        raise DomainError(
            "partners.system_without_role",
            "Un système agit pour une structure, sous un rôle. Rien n’a été enregistré : "
            "choisissez les deux.",
        )
    account = Account(email=f"{name}{NOWHERE}", name=said.name, is_machine=True)
    account.set_unusable_password()
    account.save()
    traits = directory.MembershipTraits(
        account=account, role=said.role, since=timezone.localdate(now)
    )
    return directory.add_membership(
        actor=actor, organization=said.organization, traits=traits, now=now
    )


@action("partners.change_keys", on="client")
def change_keys(
    *, actor: Actor, client: Client, jwks: dict[str, Any], jwks_url: str, now: datetime
) -> None:
    """Believe other keys from now on, and the former ones no more."""
    client.jwks, client.jwks_url = jwks, jwks_url
    client.save(update_fields=["jwks", "jwks_url", "updated_at"])


@action("partners.suspend", on="client")
def suspend(*, actor: Actor, client: Client, why: str, now: datetime) -> None:
    """Shut the door to it, whatever keys it holds."""
    if client.suspended_at is None:
        client.suspended_at, client.suspended_why = now, why
        client.save(update_fields=["suspended_at", "suspended_why", "updated_at"])


@action("partners.resume", on="client")
def resume(*, actor: Actor, client: Client, now: datetime) -> None:
    """Let it in again."""
    client.suspended_at, client.suspended_why = None, ""
    client.save(update_fields=["suspended_at", "suspended_why", "updated_at"])


@action("partners.name_contact", on="client")
def name_contact(*, actor: Actor, client: Client, contact: Account | None, now: datetime) -> None:
    """Say who answers for it, and sees what it asks."""
    client.contact = contact
    client.save(update_fields=["contact", "updated_at"])


@action("partners.offer_beside", on="client")
def offer_beside(
    *, actor: Actor, client: Client, url: str, roles: Collection[str], intent: str, now: datetime
) -> None:
    """Say where it opens from the page of a person, and for whom; without an address, nowhere."""
    offered = (url, sorted(roles), intent) if url else ("", [], "")
    client.launch_url, client.launch_roles, client.launch_intent = offered
    client.save(update_fields=["launch_url", "launch_roles", "launch_intent", "updated_at"])
