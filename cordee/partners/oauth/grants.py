"""The two ways in: a system by itself, an application in somebody's name; and what renews them."""

from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749 import grants as library
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.errors import ConsentRequiredError

from cordee.access import trace
from cordee.access.models import Account
from cordee.partners.launching import Launch, Unopened, opened
from cordee.partners.models import Client, Code, Grant, Token
from cordee.partners.oauth.asked import Asked
from cordee.partners.oauth.identity import IdToken, fhir_user, resource_of
from cordee.partners.oauth.server import METHODS, SERVER, addresses, is_renewed, narrowed
from cordee.partners.rules.lives import lives
from cordee.partners.rules.scopes import FHIR_USER, LAUNCH, LAUNCH_PATIENT, Scopes, read, within
from cordee.partners.sealing import hash_of, new_secret
from cordee.partners.selectors.holders import acting_as, wearing
from cordee.partners.services.grants import Allowed, allow, end
from cordee.partners.services.proofs import was_taken
from cordee.people.hats import actor_wearing

S256 = 43  # signs of a challenge: SHA-256 in base64url, without its tail


def gives(
    client: Client, token: dict[str, Any], life: timedelta, now: datetime, grant: Grant | None
) -> None:
    """Keep the hash of what is given, and say in it how long it lasts."""
    until = min(now + life, grant.ends_at) if grant else now + life
    token["expires_in"] = int((until - now).total_seconds())
    about = {"client": client, "grant": grant, "issued_at": now}
    secret, scopes = hash_of(token["access_token"]), token["scope"]
    Token.objects.create(
        kind=Token.Kind.ACCESS, digest=secret, scopes=scopes, expires_at=until, **about
    )
    if grant and "refresh_token" in token:
        secret = hash_of(token["refresh_token"])
        kind, until = Token.Kind.REFRESH, grant.ends_at
        Token.objects.create(
            kind=kind, digest=secret, scopes=grant.scopes, expires_at=until, **about
        )
    if grant and grant.person_id:
        token["patient"] = str(grant.person_id)
        token["need_patient_banner"] = True
    if grant:
        others = read(grant.scopes).others
        token |= fhir_user(grant, now) if FHIR_USER in others else {}
        if LAUNCH in others and client.launch_intent:
            token["intent"] = client.launch_intent


class SystemGrant(library.ClientCredentialsGrant):
    """SMART Backend Services: by its own proof, under its own role."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["private_key_jwt"]

    def validate_token_request(self) -> None:
        super().validate_token_request()
        request: Asked = self.request
        scopes = narrowed(request.client, request.payload.scope)
        if any(one.context != "system" for one in scopes.resources) or scopes.others:
            raise InvalidScopeError("A backend service asks for system/ scopes")
        account, hat = acting_as(request.client, request.now)
        if account is None or hat is None:
            raise UnauthorizedClientError("The account of this client is closed or has no role")
        request.scope, request.user = str(scopes), account
        trace.signed(actor_wearing(account, hat, ""), "partners.token_given")

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        request: Asked = self.request
        token = self.generate_token(scope=request.scope, include_refresh_token=False)
        gives(self.client, token, lives(request.now).token_of_a_system, request.now, None)
        return 200, token, self.TOKEN_RESPONSE_HEADER


class OnlyS256(CodeChallenge):
    """PKCE of every client, by SHA-256 only (RFC 9700): `plain` proves nothing to who listens."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        said = grant.request.payload.data
        if said.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge_method must be S256")
        if len(said.get("code_challenge", "")) != S256:
            raise InvalidRequestError("A code_challenge of SHA-256 is expected")
        super().validate_code_challenge(grant, redirect_uri)


def launched(request: Asked) -> Launch | None:
    """Say beside whom who is in front of the screen opened this application; None: it opened by
    itself. Raises InvalidRequestError: too old, of somebody else, or used."""
    word, who = request.payload.data.get("launch", ""), request.django.actor  # type: ignore[attr-defined]
    if not word:
        return None
    try:
        found = opened(word, request.now)
    except Unopened:
        found = None
    asked = (request.client.pk, who.account_id)
    if found is None or (found.client_id, found.account_id) != asked or was_taken(word):
        raise InvalidRequestError("launch is used, too old or not yours: open the app again")
    return found


