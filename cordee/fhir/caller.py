"""Who calls: the same actor as behind a page, and the scopes that narrow what it may do here.

A session of the human door is no key of this one: a page of another site could ride on it, and
whoever signed in agreed to nothing. What comes in shows a token (`cordee.partners`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from cordee.access.actor import Actor, Origin
from cordee.fhir.outcome import Issue, Refusal
from cordee.kernel.http import network_of
from cordee.partners import selectors as partners
from cordee.partners.flow import seconds_to_wait
from cordee.partners.rules.scopes import Allowing, both, pairs_of

INTERACTIONS = "cruds"
UNKNOWN_PER_MINUTE = 600
"""Calls without a good token, from one network: no guess finds one, and it costs its author."""


@dataclass(frozen=True)
class Everything:
    """All that the policy gives."""

    def allow(self, resource_type: str, interaction: str) -> bool:
        """Nothing is narrowed."""
        return interaction in INTERACTIONS

    def parts(self, resource_type: str, interaction: str) -> tuple[str, ...]:
        """Of no type."""
        return ()


def _has_wider(part: str, parts: Iterable[str]) -> bool:
    return any(pairs_of(wider) < pairs_of(part) for wider in parts)


@dataclass(frozen=True)
class Both:
    """What two tokens let through, and not one of them alone."""

    one: Allowing
    other: Allowing

    def allow(self, resource_type: str, interaction: str) -> bool:
        """Whether both do."""
        return self.one.allow(resource_type, interaction) and self.other.allow(
            resource_type, interaction
        )

    def parts(self, resource_type: str, interaction: str) -> tuple[str, ...]:
        """What both find: each part once, less those that a wider one holds already."""
        one = self.one.parts(resource_type, interaction)
        other = self.other.parts(resource_type, interaction)
        if not (one and other):
            return one or other
        found = {both(mine, theirs) for mine in one for theirs in other}
        return tuple(sorted(one for one in found if not _has_wider(one, found)))


@dataclass(frozen=True)
class Caller:
    """The actor of a call, what its scopes let through, and the client and person it is about.

    With a person, the second lock too shows nobody else to the actor (`Actor.only_person`).
    """

    actor: Actor
    scopes: Allowing
    client_id: UUID | None = None
    patient_id: UUID | None = None
    grant_id: UUID | None = None
    """What somebody allowed to an application; None: a system comes in by itself."""
    per_minute: int | None = None
    """How many calls a client may make; None: it has no rate of its own."""


def refuse_too_fast(caller: Caller, now: datetime) -> None:
    """Take one call of the rate of a client. Raises Refusal (429)."""
    if caller.per_minute is None:
        return
    if wait := seconds_to_wait(caller.client_id, caller.per_minute, now):
        raise Refusal(429, [TOO_FAST], {"Retry-After": str(wait)})


def caller_of(request: HttpRequest) -> Caller:
    """Say who calls. Raises Refusal: 401, nobody is known; 429, it asks too fast. Two queries."""
    known: Caller | None = request.META.get(ADMITTED)
    if known is not None:
        request.partner_id = known.client_id  # type: ignore[attr-defined]
        return known
    said = request.headers.get("Authorization", "")
    return _bearer(said, request) if said else _staged(request)


ADMITTED = "cordee.caller"
"""Where the straight way (`fhir.straight`) puts whom it let in: no header has such a name."""


def _bearer(said: str, request: HttpRequest) -> Caller:
    """Who holds a token. It opens nothing: the same words, whatever became of it."""
    kind, _, secret = said.partition(" ")
    now = request.now  # type: ignore[attr-defined]
    try:
        if kind.lower() != "bearer" or not secret.strip():
            raise partners.Unadmitted
        holder = partners.holder_of(secret.strip(), now)
    except partners.Unadmitted as error:
        request.partner_id = error.client_id  # type: ignore[attr-defined]
        raise _unknown(request, UNADMITTED, INVALID) from None
    request.partner_id = holder.client_id  # type: ignore[attr-defined]
    caller = caller_holding(holder)
    refuse_too_fast(caller, now)
    return caller


def caller_holding(holder: partners.Holder) -> Caller:
    """Who comes in by a token, as the door knows them."""
    return Caller(
        actor=holder.actor,
        scopes=holder.scopes,
        client_id=holder.client_id,
        patient_id=holder.patient_id,
        grant_id=holder.grant_id,
        per_minute=holder.per_minute,
    )


def _staged(request: HttpRequest) -> Caller:
    """Tests put their actor, and its client, in the WSGI environment, where no header reaches."""
    actor: Actor | None = request.META.get("cordee.actor")
    if actor is None or actor.account_id is None:
        raise _unknown(request, UNKNOWN, "Bearer")
    client = request.META.get("cordee.client")
    scopes, client_id = (client.most, client.pk) if client else (Everything(), None)
    return Caller(replace(actor, origin=Origin.FHIR), scopes, client_id)


def _unknown(request: HttpRequest, issue: Issue, challenge: str) -> Refusal:
    who = ("unknown", network_of(request))
    wait = seconds_to_wait(who, UNKNOWN_PER_MINUTE, request.now)  # type: ignore[attr-defined]
    if wait:
        return Refusal(429, [TOO_FAST], {"Retry-After": str(wait)})
    return Refusal(401, [issue], {"WWW-Authenticate": challenge})


INVALID = 'Bearer error="invalid_token"'
TOO_FAST = Issue(
    "throttled",
    "caller.too_fast",
    "Trop de demandes : attendez le nombre de secondes dit par Retry-After, puis reprenez.",
    "Too many requests: wait for Retry-After seconds.",
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
OUT_OF_SCOPE = Issue(
    "forbidden",
    "caller.scope",
    "L’autorisation donnée à ce système ne comprend pas cette demande.",
    "The scopes granted to this client do not include the request.",
)
