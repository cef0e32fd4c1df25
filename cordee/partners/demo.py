"""A made-up partner: the software of a desk, which listens to what is asked of it.

It proves itself as a real one does; its key is drawn from the secret of this house, and kept
nowhere.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from joserfc import jwt
from joserfc.jwk import ECKey

from cordee.access.actor import Actor, Purpose, Role
from cordee.directory.kinds import MembershipRole
from cordee.directory.models import Membership
from cordee.kernel.identifiers import uuid7
from cordee.partners import selectors, services
from cordee.partners.models import Client
from cordee.partners.oauth.server import addresses

NAME = "Logiciel d’essai du service"
SCOPES = "system/*.rs system/Subscription.cruds"
CRITERIA = "Task?status=requested"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def load(now: datetime) -> None:
    """Register it and let it subscribe. Safe to run again."""
    administrator = _somebody(MembershipRole.ADMINISTRATOR)
    coordinator = _somebody(MembershipRole.COORDINATOR)
    if partner() or administrator is None or coordinator is None:
        return
    said = services.Registered(
        name=NAME,
        publisher="Cordée, pour essayer",
        kind=Client.Kind.SYSTEM,
        scopes=SCOPES,
        jwks={"keys": [_key().as_dict(private=False)]},
        organization=coordinator.organization,
        role=MembershipRole.COORDINATOR,
    )
    actor = Actor(
        role=Role.ADMINISTRATOR,
        account_id=administrator.account_id,
        purpose=Purpose.ADMINISTRATION,
    )
    client = services.register(actor=actor, said=said, now=now)
    _mark_as_made_up(client)
    itself, scopes = selectors.system_now(client, SCOPES, now, client.pk)
    wanted = services.Wanted(
        kind="Task",
        criteria=CRITERIA,
        endpoint="",
        content="id-only",
        reason="Savoir aussitôt ce qui est demandé au service",
    )
    whose = services.For(client.pk, None, str(scopes))
    services.subscribe(actor=itself, wanted=wanted, whose=whose, now=now)


def partner() -> Client | None:
    """The partner, once it is made up."""
    return Client.objects.filter(name=NAME, membership__account__is_demonstration=True).first()


def proved(client: Client, now: datetime) -> dict[str, str]:
    """What it posts to be given a token: its proof holds for some minutes."""
    claims = {
        "iss": str(client.pk),
        "sub": str(client.pk),
        "aud": addresses()["token"],
        "jti": str(uuid7()),
        "exp": int((now + timedelta(minutes=4)).timestamp()),
    }
    key = _key()
    proof = jwt.encode({"alg": "ES384", "kid": key.kid}, claims, key, ["ES384"])
    asked = {"grant_type": "client_credentials", "scope": SCOPES}
    return asked | {"client_assertion_type": ASSERTION, "client_assertion": proof}


def _key() -> ECKey:
    drawn = sha256(b"partner of the demonstration" + settings.SECRET_KEY.encode()).digest()
    private = derive_private_key(int.from_bytes(drawn), SECP384R1())
    written = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return ECKey.import_key(written, {"kid": "essai"})


def _somebody(role: str) -> Membership | None:
    found = Membership.objects.filter(role=role, account__is_demonstration=True)
    return found.select_related("organization").order_by("pk").first()


def _mark_as_made_up(client: Client) -> None:
    """A house that opens to real persons refuses to start with it."""
    if client.membership is not None:
        account = client.membership.account
        account.is_demonstration = True
        account.save(update_fields=["is_demonstration"])
