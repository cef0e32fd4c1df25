"""Who holds a token: the same actor as that of a page, judged again at each call."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db.models import (
    BinaryField,
    Func,
    QuerySet,
    TextField,
    UUIDField,
    Value,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.utils import timezone

from cordee.access.actor import Actor, Origin, Role
from cordee.access.models import Account
from cordee.access.sight import HOUSE, by_the_house, run_for
from cordee.access.stencil import Stencil, Word
from cordee.directory.models import Membership
from cordee.partners.models import Client, Grant, Token
from cordee.partners.policy import MAY_ALLOW
from cordee.partners.rules.scopes import Scopes, read, within
from cordee.partners.sealing import hash_of
from cordee.people.hats import Hat, Quality, actor_wearing, hats_in, hats_of, held_by

OF_A_SYSTEM = MAY_ALLOW - {Role.PERSON, Role.RELATIVE} | {Role.PARTNER}
"""The roles under which a system may act."""


ITSELF = "0"  # the kind of the row of the token, before those of hats


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
    grant_id: UUID | None = None


@by_the_house
def token_told(secret: str) -> Token | None:
    """Find a token by itself, with all that it hangs from. One query.

    By the house: nobody is known before a token is read.
    """
    whole = ("client__membership__account", "grant__account")
    return Token.objects.select_related(*whole).filter(digest=hash_of(secret)).first()


@Stencil
def _itself(digest: Word) -> QuerySet[Token, Any]:
    """A token with all that it hangs from, as JSON, and the account that it acts as."""
    opens = Func(Value(digest), Value("hex"), function="decode", output_field=BinaryField())
    told = Cast(JSONObject(**{name: name for name in TOLD}), TextField())
    acts = Coalesce("grant__account", "client__membership__account")
    rows = Token.objects.filter(digest=opens).annotate(told=told, acts=acts)
    return rows.order_by().values_list("pk", "told", "acts")


@Stencil
def _held(day: date) -> QuerySet[Any, Any]:
    """All that the account of the token found beside may act in."""
    practised, *others = held_by(RawSQL("SELECT acts FROM token", [], UUIDField()), day)
    return practised.union(*others, all=True)


# The token is found once, as a row of its own kind (`ITSELF`), before those of hats.
_TOGETHER = """WITH token AS MATERIALIZED ({itself}) SELECT '0' AS kind, 0::bigint AS place, pk,
    told, '' AS name, NULL::uuid AS of, NULL::uuid AS by FROM token UNION ALL ({held})"""
_IN_ORDER = "WITH {reader} held AS ({seen}) TABLE held ORDER BY kind, place, pk"


OF_THE_TOKEN = ("kind", "scopes", "expires_at", "ended_at", "client_id", "grant_id")
OF_THE_CLIENT = ("scopes", "per_minute", "suspended_at", "membership_id")
OF_THE_GRANT = ("hat", "ended_at", "ends_at", "person_id")
OF_ITS_ACCOUNT = ("id", "name", "is_active")
BY_ROLE, BY_GRANT = "client__membership__account__", "grant__account__"
TOLD = (
    *OF_THE_TOKEN,
    *(f"client__{name}" for name in OF_THE_CLIENT),
    *(f"grant__{name}" for name in OF_THE_GRANT),
    *(f"{path}{name}" for path in (BY_ROLE, BY_GRANT) for name in OF_ITS_ACCOUNT),
)


def _rows(secret: str, now: datetime) -> tuple[tuple[Any, ...], ...]:
    """Find a token by itself, with the hats of its account. One query, planned once.

    By the house: nobody is known before a token is read.
    """
    itself, digest = _itself.said(digest=Word(hash_of(secret).hex()))
    held, day = _held.said(day=timezone.localdate(now))
    return tuple(run_for(HOUSE, _IN_ORDER, _together(itself, held), [*digest, *day]))


@lru_cache(8)
def _together(itself: str, held: str) -> str:
    return _TOGETHER.format(itself=itself, held=held)


@lru_cache(1_000)
def _said_by(rows: tuple[tuple[Any, ...], ...]) -> tuple[Token, Holder | None]:
    """The token that its rows tell, and who comes in by it while it lives; None: nobody does.

    Rows are read at each call; the same ones always say the same. Whoever asks changes nothing of
    what is given: others are given it.
    """
    itself, *held = map(Quality._make, rows)
    told = {
        name: datetime.fromisoformat(one) if one and name.endswith("_at") else one
        for name, one in orjson.loads(itself.word).items()
    }
    token = _token(itself.pk, told)
    return token, _holder(token, hats_in(held))


def _token(pk: UUID, told: dict[str, Any]) -> Token:
    """A token as the tables hold it, with what it hangs from."""

    def of(prefix: str, names: Iterable[str]) -> dict[str, Any]:
        found = {name: told[prefix + name] for name in names}
        return {
            name: UUID(one) if one and name.endswith("id") else one for name, one in found.items()
        }

    token = Token(pk=pk, **of("", OF_THE_TOKEN))
    token.client = Client(pk=token.client_id, **of("client__", OF_THE_CLIENT))
    if token.client.membership_id:
        by_role = Account(**of(BY_ROLE, OF_ITS_ACCOUNT))
        token.client.membership = Membership(pk=token.client.membership_id, account=by_role)
    if token.grant_id:
        account = Account(**of(BY_GRANT, OF_ITS_ACCOUNT))
        token.grant = Grant(pk=token.grant_id, account=account, **of("grant__", OF_THE_GRANT))
    return token


def holder_of(secret: str, now: datetime) -> Holder:
    """Say who comes in by an access token. Raises Unadmitted. One query, planned once.

    Nothing is believed from one call to the next: a role that ended, an account that was closed, an
    application suspended or taken back shut the door at once.
    """
    rows = _rows(secret, now)
    if not rows or rows[0][0] != ITSELF:
        raise Unadmitted
    token, holder = _said_by(rows)
    if token.kind != Token.Kind.ACCESS:
        raise Unadmitted
    if holder is None or not is_live(token, now):
        raise Unadmitted(token.client_id)
    return holder


def _holder(token: Token, hats: Iterable[Hat]) -> Holder | None:
    """Who comes in by a token that lives, as long as they may act."""
    account, hat = _worn(token, hats)
    given = token.grant.person_id if token.grant else None
    scopes = _narrowed(token.scopes, token.client.scopes)
    if account is None or hat is None or (scopes.is_of_one_person and given is None):
        return None  # what is about one person alone, and nobody says whom, opens nothing
    only = given if scopes.is_of_one_person else None
    return Holder(
        actor=replace(_acting(account, hat, token), only_person=only),
        scopes=scopes,
        client_id=token.client_id,
        per_minute=token.client.per_minute,
        token_id=token.pk,
        expires_at=token.expires_at,
        patient_id=only,
        grant_id=token.grant_id,
    )


@lru_cache(1_000)
def _narrowed(asked: str, most: str) -> Scopes:
    """Scopes are narrowed again at each call; the same words always give the same."""
    return within(read(asked), read(most))


def _worn(token: Token, hats: Iterable[Hat]) -> tuple[Account | None, Hat | None]:
    """The account that a token acts as, and its hat, as long as both hold."""
    if token.grant:
        account, key = token.grant.account, token.grant.hat
    elif token.client.membership:
        account, key = token.client.membership.account, str(token.client.membership_id)
    else:
        return None, None
    if not account.is_active:
        return None, None
    hat = next((one for one in hats if one.key == key), None)
    return account, hat if hat and (token.grant or hat.role in OF_A_SYSTEM) else None


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


def system_now(client: Client, scopes: str, now: datetime, session: UUID) -> tuple[Actor, Scopes]:
    """Judge a system again, without a token, for what goes on after its call. Raises Unadmitted.

    Gives its actor, and what is left of the scopes that it had. One query.
    """
    held = client.suspended_at is None and client.is_system
    account, hat = acting_as(client, now) if held else (None, None)
    if account is None or hat is None:
        raise Unadmitted(client.pk)
    actor = replace(actor_wearing(account, hat, session.hex[-8:]), origin=Origin.FHIR)
    return actor, within(read(scopes), client.most)


def wearing(account: Account, key: str, now: datetime) -> tuple[Account | None, Hat | None]:
    """Give an account and one of its hats, as long as both hold. One query."""
    if not account.is_active:
        return None, None
    return account, next((one for one in hats_of(account, now) if one.key == key), None)


def _acting(account: Account, hat: Hat, token: Token) -> Actor:
    # The last digits of an identifier are drawn at random; the first ones tell the time.
    session = (token.grant_id or token.client_id).hex[-8:]
    return replace(actor_wearing(account, hat, session), origin=Origin.FHIR)
