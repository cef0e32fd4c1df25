"""Applications and systems that come in, made up for tests, with keys that sign for real."""

from datetime import date, timedelta
from functools import cache
from typing import Any, cast

import factory
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from cordee.kernel.identifiers import uuid7
from cordee.partners.models import (
    Client,
    Code,
    Delivery,
    Grant,
    Subscription,
    Tally,
    Token,
)
from tests.factories.base import RecordFactory
from tests.factories.directory import MembershipFactory
from tests.support import NOW

TOKEN_URL = "http://127.0.0.1:8000/fhir/oauth/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BACK = "https://application.exemple.fr/retour"
PAST = date(2026, 1, 1)


@cache
def key(kid: str = "ec-1", algorithm: str = "ES384") -> Any:
    """A pair of keys, the same each time for a name."""
    if algorithm == "ES384":
        return ECKey.generate_key("P-384", {"kid": kid})
    return RSAKey.generate_key(2_048, {"kid": kid})


def shown(*pairs: Any) -> dict[str, Any]:
    """The public half, as a partner gives it."""
    return {"keys": [one.as_dict(private=False) for one in pairs]}


class SystemFactory(RecordFactory):
    """A software of a partner that comes in by itself, under a role."""

    class Meta:
        model = Client

    name = factory.Sequence("Logiciel partenaire {}".format)
    publisher = "Éditeur d’essai"
    kind = Client.Kind.SYSTEM
    scopes = "system/*.cruds"
    jwks = factory.LazyFunction(lambda: shown(key(), key("rsa-1", "RS384")))
    membership = factory.SubFactory(MembershipFactory, since=PAST, account__is_machine=True)


class AppFactory(RecordFactory):
    """An application that people open, without a key."""

    class Meta:
        model = Client

    name = factory.Sequence("Application {}".format)
    publisher = "Éditeur d’essai"
    kind = Client.Kind.DEVICE
    scopes = (
        "openid fhirUser launch launch/patient offline_access online_access user/*.rs patient/*.rs"
    )
    redirect_uris = [BACK]


class BesideAppFactory(AppFactory):
    """An application that opens from the page of a person."""

    launch_url = "https://application.exemple.fr/ouvrir?vue=visites"
    launch_roles = ["coordinator"]


class ServerAppFactory(AppFactory):
    """An application on a server, which proves itself by its keys."""

    kind = Client.Kind.SERVER
    jwks = factory.LazyFunction(lambda: shown(key()))


class SubscriptionFactory(RecordFactory):
    """A system that is told, at its address, of the tasks that wait."""

    class Meta:
        model = Subscription
        skip_postgeneration_save = True

    client = factory.SubFactory(SystemFactory)
    account = factory.LazyAttribute(lambda one: one.client.membership.account)
    holder = factory.LazyAttribute(lambda one: one.client.pk.hex[-8:])
    scopes = "system/*.cruds"
    kind = "Task"
    criteria = "Task?status=requested"
    endpoint = "https://logiciel.exemple.fr/cordee"
    reason = "Prévenir le logiciel du service"
    since_at = NOW

    @factory.post_generation
    def tally(self, create: bool, extracted: Any, **more: Any) -> None:
        """How many it was told."""
        Tally.objects.create(subscription=cast("Subscription", self), **more)


class DeliveryFactory(factory.django.DjangoModelFactory):
    """One thing that it is to be told."""

    class Meta:
        model = Delivery

    subscription = factory.SubFactory(SubscriptionFactory)
    number = factory.Sequence(lambda rank: rank + 1)
    kind = "Task"
    resource_id = factory.LazyFunction(uuid7)
    row_version = "1"
    happened_at = NOW
    due_at = NOW


def claims(client: Client, now=NOW, **changed: Any) -> dict[str, Any]:
    """What a client says in its proof."""
    said: dict[str, Any] = {
        "iss": str(client.pk),
        "sub": str(client.pk),
        "aud": TOKEN_URL,
        "jti": str(uuid7()),
    }
    said["exp"] = int((now + timedelta(minutes=4)).timestamp())
    return {name: value for name, value in (said | changed).items() if value is not None}


def proof(client: Client, pair: Any = None, algorithm: str = "ES384", **changed: Any) -> str:
    """A proof, signed as a partner signs it."""
    pair = pair or key()
    header = {"alg": algorithm, "kid": pair.kid}
    return jwt.encode(header, claims(client, **changed), pair, [algorithm])


def asks(client: Client, signed: str | None = None, **more: Any) -> dict[str, Any]:
    """What a system posts to be given a token."""
    said = {"grant_type": "client_credentials", "scope": "system/Patient.rs"}
    said |= {"client_assertion_type": ASSERTION, "client_assertion": signed or proof(client)}
    return said | more


def allowed_by(account: Any, person: Any = None, label: str = "coordination") -> Grant:
    """An application that somebody lets act in their name, and whose contact they are."""
    app = AppFactory(contact=account)
    until = NOW + timedelta(days=30)
    said = {"client": app, "account": account, "hat": "chapeau", "label": label}
    said |= {"scopes": "patient/Patient.r", "person": person, "given_at": NOW, "ends_at": until}
    grant = Grant.objects.create(**said)
    digest = uuid7().bytes * 2
    about = {"grant": grant, "digest": digest, "expires_at": until}
    Code.objects.create(redirect_uri=BACK, challenge="c" * 43, **about)
    kept = {"client": app, "kind": "access", "scopes": grant.scopes, "issued_at": NOW}
    Token.objects.create(**about, **kept)
    return grant


def not_delivered_to(grant: Grant) -> Delivery:
    """What an application that somebody allowed could not be told."""
    said = {"client": grant.client, "grant": grant, "account": grant.account}
    one = SubscriptionFactory(**said, holder=grant.pk.hex[-8:], scopes=grant.scopes)
    told = {"state": "dead", "due_at": None, "fault": "refused.410"}
    return cast("Delivery", DeliveryFactory(subscription=one, person=grant.person, **told))
