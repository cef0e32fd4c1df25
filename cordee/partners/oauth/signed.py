"""Sign what the house sends to a partner: HTTP Message Signatures, by the keys that it shows.

Source: RFC 9421 (§ 2.5, § 3.1; `rsa-v1_5-sha256`, § 3.3.2), RFC 9530 (`Content-Digest`). There is
no secret to share: the partner reads the public keys at `jwks_uri`, by their `kid`.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from cordee.partners.sealing import unseal
from cordee.partners.selectors.keys import signing_key

LABEL = "cordee"


class Unsigned(Exception):  # noqa: N818 — what it says
    """The house has no key that signs now: one has to be made."""


def signed(url: str, body: bytes, headers: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The headers of a POST to an address, with their signature. Raises Unsigned. One query.

    What is signed: the method, the whole address, the digest of the body, and every header given.
    """
    key = signing_key(now)
    if key is None:
        raise Unsigned
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    sent = {**headers, "Content-Digest": f"sha-256=:{digest}:"}
    said = {"@method": "POST", "@target-uri": _target(url)}
    said |= {name.lower(): value for name, value in sent.items()}
    names = " ".join(f'"{name}"' for name in said)
    created = int(now.timestamp())
    how = f'({names});created={created};keyid="{key.pk}";alg="rsa-v1_5-sha256"'
    lines = [f'"{name}": {value}' for name, value in said.items()]
    base = "\n".join([*lines, f'"@signature-params": {how}']).encode()
    private = RSAKey.import_key(orjson.loads(unseal(key.sealed, key.pk))).private_key
    if not isinstance(private, RSAPrivateKey):
        raise Unsigned
    signature = base64.b64encode(private.sign(base, PKCS1v15(), SHA256())).decode()
    return sent | {"Signature-Input": f"{LABEL}={how}", "Signature": f"{LABEL}=:{signature}:"}


def _target(url: str) -> str:
    """An address as it is received: an empty path is « / »."""
    parts = urlsplit(url)
    return parts._replace(path=parts.path or "/", fragment="").geturl()
