"""Who is in front of the screen, told to an application that asked: OpenID Connect."""

from datetime import datetime, timedelta
from typing import Any

from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode

from cordee.access.models import Account
from cordee.partners.models import Client, Grant
from cordee.partners.oauth.asked import Asked
from cordee.partners.oauth.server import addresses
from cordee.partners.rules.scopes import FHIR_USER, read
from cordee.partners.selectors.holders import wearing
from cordee.partners.services.keys import ALGORITHM, key_that_signs
from cordee.people.hats import Hat

LIFE = timedelta(minutes=5)


class IdToken(OpenIDCode):
    """A signed word on who signed in: an identifier, and which resource of ours they are."""

    def exists_nonce(self, nonce: str, request: Asked) -> bool:
        """A nonce is the application's own guard; codes are worth once here."""
        return False

    def get_client_algorithm(self, client: Client) -> str:
        return ALGORITHM

    def encode_id_token(self, token: dict[str, Any], request: Asked) -> str:
        self.key, self.now = key_that_signs(request.now), request.now
        return str(super().encode_id_token(token, request))

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": ALGORITHM, "kid": self.key.kid}

    def resolve_client_private_key(self, client: Client) -> Any:
        return self.key

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        at = int(self.now.timestamp())
        until = at + int(LIFE.total_seconds())
        return {"iss": addresses()["issuer"], "aud": str(client.pk), "iat": at, "exp": until}

    def get_compatible_claims(self, request: Asked) -> dict[str, Any]:
        claims = super().get_compatible_claims(request)
        if FHIR_USER in read(request.authorization_code.get_scope()).others:
            claims |= fhir_user(request.authorization_code.grant, request.now)
        return claims

    def generate_user_info(self, user: Account, scope: str) -> UserInfo:
        return UserInfo(sub=str(user.pk))


def fhir_user(grant: Grant, now: datetime) -> dict[str, str]:
    """Say which resource of ours they are; nothing for who is in no directory of care."""
    return resource_of(wearing(grant.account, grant.hat, now)[1])


def resource_of(hat: Hat | None) -> dict[str, str]:
    """Say which resource of ours somebody is under a hat; nothing when they are none."""
    base = addresses()["base"]
    if hat is not None and hat.practitioner_id:
        return {"fhirUser": f"{base}/Practitioner/{hat.practitioner_id}"}
    if hat is not None and hat.relative_id:
        return {"fhirUser": f"{base}/RelatedPerson/{hat.relative_id}"}
    if hat is not None and hat.role.value == "person":
        return {"fhirUser": f"{base}/Patient/{hat.person_id}"}
    return {}
