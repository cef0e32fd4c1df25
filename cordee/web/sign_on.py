"""The national or regional sign-on (OpenID Connect): whom it opens, what it says of who one is.

It opens an account that an invitation made, never a new one: the account already joined to this
identity, or that of the professional whose RPPS number a national sign-on gives. An address
proves nothing: it is not looked at.
"""

import re
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from cordee.access import trace
from cordee.access.actor import ANONYMOUS
from cordee.directory.selectors import account_of_rpps

PROVIDER = "oidc"
RPPS = "rpps"  # the only thing kept of what the sign-on says, besides its own identifier
NATIONAL_IDENTIFIER = re.compile(r"8?([0-9]{11})")  # an 8 before it says that it is an RPPS number


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


class SocialAdapter(DefaultSocialAccountAdapter):
    """The sign-on opens an account that already exists, never a new one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody makes their own account; an identity that opens none leaves a line."""
        trace.signed(ANONYMOUS, "web.sign_in_failed", reason="sign_on_unknown")
        return False

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """Trace a sign-on that did not come to its end."""
        trace.signed(ANONYMOUS, "web.sign_in_failed", reason="sign_on")

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> HttpResponse | None:
        """Keep the RPPS number only, and join the identity to the account of that professional."""
        joined = sociallogin.account
        claims = joined.extra_data
        rpps = rpps_in(claims.get("userinfo") or claims.get("id_token") or {})
        joined.extra_data = {RPPS: rpps} if rpps else {}
        if sociallogin.is_existing:
            joined.save(update_fields=["extra_data"])
        elif sociallogin.state.get("process") == "login" and (account := account_of_rpps(rpps)):
            sociallogin.connect(request, account)
        return None
