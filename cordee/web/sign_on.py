"""The national or regional sign-on (OpenID Connect): whom it opens, what it says of who one is.

It opens an account that an invitation made, never a new one: the account already joined to this
identity, or that of the professional whose RPPS number a national sign-on gives. An address
proves nothing: it is not looked at.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit
from warnings import catch_warnings, simplefilter

from allauth.account.internal.flows.login import get_authentication_records
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import get_request_param
from django.conf import settings
from django.core.cache import CacheKeyWarning
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from cordee.access import trace
from cordee.access.actor import ANONYMOUS
from cordee.access.models import Account
from cordee.directory.selectors import account_of_rpps, rpps_of_account
from cordee.kernel.errors import UNREADABLE, DomainError
from cordee.web.sign_in import somebody

PROVIDER = "oidc"
RPPS = "rpps"  # the only thing kept of what the sign-on says, besides its own identifier
NATIONAL_IDENTIFIER = re.compile(r"8?([0-9]{11})")  # an 8 before it says that it is an RPPS number
SUBJECT = re.compile(r"[ -~]{1,191}")  # ASCII (OpenID Connect Core, §2), as long as what keeps it


def rpps_in(claims: dict[str, Any]) -> str:
    """The RPPS number that the claims carry; nothing unless this sign-on may say it."""
    claim = settings.CORDEE.oidc_rpps_claim
    said = claims.get(claim) if claim else None
    number = NATIONAL_IDENTIFIER.fullmatch(said) if isinstance(said, str) else None
    return number[1] if number else ""


def rpps_given(request: HttpRequest) -> str:
    """The RPPS number that the sign-on gave in this very session. One query, or none."""
    for record in reversed(get_authentication_records(request, request.user)):
        if record["method"] == "socialaccount":
            joined = SocialAccount.objects.filter(
                user=request.user, provider=record["provider"], uid=record["uid"]
            ).first()
            return joined.extra_data.get(RPPS, "") if joined else ""
    return ""


def sign_on_address(then: str) -> str:
    """Where one leaves for the sign-on, and comes back to an address of ours."""
    address = reverse("openid_connect_login", kwargs={"provider_id": PROVIDER})
    return f"{address}?{urlencode({'process': 'login', 'next': then})}"


def with_nonce(address: str) -> str:
    """The address one leaves for, with what the ID token must say again."""
    state = parse_qs(urlsplit(address).query).get("state")
    return f"{address}&{urlencode({'nonce': nonce_of(state[0])})}" if state else address


def nonce_of(state: str) -> str:
    """What binds an ID token to a leaving: the state is of one session, and serves once."""
    return sha256(f"cordee-nonce {state}".encode()).hexdigest()


def is_proved(userinfo: Any, token: dict[str, Any], nonce: str) -> bool:
    """Say whether an answer names somebody, the same in both parts, for this leaving, for a time.

    OpenID Connect Core 1.0, §2 (sub, exp), §3.1.3.7 (nonce) and §5.3.2 (sub of userinfo).
    """
    subject = userinfo.get("sub") if isinstance(userinfo, dict) else None
    is_named = isinstance(subject, str) and SUBJECT.fullmatch(subject) is not None
    is_lasting = token.get("exp") is not None
    return is_named and token.get("sub") == subject and is_lasting and token.get("nonce") == nonce


def is_of_another(account: Account, rpps: str) -> bool:
    """Say whether a number is not that of an account, or is that of a colleague. Two queries."""
    if not rpps:
        return False
    own, holder = rpps_of_account(account.pk), account_of_rpps(rpps)
    return (own or rpps) != rpps or (holder or account) != account


ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
ADDRESS = re.compile(r"https?://[!-~]+")


@contextmanager
def heard() -> Iterator[None]:
    """Take what a provider said, and the library cannot read, for an answer that proves nothing."""
    try:
        yield
    except UNREADABLE as error:
        raise OAuth2Error("an answer that cannot be read") from error


class Spoken(OpenIDConnectOAuth2Adapter):
    """What is asked of the provider. It may be down, or answer anything: RequestException,
    OAuth2Error."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Where the provider answers, as it says itself (OpenID Connect Discovery 1.0, §3)."""
        with heard():
            said: dict[str, Any] = super().openid_config
            found = all(ADDRESS.fullmatch(said[name]) for name in ENDPOINTS)
        if not found:
            raise OAuth2Error("a provider without an address")
        return said

    def get_access_token_data(self, *asked: Any, **named: Any) -> Any:
        """Change the code for tokens, and keep those that are read: nothing else serves here."""
        with heard():
            said = super().get_access_token_data(*asked, **named)
            return {name: said[name] for name in ("access_token", "id_token") if name in said}

    def _fetch_user_info(self, access_token: str) -> Any:
        with heard():
            return super()._fetch_user_info(access_token)

    def _decode_id_token(self, app: Any, id_token: str) -> Any:
        with heard(), catch_warnings():
            simplefilter("ignore", CacheKeyWarning)
            return super()._decode_id_token(app, id_token)


