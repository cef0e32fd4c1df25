"""The keys by which the house signs: made when they are needed, and turned before they are old."""

from datetime import datetime

import orjson
from django.db import connection
from joserfc.jwk import RSAKey

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.identifiers import uuid7
from cordee.partners.models import SigningKey
from cordee.partners.rules.lives import lives
from cordee.partners.sealing import seal, unseal
from cordee.partners.selectors.keys import signing_key

ALGORITHM, BITS = "RS256", 2_048
"""What OpenID Connect asks every client to read."""


@action("partners.turn_keys", on=None)
def turn_keys(*, actor: Actor, now: datetime) -> None:
    """Make the next key when the one that signs is in its last week."""
    held = signing_key(now)
    if held is None or held.until - now < lives(now).signing_key / 12:
        make_key(now)


def key_that_signs(now: datetime) -> RSAKey:
    """Give the private key of the moment; the first one is made on the way. Inside a gesture."""
    held = signing_key(now) or make_key(now)
    return RSAKey.import_key(orjson.loads(unseal(held.sealed, held.pk)))


def make_key(now: datetime) -> SigningKey:
    """Make a pair, once when several ask at the same moment. Inside a gesture."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('partners.keys'))")
    latest = SigningKey.objects.order_by("-since", "-pk").first()
    if latest is not None and latest.since == now:
        return latest
    pk, held = uuid7(), lives(now)
    pair = RSAKey.generate_key(BITS, {"kid": str(pk), "alg": ALGORITHM, "use": "sig"})
    return SigningKey.objects.create(
        pk=pk,
        public=pair.as_dict(private=False),
        sealed=seal(orjson.dumps(pair.as_dict(private=True)), pk),
        since=now,
        until=now + held.signing_key,
        published_until=now + held.signing_key + held.published_after,
    )
