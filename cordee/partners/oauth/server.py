"""The server of OAuth: the library's, with our tables, our lives, and our two ways in."""

from collections.abc import Iterable
from typing import Any, cast

import orjson
from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidScopeError
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from cordee.partners import parts
from cordee.partners.models import Client
from cordee.partners.oauth.asked import Asked
from cordee.partners.oauth.proof import SignedProof
from cordee.partners.rules.scopes import (
    OFFLINE,
    ONLINE,
    Scopes,
    Unread,
    ask,
    of_one_context,
    read,
    within,
)
from cordee.partners.sealing import new_secret
from cordee.partners.selectors.clients import client_known_as

METHODS = ["private_key_jwt", "none"]


def addresses() -> dict[str, str]:
    """The addresses of the door, in full: a proof is made for one of them."""
    base = settings.CORDEE.public_url.rstrip("/")
    named = ("token", "revoke", "introspect", "jwks", "authorize")
    found = {name: base + reverse(f"partners:{name}") for name in named}
    return found | {"base": f"{base}/fhir", "issuer": f"{base}/fhir"}


class Server(AuthorizationServer):
    """What is offered: see `cordee.partners.oauth.grants` for the grants."""

    def __init__(self) -> None:
        super().__init__()
        self.register_token_generator("default", bearer)
        self.register_client_auth_method("private_key_jwt", _proved)

    def query_client(self, client_id: str) -> Client | None:
        found = client_known_as(client_id)
        return found if found and found.suspended_at is None else None

    def save_token(self, token: dict[str, Any], request: Asked) -> None:
        """Each grant keeps what it gives, with what it hangs from."""

    def create_oauth2_request(self, request: HttpRequest | Asked) -> Asked:
        return request if isinstance(request, Asked) else Asked(request)

    def handle_response(
        self, status: int, body: Any, headers: Iterable[tuple[str, str]]
    ) -> HttpResponse:
        said = orjson.dumps(body) if isinstance(body, dict) else (body or "")
        answer = HttpResponse(said, status=status)
        for name, value in headers:
            answer[name] = value
        return answer

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens to signals here."""

    def validate_requested_scope(self, scope: str | None) -> None:
        """Scopes are read by the grant, with the client in hand."""


def _proved(query_client: Any, request: Asked) -> Client | None:
    proof = SignedProof(request.now, [addresses()["token"]])
    return cast("Client | None", proof(query_client, request))


def bearer(
    *, client: Client, scope: str | None = None, include_refresh_token: bool = True, **_: Any
) -> dict[str, Any]:
    """Draw a token: random, short, and told nothing to who finds it."""
    token = {"token_type": "Bearer", "access_token": new_secret(), "scope": scope or ""}
    if include_refresh_token and is_renewed(read(scope or "")):
        token["refresh_token"] = new_secret()
    return token


def is_renewed(scopes: Scopes) -> bool:
    """Whether what is allowed goes on after its first token."""
    return bool(scopes.others & {OFFLINE, ONLINE})


def narrowed(client: Client, text: str | None, *, is_for_a_person: bool = False) -> Scopes:
    """Keep of what is asked what the client may be given. Raises InvalidScopeError for nothing."""
    try:
        kept = within(ask(text or "", parts.fault), client.most)
        kept = of_one_context(kept, is_for_a_person=is_for_a_person)
    except Unread as error:
        raise InvalidScopeError(str(error)) from error
    if not kept.resources and not kept.others:
        raise InvalidScopeError("None of what is asked may be given to this client")
    if kept.are_too_many:
        raise InvalidScopeError("Too many parts: ask for fewer scopes, or for whole types")
    return kept


SERVER = Server()
