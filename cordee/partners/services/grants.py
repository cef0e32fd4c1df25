"""What somebody allows to an application, and takes back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.partners.models import Client, Code, Grant
from cordee.partners.rules.lives import lives
from cordee.partners.rules.scopes import OFFLINE, Scopes
from cordee.partners.sealing import hash_of
from cordee.partners.services.proofs import take_proof
from cordee.people.hats import Hat

USED = (
    "Cette ouverture a déjà servi. Rien n’a été autorisé\u00a0: rouvrez l’application depuis la "
    "page de la personne."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What was allowed on the page, and the code that the application exchanges for it."""

    hat: Hat
    scopes: Scopes
    code: str
    redirect_uri: str
    challenge: str
    nonce: str = ""
    person_id: UUID | None = None
    launch: str = ""


@action("partners.allow", on="client")
def allow(*, actor: Actor, client: Client, allowed: Allowed, now: datetime) -> Grant:
    """Let an application act in one's name, under the hat chosen, for a time."""
    held = lives(now)
    if allowed.launch and not take_proof(client, allowed.launch, now + 2 * held.launch):
        raise DomainError("partners.launch_used", USED)
    life = held.away if OFFLINE in allowed.scopes.others else held.present
    grant = Grant.objects.create(
        client=client,
        account_id=actor.signatory,
        hat=allowed.hat.key,
        label=allowed.hat.label,
        scopes=str(allowed.scopes),
        person_id=allowed.person_id,
        given_at=now,
        ends_at=now + life,
    )
    Code.objects.create(
        grant=grant,
        digest=hash_of(allowed.code),
        redirect_uri=allowed.redirect_uri,
        challenge=allowed.challenge,
        nonce=allowed.nonce,
        expires_at=now + held.code,
    )
    return grant


@action("partners.take_back", on="grant")
def take_back(*, actor: Actor, grant: Grant, now: datetime) -> None:
    """Stop at once what was allowed: every key that hangs from it opens nothing more."""
    end(grant, Grant.Why.TAKEN_BACK, now)


def end(grant: Grant, why: Grant.Why, now: datetime) -> None:
    """End a grant, and with it its keys. Inside a gesture."""
    Grant.objects.filter(pk=grant.pk, ended_at=None).update(ended_at=now, ended_why=why)
