"""Giving back a token (RFC 7009), and asking what one's own is good for (RFC 7662)."""

from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from cordee.partners.models import Client, Grant, Token
from cordee.partners.oauth.asked import Asked
from cordee.partners.oauth.server import METHODS, SERVER, addresses
from cordee.partners.sealing import hash_of
from cordee.partners.selectors.holders import is_live, wearer
from cordee.partners.services.grants import end

WHOLE = ("client__membership__account", "grant__account")


def _told(secret: str) -> Token | None:
    return Token.objects.select_related(*WHOLE).filter(digest=hash_of(secret)).first()


class GivingBack(RevocationEndpoint):
    """A refresh token takes its family with it; an access token goes alone."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        return _told(token_string)

    def revoke_token(self, token: Token, request: Asked) -> None:
        if token.kind == Token.Kind.REFRESH and token.grant:
            end(token.grant, Grant.Why.GIVEN_BACK, request.now)
        Token.objects.filter(pk=token.pk, ended_at=None).update(ended_at=request.now)


class Introspection(IntrospectionEndpoint):
    """A client asks of its own tokens; of those of others it learns nothing."""

    CLIENT_AUTH_METHODS = ["private_key_jwt"]

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        return _told(token_string)

    def check_permission(self, token: Token, client: Client, request: Asked) -> bool:
        account, hat = wearer(token, request.now)
        live = is_live(token, request.now) and account is not None and hat is not None
        return token.client_id == client.pk and live

    def create_introspection_payload(self, token: Token | None) -> dict[str, Any]:
        return self.introspect_token(token) if token else {"active": False}

    def introspect_token(self, token: Token) -> dict[str, Any]:
        said: dict[str, Any] = {
            "active": True,
            "client_id": str(token.client_id),
            "scope": token.scopes,
            "token_type": "Bearer",
            "iss": addresses()["issuer"],
            "iat": int(token.issued_at.timestamp()),
            "exp": int(token.expires_at.timestamp()),
        }
        if token.grant:
            said["sub"] = str(token.grant.account_id)
        if token.grant and token.grant.person_id:
            said["patient"] = str(token.grant.person_id)
        return said


SERVER.register_endpoint(GivingBack)
SERVER.register_endpoint(Introspection)
