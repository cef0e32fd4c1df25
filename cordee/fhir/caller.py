"""Who calls: the same actor as behind a page, and the scopes that narrow what it may do here."""

from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from django.http import HttpRequest

from cordee.access.actor import Actor, Origin
from cordee.fhir.outcome import Issue, Refusal
from cordee.partners import selectors as partners
from cordee.partners.flow import seconds_to_wait

INTERACTIONS = "cruds"


class Scopes(Protocol):
    """What a token lets through: it narrows what the policy gives, and never widens it."""

    def allow(self, resource_type: str, interaction: str) -> bool:
        """Say whether an interaction, one letter of `cruds`, is within the scopes."""


@dataclass(frozen=True)
class Everything:
    """What a person who signed in does here: all that the policy gives them."""

    def allow(self, resource_type: str, interaction: str) -> bool:
        """Nothing is narrowed."""
        return interaction in INTERACTIONS


@dataclass(frozen=True)
class Caller:
    """The actor of a call, what its scopes let through, and the client and person it is about."""

    actor: Actor
    scopes: Scopes
    client_id: UUID | None = None
    patient_id: UUID | None = None


def caller_of(request: HttpRequest) -> Caller:
    """Say who calls: by a token, or a person who signed in. Raises Refusal (401)."""
    said = request.headers.get("Authorization", "")
    if said:
        return _bearer(said, request)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.account_id is None:
        raise Refusal(401, [UNKNOWN], {"WWW-Authenticate": "Bearer"})
    return Caller(replace(actor, origin=Origin.FHIR), Everything())


def _bearer(said: str, request: HttpRequest) -> Caller:
    """Who holds a token. It opens nothing: the same words, whatever became of it."""
    kind, _, secret = said.partition(" ")
    now = request.now  # type: ignore[attr-defined]
    try:
        if kind.lower() != "bearer" or not secret.strip():
            raise partners.Unadmitted
        holder = partners.holder_of(secret.strip(), now)
    except partners.Unadmitted:
        raise Refusal(401, [UNADMITTED], {"WWW-Authenticate": INVALID}) from None
    wait = seconds_to_wait(holder.client_id, holder.per_minute, now)
    if wait:
        raise Refusal(429, [TOO_FAST], {"Retry-After": str(wait)})
    return Caller(holder.actor, holder.scopes, holder.client_id, holder.patient_id)


INVALID = 'Bearer error="invalid_token"'
TOO_FAST = Issue(
    "throttled",
    "caller.too_fast",
    "Ce système demande plus vite que ce qui lui est accordé : attendez un peu.",
    "The client calls faster than its rate: wait a little.",
)
UNKNOWN = Issue(
    "login",
    "caller.unknown",
    "Identifiez-vous : cette porte ne répond qu’à un système ou à une personne connus.",
    "Authentication is required.",
)
UNADMITTED = Issue(
    "login",
    "caller.unadmitted",
    "Ce jeton n’ouvre rien, ou n’ouvre plus : demandez-en un autre.",
    "The token opens nothing, or no longer does: ask for another one.",
)
