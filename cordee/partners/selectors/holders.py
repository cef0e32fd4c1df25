"""Who holds a token: the same actor as that of a page, judged again at each call."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor, Origin, Role
from cordee.access.models import Account
from cordee.access.sight import by_the_house
from cordee.partners.models import Client, Token
from cordee.partners.policy import MAY_ALLOW
from cordee.partners.rules.scopes import Scopes, read, within
from cordee.partners.sealing import hash_of
from cordee.people.hats import Hat, actor_wearing, hats_of

OF_A_SYSTEM = MAY_ALLOW - {Role.PERSON, Role.RELATIVE} | {Role.PARTNER}
"""The roles under which a system may act."""


class Unadmitted(Exception):  # noqa: N818 — what it says
    """A token opens nothing. `code` is stable; it does not say whether the token ever existed."""

    code = "partners.unadmitted"

    def __init__(self, client_id: UUID | None = None) -> None:
        super().__init__()
        self.client_id = client_id  # for its own journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who comes in: the actor, what their application may do at most, and about whom only."""

    actor: Actor
    scopes: Scopes
    client_id: UUID
    per_minute: int
    token_id: UUID
    expires_at: datetime
    patient_id: UUID | None = None


@by_the_house
def token_told(secret: str) -> Token | None:
    """Find a token by itself, with all that it hangs from. One query.

    By the house: nobody is known before a token is read.
    """
    whole = ("client__membership__account", "grant__account")
    return Token.objects.select_related(*whole).filter(digest=hash_of(secret)).first()


def holder_of(secret: str, now: datetime) -> Holder:
    """Say who comes in by an access token. Raises Unadmitted. Two queries.

    Nothing is remembered from one call to the next: a role that ended, an account that was closed,
    an application suspended or taken back shut the door at once.
    """
    token = token_told(secret)
    if token is None or token.kind != Token.Kind.ACCESS:
        raise Unadmitted
    account, hat = wearer(token, now) if is_live(token, now) else (None, None)
    if account is None or hat is None:
        raise Unadmitted(token.client_id)
    given = token.grant.person_id if token.grant else None
    scopes = within(read(token.scopes), token.client.most)
    if scopes.is_of_one_person and given is None:
        raise Unadmitted(
            token.client_id
        )  # what is about one person alone, and nobody says whom, opens nothing
    only = given if scopes.is_of_one_person else None
    return Holder(
        actor=replace(_acting(account, hat, token), only_person=only),
        scopes=scopes,
        client_id=token.client_id,
        per_minute=token.client.per_minute,
        token_id=token.pk,
        expires_at=token.expires_at,
        patient_id=only,
    )


def is_live(token: Token, now: datetime) -> bool:
    """Say whether nothing ended a token, its grant, or who uses them."""
    grant = token.grant
    holds = token.ended_at is None and token.expires_at > now
    allowed = grant is None or (grant.ended_at is None and grant.ends_at > now)
    return holds and allowed and token.client.suspended_at is None


def wearer(token: Token, now: datetime) -> tuple[Account | None, Hat | None]:
    """Give the account that a token acts as, and its hat, as long as both hold. One query."""
    return (
        wearing(token.grant.account, token.grant.hat, now)
        if token.grant
        else acting_as(token.client, now)
    )


def acting_as(client: Client, now: datetime) -> tuple[Account | None, Hat | None]:
    """Give the account and hat of a system, as long as both hold. One query."""
    if client.membership is None:
        return None, None
    account, hat = wearing(client.membership.account, str(client.membership_id), now)
    return account, hat if hat and hat.role in OF_A_SYSTEM else None


def wearing(account: Account, key: str, now: datetime) -> tuple[Account | None, Hat | None]:
    """Give an account and one of its hats, as long as both hold. One query."""
    if not account.is_active:
        return None, None
    return account, next((one for one in hats_of(account, now) if one.key == key), None)


def _acting(account: Account, hat: Hat, token: Token) -> Actor:
    # The last digits of an identifier are drawn at random; the first ones tell the time.
    session = (token.grant_id or token.client_id).hex[-8:]
    return replace(actor_wearing(account, hat, session), origin=Origin.FHIR)
