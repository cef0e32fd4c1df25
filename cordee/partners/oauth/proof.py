"""The proof by which a client shows who it is: signed by its own key, for us, now, once."""

from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from cordee.partners.models import Client
from cordee.partners.oauth.keys import keys_of
from cordee.partners.rules.keys import ALGORITHMS
from cordee.partners.rules.lives import PROOF, SKEW
from cordee.partners.services.proofs import take_proof

UNPROVED = "The client assertion is not accepted"
"""Said of each one: which part of it was wrong tells more to who forges than to who errs."""


class SignedProof(JWTBearerClientAssertion):
    """RFC 7523, as SMART narrows it: two algorithms, a `kid`, five minutes, and a `jti` of one use.

    Nothing of the header is trusted: the key is one that was registered, never one that it brings.
    """

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, now: datetime, audiences: list[str]) -> None:
        super().__init__(leeway=int(SKEW.total_seconds()))
        self.now, self.audiences, self.kid = now, audiences, ""
        self.client: Client | None = None

    def get_audiences(self) -> list[str]:
        return self.audiences

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
        headers, claims = super().extract_assertion(assertion)
        kid = headers.get("kid")
        if headers.get("alg") not in ALGORITHMS or not isinstance(kid, str):
            raise InvalidClientError(description=UNPROVED)
        self.kid = kid
        return headers, claims

    def resolve_client_public_key(self, client: Client) -> jwk.KeySet:
        """The key of that name, among those registered. Raises InvalidClientError."""
        self.client = client
        if client.kind == Client.Kind.DEVICE or client.suspended_at is not None:
            raise InvalidClientError(description=UNPROVED)
        found = keys_of(client, self.kid, self.now)
        if found is None:
            raise InvalidClientError(description=UNPROVED)
        return found

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> dict[str, Any]:
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidClientError(description=UNPROVED) from error
        self.verify_claims(token.claims)
        return token.claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        at, leeway = int(self.now.timestamp()), self.leeway
        asked = {name: {"essential": True} for name in ("iss", "sub", "exp", "jti")}
        asked["aud"] = {"essential": True, "values": self.audiences}  # type: ignore[dict-item]
        try:
            jwt.JWTClaimsRegistry(now=lambda: at, leeway=leeway, **asked).validate(claims)  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidClientError(description=UNPROVED) from error
        if claims["sub"] != claims["iss"] or claims["exp"] > at + PROOF.total_seconds() + leeway:
            raise InvalidClientError(description=UNPROVED)
        if not self.validate_jti(claims, claims["jti"]):
            raise InvalidClientError(description=UNPROVED)

    def validate_jti(self, claims: dict[str, Any], jti: Any) -> bool:
        """Take it, once: the database says whether it is the first time."""
        if not isinstance(jti, str) or not 0 < len(jti) <= 500 or self.client is None:
            return False
        return take_proof(self.client, jti, self.now + PROOF + 2 * SKEW)