class Provider(OpenIDConnectProvider):
    """The sign-on, whose answer is believed only once it is proved."""

    oauth2_adapter_class = Spoken

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> Any:
        """Read an answer. Raises OAuth2Error, told as an identification that did not end well."""
        nonce = nonce_of(get_request_param(request, "state") or "")
        if not is_proved(response.get("userinfo"), response.get("id_token") or {}, nonce):
            raise OAuth2Error("an answer that proves nothing")
        return super().sociallogin_from_response(request, response)

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """Read nothing else of who one is."""
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """Read no address: it proves nothing."""
        return []

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, str]:
        """Keep the RPPS number only."""
        rpps = rpps_in(data["userinfo"])
        return {RPPS: rpps} if rpps else {}


class SocialAdapter(DefaultSocialAccountAdapter):
    """The sign-on opens an account that already exists, never a new one."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: Any = None) -> Provider:
        """Give the sign-on as this house hears it. Raises SocialApp.DoesNotExist."""
        return Provider(request, app=self.get_app(request, provider, client_id))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody makes their own account; an identity that opens none leaves a line."""
        trace.signed(ANONYMOUS, "web.sign_in_failed", reason="sign_on_unknown")
        return False

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """Trace a sign-on that did not come to its end."""
        trace.signed(ANONYMOUS, "web.sign_in_failed", reason="sign_on")

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> HttpResponse | None:
        """Join the identity to the account that asks for it, or to that of the professional
        whose RPPS number it says."""
        rpps, process = (
            sociallogin.account.extra_data.get(RPPS, ""),
            sociallogin.state.get("process"),
        )
        if sociallogin.is_existing:
            self._check(sociallogin.account, sociallogin.user, rpps)
        elif process == "connect" and isinstance(request.user, Account):
            self._check(sociallogin.account, request.user, rpps)
            self._join(sociallogin, request.user)
        elif process == "login" and (account := account_of_rpps(rpps)):
            self._join(sociallogin, account)
        return None

    def _join(self, sociallogin: Any, account: Account) -> None:
        """Join an identity, and write nothing of the account: it may have been closed meanwhile.
        Another tab may have joined the same identity: then it is the one that was kept."""
        rpps = sociallogin.account.extra_data.get(RPPS, "")
        sociallogin.user = sociallogin.account.user = account
        try:
            with transaction.atomic():
                sociallogin.account.save(force_insert=True)
        except IntegrityError:
            sociallogin.user = None
            sociallogin.lookup()
            if sociallogin.is_existing:
                self._check(sociallogin.account, sociallogin.user, rpps)

    def _check(self, joined: SocialAccount, account: Account, rpps: str) -> None:
        if not is_of_another(account, rpps):
            return
        if joined.pk:  # the library has just kept the number: it proves nothing here
            joined.extra_data = {}
            joined.save(update_fields=["extra_data"])
        trace.signed(somebody(account), "web.sign_in_failed", reason="sign_on_of_another")
        raise DomainError(
            "web.sign_on_of_another",
            "Le numéro RPPS que donne cette identification n’est pas celui de ce compte. Rien n’a "
            "changé : identifiez-vous avec votre propre carte, ou demandez à l’administration de "
            "vérifier le numéro de votre compte.",
        )
