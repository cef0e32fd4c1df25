"""Passkeys: what a browser hands over is read strictly, and a key that was copied is noticed."""

import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone

from cordee.access import trace
from cordee.access.actor import ANONYMOUS
from cordee.kernel.errors import UNREADABLE
from cordee.messaging.services import send_email
from cordee.web.sign_in import somebody

LONGEST = 65_536  # characters: an attestation with its certificates holds in a tenth of that
NAME = 100  # characters
TOKEN = re.compile(r"[A-Za-z0-9_-]+={0,2}")  # base64url, as the browser writes it
MADE = ("clientDataJSON", "attestationObject")
USED = ("clientDataJSON", "authenticatorData", "signature")
COUNTER, COPIED = "counter", "copied_at"  # kept beside the credential
NOT_READ = (
    "Cette clé d’accès n’a pas pu être lue. Rien n’a été modifié : recommencez, ou entrez "
    "autrement (code web.passkey_unread)."
)
MAY_BE_COPIED = (
    "Cette clé d’accès a été refusée : elle a moins servi que la dernière fois, ce qui arrive "
    "quand une clé a été copiée. Rien n’a été modifié. Entrez par votre mot de passe et un autre "
    "second facteur, retirez cette clé, et prévenez votre administration (code web.passkey_copied)."
)


def went_back(kept: int, said: int) -> bool:
    """Say whether a signature counter shows that a key was copied.

    Web Authentication niveau 2 (W3C), §6.1.1 et §7.2, étape 21 : les deux à zéro, la clé ne
    compte pas ; sinon, le nombre dit doit être plus grand que le nombre gardé.
    """
    return (kept, said) != (0, 0) and said <= kept


def credential_in(said: Any, parts: tuple[str, ...]) -> dict[str, Any] | None:
    """What serves in a credential, and nothing else of what was sent; nothing if a part lacks."""
    answer = said.get("response") if isinstance(said, dict) else None
    if not isinstance(answer, dict):
        return None
    kept = {name: said.get(name) for name in ("id", "rawId")}
    response = {name: answer.get(name) for name in parts}
    if isinstance(answer.get("userHandle"), str):
        response["userHandle"] = answer["userHandle"]
    tokens = [*kept.values(), *response.values()]
    if not all(isinstance(one, str) and TOKEN.fullmatch(one) for one in tokens):
        return None
    results = said.get("clientExtensionResults")
    properties = results.get("credProps") if isinstance(results, dict) else None
    alone = isinstance(properties, dict) and properties.get("rk") is True
    extensions = {"credProps": {"rk": True}} if alone else {}
    return kept | {
        "type": "public-key",
        "response": response,
        "clientExtensionResults": extensions,
    }


class CredentialField(forms.JSONField):
    """A credential, in the shape that the library reads. It is never written back on a page."""

    widget = forms.HiddenInput

    def __init__(self, parts: tuple[str, ...]) -> None:
        super().__init__(error_messages=dict.fromkeys(("invalid", "required"), NOT_READ))
        self.parts = parts

    def to_python(self, value: Any) -> Any:
        """Read a credential. Raises ValidationError, in a sentence."""
        said = None
        if value and len(value) <= LONGEST:
            with refused():
                said = super().to_python(value)
        credential = credential_in(said, self.parts)
        if value and credential is None:
            raise ValidationError(NOT_READ)
        return credential

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""

    def prepare_value(self, value: Any) -> str:
        return ""


@contextmanager
def refused() -> Iterator[None]:
    """Refuse in a sentence what the library cannot read."""
    try:
        yield
    except (*UNREADABLE, struct.error) as error:
        raise ValidationError(NOT_READ) from error


class PasskeyForm(AddWebAuthnForm):
    """A passkey to add, in our words."""

    credential = CredentialField(MADE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = _name(required=False, initial=self.fields["name"].initial)
        alone = self.fields["passwordless"]
        alone.label = "Cette clé ouvre Cordée à elle seule, sans mot de passe"
        alone.help_text = "Elle doit alors demander une empreinte, un visage ou un code."

    def clean(self) -> dict[str, Any]:
        with refused():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class PasskeyNameForm(EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = _name(required=True)

    @transaction.atomic
    def save(self) -> Authenticator:
        """Rename the key as it stands: it may have served, or gone, since the page was asked."""
        held = Authenticator.objects.select_for_update(of=("self",))
        self.instance: Authenticator = get_object_or_404(held, pk=self.instance.pk)
        return super().save()


def _name(**details: Any) -> forms.CharField:
    return forms.CharField(label="Nom de la clé", max_length=NAME, **details)


class Counted:
    """A passkey that answers: its counter is kept, and must grow; what fails leaves a line."""

    def clean_credential(self) -> Authenticator:
        said = self.cleaned_data["credential"]  # type: ignore[attr-defined]
        try:
            with refused():
                key: Authenticator = super().clean_credential()  # type: ignore[misc]
                counter = auth.parse_authentication_response(said).response.authenticator_data
        except ValidationError:
            user = self.user  # type: ignore[attr-defined]
            signer = somebody(user) if user else ANONYMOUS
            trace.signed(signer, "web.sign_in_failed", reason="passkey")
            raise
        if not is_counted(key, counter.counter):
            trace.signed(somebody(key.user), "web.sign_in_failed", reason="passkey_copied")
            raise ValidationError(MAY_BE_COPIED)
        return key


@transaction.atomic
def is_counted(key: Authenticator, said: int) -> bool:
    """Keep the counter of a key, one use after the other; when it went back, keep the day, and
    write to its owner: once a day, however often a copy is tried.
    """
    held = Authenticator.objects.select_for_update(of=("self",)).filter(pk=key.pk).first()
    if held is None:  # taken away meanwhile
        raise ValidationError(NOT_READ)
    kept = held.data.get(COUNTER, held.wrap().authenticator_data.counter)
    copied = went_back(kept, said)
    day = timezone.localdate(context.request.now).isoformat()
    if copied and held.data.get(COPIED) != day:
        _tell_owner(held)
    held.data |= {COPIED: day} if copied else {COUNTER: said}
    held.save(update_fields=["data"])
    return not copied


def _tell_owner(key: Authenticator) -> None:
    send_email(
        actor=somebody(key.user),
        to=key.user.email,
        template="web.passkey_copied",
        context={},
        origin=f"web/passkey/{key.pk}",
        now=context.request.now,
    )


class PasskeyUsedForm(Counted, AuthenticateWebAuthnForm):
    """A passkey as the second factor."""

    credential = CredentialField(USED)


class PasskeyAloneForm(Counted, LoginWebAuthnForm):
    """A passkey that opens the house by itself."""

    credential = CredentialField(USED)


class PasskeyAgainForm(Counted, ReauthenticateWebAuthnForm):
    """A passkey, asked again before something that matters."""

    credential = CredentialField(USED)
