"""A passkey made of software, that answers as a browser does, and that can be copied."""

import json
from hashlib import sha256

from allauth.account.utils import user_pk_to_url_str
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

HERE = "http://testserver"
FLAGS = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class SoftKey:
    """One key; its counter is given, as a copy would have its own."""

    def __init__(self, identifier=b"une cle de test."):
        self.secret = ec.generate_private_key(ec.SECP256R1())
        self.identifier = identifier
        self.place = sha256(b"testserver").digest()

    def made(self, challenge, counter=0):
        """What a browser gives when a key is added."""
        public = ES256.from_cryptography_key(self.secret.public_key())
        data = AttestedCredentialData.create(b"\0" * 16, self.identifier, public)
        flags = FLAGS | AuthenticatorData.FLAG.AT
        seen = AuthenticatorData.create(self.place, flags, counter, data)
        said = CollectedClientData.create("webauthn.create", challenge, HERE)
        parts = {"attestationObject": AttestationObject.create("none", seen, {})}
        return self._told({"clientDataJSON": said} | parts)

    def used(self, challenge, account, counter=0):
        """What a browser gives when a key answers."""
        said = CollectedClientData.create("webauthn.get", challenge, HERE)
        seen = AuthenticatorData.create(self.place, FLAGS, counter)
        signature = self.secret.sign(seen + said.hash, ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": said, "authenticatorData": seen, "signature": signature}
        return self._told(parts | {"userHandle": user_pk_to_url_str(account).encode()})

    def _told(self, parts):
        written = {name: websafe_encode(part) for name, part in parts.items()}
        name = websafe_encode(self.identifier)
        told = {"id": name, "rawId": name, "type": "public-key", "response": written}
        return told | {"clientExtensionResults": {"credProps": {"rk": True}}}


def text(told):
    """A credential as the hidden field holds it."""
    return told if isinstance(told, str) else json.dumps(told)
