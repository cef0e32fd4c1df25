"""What we ask of the sign-in library: no sign-up, our outbox, our trace, a second factor."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from allauth.mfa import app_settings as mfa
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from cordee.access import trace
from cordee.access.actor import ANONYMOUS, Actor, Purpose, Role
from cordee.access.models import Account
from cordee.kernel.http import network_of
from cordee.messaging.services import send_email

_GOOD = mfa.TOTP_PERIOD * (2 * mfa.TOTP_TOLERANCE + 1)  # seconds during which a code is good
OWN_SPACE = {Role.PERSON, Role.RELATIVE}


def lacks_second_factor(actor: Actor) -> bool:
    """Say whether a professional of a production house has yet to add a second factor."""
    if settings.CORDEE.is_demonstration or actor.account_id is None or actor.role in OWN_SPACE:
        return False
    return not has_second_factor(actor.account_id)


def has_second_factor(account_id: Any) -> bool:
    """Say whether an account has an authenticator besides its recovery codes."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user_id=account_id, type__in=kinds).exists()


def too_many_tries(request: HttpRequest, email: str) -> bool:
    """Count a try at a password given elsewhere than at the sign-in, as one given there."""
    return not ratelimit.consume(
        request, app="allauth.account", action="login_failed", key=email.lower()
    )


def somebody(account: Account) -> Actor:
    """An account as it stands at the door: known, and not yet in any role."""
    return Actor(
        role=Role.ANONYMOUS, account_id=account.pk, name=account.name, purpose=Purpose.TECHNICAL
    )


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come by invitation; sign-ins are traced; mails leave by our outbox."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": (
            "Trop d’essais avec cette adresse depuis votre réseau. Votre compte n’est pas bloqué. "
            "Attendez cinq minutes, choisissez un nouveau mot de passe, ou entrez avec une clé "
            "d’accès."
        )
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes their own account."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails leave by our outbox only, and only the one by which a password is chosen again."""
        if template_prefix == "account/email/password_reset_key":
            key = context["password_reset_url"].rstrip("/").rpartition("/")[2]
            send_email(
                actor=somebody(context["user"]),
                to=email,
                template="web.reset",
                context={"link": f"/compte/{key}"},
                origin="web/reset",
                now=timezone.now(),
            )

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by address and network: whoever knows the address of a colleague
        slows their own network, and locks nobody out of theirs."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}@{network_of(request)}"

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Trace a wrong password, without the address that was typed."""
        trace.signed(ANONYMOUS, "web.sign_in_failed", reason="password")

    def login(self, request: HttpRequest, user: Account) -> None:
        """Trace a sign-in."""
        super().login(request, user)
        trace.signed(somebody(user), "web.sign_in")

    def logout(self, request: HttpRequest) -> None:
        """Trace a sign-out."""
        if request.user.is_authenticated:
            trace.signed(somebody(request.user), "web.sign_out")
        super().logout(request)

    def set_password(self, user: Account, password: str) -> None:
        """Trace a change of password, and write nothing else of the account: the library would
        write it whole, and open again what was closed meanwhile."""
        user.set_password(password)
        user.save(update_fields=["password"])
        trace.signed(somebody(user), "web.password_changed")


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticators are kept encrypted by a key that is not in the database."""

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return "Cordée"

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The trace keeps it; ordinary mail says nothing of it."""


class CodeOnce:
    """A code serves once, for as long as it is good; the library forgets it after one step."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        used = self.authenticator  # type: ignore[attr-defined]
        key = f"web.code.{used.pk}.{''.join(c for c in code if c.isalnum())}"
        if used.type == Authenticator.Type.TOTP and not cache.add(key, True, timeout=_GOOD):
            raise FactorAdapter().validation_error("incorrect_code")
        return code


class AgainForm(CodeOnce, ReauthenticateForm):
    """The second factor, asked again before something that matters."""


class TracedAuthenticateForm(CodeOnce, AuthenticateForm):
    """The second factor at sign-in; a wrong code leaves a line."""

    def clean_code(self) -> str:
        try:
            return super().clean_code()
        except ValidationError:
            trace.signed(somebody(self.user), "web.sign_in_failed", reason="second_factor")
            raise


def cipher() -> Fernet:
    """What must be read again by us alone, and is not kept in the clear."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"cordee-factor")
    return Fernet(base64.urlsafe_b64encode(key.digest()))