class AppGrant(library.AuthorizationCodeGrant):
    """SMART App Launch: by a page on which somebody allowed it."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_authorization_request(self) -> str:
        redirect_uri = super().validate_authorization_request()
        request: Asked = self.request
        said = request.payload.data
        try:
            if not said.get("redirect_uri") or not said.get("state"):
                raise InvalidRequestError("redirect_uri and state are expected")
            if said.get("aud", "").rstrip("/") != addresses()["base"]:
                raise InvalidRequestError("aud must be the address of this FHIR server")
            if "none" in said.get("prompt", ""):
                raise ConsentRequiredError
            alone = not said.get("launch") and LAUNCH_PATIENT not in (request.scope or "").split()
            scopes = narrowed(request.client, request.scope, is_for_a_person=not alone)
            if any(one.context == "system" for one in scopes.resources):
                raise InvalidScopeError("An application asks for user/ or patient/ scopes")
            request.launch = launched(request)
            if request.launch is None:  # opened by itself: nobody is told by the opening
                scopes = scopes.without(LAUNCH)
            request.scope = str(scopes)
        except OAuth2Error as error:
            error.redirect_uri = redirect_uri
            raise
        return redirect_uri

    def save_authorization_code(self, code: str, request: Asked) -> None:
        said, scopes = request.payload.data, read(request.scope)
        if not resource_of(request.decided.hat):  # what is given says what there is to say
            scopes = scopes.without(FHIR_USER)
        allowed = Allowed(
            hat=request.decided.hat,
            scopes=scopes,
            code=code,
            redirect_uri=said["redirect_uri"],
            challenge=said["code_challenge"],
            nonce=said.get("nonce", "")[:300],
            person_id=request.decided.person_id,
            launch=said["launch"] if request.launch else "",
        )
        actor = request.decided.actor
        allow(actor=actor, client=request.client, allowed=allowed, now=request.now)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Hold the code. One that comes a second time was stolen, or its answer was: what it gave
        is ended (RFC 6749, 4.1.2)."""
        held = Code.objects.select_for_update(of=("self",)).select_related("grant__account")
        found = held.filter(digest=hash_of(code)).first()
        if found is None or found.grant.client_id != client.pk:
            return None
        if found.used_at is not None:
            end(found.grant, Grant.Why.REPLAYED, self.request.now)
            return None
        fresh = found.expires_at > self.request.now and found.grant.ended_at is None
        return found if fresh else None

    def authenticate_user(self, authorization_code: Code) -> Account | None:
        return worn(authorization_code.grant, self.request)

    def save_token(self, token: dict[str, Any]) -> None:
        grant = self.request.authorization_code.grant
        life = lives(self.request.now).token_of_an_app
        gives(self.client, token, life, self.request.now, grant)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        Code.objects.filter(pk=authorization_code.pk).update(used_at=self.request.now)


class RenewalGrant(library.RefreshTokenGrant):
    """A refresh token is exchanged for the next one; one that comes back ends its whole family."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        now = self.request.now
        held = Token.objects.select_for_update(of=("self",)).select_related("grant__account")
        held = held.filter(digest=hash_of(refresh_token), kind=Token.Kind.REFRESH)
        found = held.filter(client=self.request.client).first()
        if found is None or found.grant is None:
            return None
        if found.ended_at is not None:
            end(found.grant, Grant.Why.REPLAYED, now)
            return None
        fresh = found.grant.ended_at is None and found.expires_at > now
        return found if fresh else None

    def _validate_token_scope(self, token: Token) -> None:
        """Narrow as the application asks, never beyond what was allowed."""
        most = read(token.grant.scopes) if token.grant else Scopes()
        asked = narrowed(self.request.client, self.request.payload.scope or str(most))
        if within(asked, most) != asked:
            raise InvalidScopeError("More is asked than what was allowed")
        self.request.scope = str(asked)

    def issue_token(self, user: Account, refresh_token: Token) -> dict[str, Any]:
        """Draw the next ones: who narrows one token still renews, as far as was allowed at first
        (RFC 6749, 6) and as the application still may."""
        scope, allowed = self.request.scope, read(refresh_token.grant.scopes)  # type: ignore[union-attr]
        goes_on = is_renewed(within(allowed, self.request.client.most))
        token = self.generate_token(user=user, scope=scope, include_refresh_token=False)
        return token | ({"refresh_token": new_secret()} if goes_on else {})

    def authenticate_user(self, refresh_token: Token) -> Account | None:
        if refresh_token.grant is None or (user := worn(refresh_token.grant, self.request)) is None:
            raise InvalidGrantError
        return user

    def save_token(self, token: dict[str, Any]) -> None:
        life = lives(self.request.now).token_of_an_app
        gives(self.client, token, life, self.request.now, self.request.refresh_token.grant)

    def revoke_old_credential(self, refresh_token: Token) -> None:
        Token.objects.filter(pk=refresh_token.pk).update(ended_at=self.request.now)


def worn(grant: Grant, request: Asked) -> Account | None:
    """Give who allowed it, as long as their account and their hat hold."""
    account, hat = wearing(grant.account, grant.hat, request.now)
    if account is not None and hat is not None:
        trace.signed(actor_wearing(account, hat, grant.pk.hex[-8:]), "partners.token_given")
        return account
    return None


SERVER.register_grant(SystemGrant)
SERVER.register_grant(AppGrant, [OnlyS256(required=True), IdToken()])
SERVER.register_grant(RenewalGrant)
