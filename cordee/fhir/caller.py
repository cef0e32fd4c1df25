"""Who calls: the same actor as behind a page, and the scopes that narrow what it may do here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.http import HttpRequest

from cordee.access.actor import Actor, Origin
from cordee.fhir.outcome import Issue, Refusal

EVERYTHING = "*"
INTERACTIONS = "cruds"


@dataclass(frozen=True)
class Scopes:
    """What a token lets through: interactions (create, read, update, delete, search) by type.

    They narrow what the policy gives its actor, and never widen it.
    """

    granted: Mapping[str, str] = field(default_factory=dict)

    def allow(self, resource_type: str, interaction: str) -> bool:
        """Say whether an interaction, one letter of `cruds`, is within the scopes."""
        given = self.granted.get(resource_type, "") + self.granted.get(EVERYTHING, "")
        return interaction in given


ALL_SCOPES = Scopes({EVERYTHING: INTERACTIONS})


@dataclass(frozen=True)
class Caller:
    """The actor of a call, what its scopes let through, and the client and person it is about."""

    actor: Actor
    scopes: Scopes
    client_id: UUID | None = None
    patient_id: UUID | None = None


def caller_of(request: HttpRequest) -> Caller:
    """Say who calls. Raises Refusal (401): nobody is known."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.account_id is None:
        raise Refusal(401, [UNKNOWN], {"WWW-Authenticate": "Bearer"})
    return Caller(replace(actor, origin=Origin.FHIR), ALL_SCOPES)


UNKNOWN = Issue(
    "login",
    "caller.unknown",
    "Identifiez-vous : cette porte ne répond qu’à un système ou à une personne connus.",
    "Authentication is required.",
)
