"""Phones: each helper has a key on each, which the service takes back."""

import os
import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidTag

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.identifiers import uuid7
from cordee.vigilance.facts import PhoneRevoked
from cordee.vigilance.models import Device
from cordee.vigilance.rules.silence import count_after, silence_on
from cordee.vigilance.sealing import hash_of, seal, unseal

PARIS = ZoneInfo("Europe/Paris")
KEY = 32
"""Bytes of the key of a phone: AES-256."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a phone is given, once: its name, its secret, and the key of what it keeps."""

    device: Device
    secret: str
    key: str


@action("vigilance.enrol", on=None)
def enrol(*, actor: Actor, now: datetime) -> Enrolled:
    """Give the phone in hand a secret to send by, and a key to keep by, for this helper."""
    secret, key, pk = secrets.token_urlsafe(32), os.urandom(KEY), uuid7()
    device = Device.objects.create(
        pk=pk,
        account_id=actor.signatory,
        organization_id=actor.organization_id or pk,  # the rule of the gesture asked for one
        token_hash=hash_of(secret),
        sealed_key=seal(key, pk),
        since=now,
        last_seen_at=now,
    )
    return Enrolled(device, secret, b64encode(key).decode())


@action("vigilance.revoke", on="device")
def revoke(*, actor: Actor, device: Device, now: datetime) -> None:
    """Take a phone back: at its next contact it hands over what it holds, and is wiped."""
    if device.revoked_at is not None:
        return
    Device.objects.filter(pk=device.pk).update(revoked_at=now)
    publish(_taken_back(device))


@action("vigilance.give_key", on="device")
def give_key(*, actor: Actor, device: Device, now: datetime) -> str:
    """Give a phone that forgot it, after days without contact, the key of what it keeps.

    Raises DomainError (vigilance.key_lost): the secret of the house has changed since.
    """
    try:
        return b64encode(unseal(device.sealed_key, device.pk)).decode()
    except InvalidTag as lost:
        raise DomainError("vigilance.key_lost", "La clé de ce téléphone n’est plus là.") from lost


@action("vigilance.end_silent_phones", on=None)
def end_silent_phones(*, actor: Actor, now: datetime) -> int:
    """Take back the phones that were not heard of for too long; returns how many.

    As when a service takes one back: what such a phone still holds is handed over, then it is
    wiped. It sends and reads nothing any more.
    """
    since = now - timedelta(days=silence_on(now.astimezone(PARIS).date()).days)
    rows = Device.objects.filter(revoked_at=None, last_seen_at__lt=since).order_by("pk")
    silent = list(rows.select_for_update(of=("self",)))
    ended = {"revoked_at": now, "was_silent": True}
    Device.objects.filter(pk__in=[one.pk for one in silent]).update(**ended)
    for one in silent:
        publish(_taken_back(one))
    return len(silent)


@action("vigilance.count_wrong_secret", on="device")
def count_wrong_secret(*, actor: Actor, device: Device, now: datetime) -> None:
    """Count a secret that is not this phone’s: it is shown to its service, and slowed."""
    count = count_after(device.wrong_secrets, device.wrong_at, now)
    Device.objects.filter(pk=device.pk).update(wrong_secrets=count, wrong_at=now)


@action("vigilance.wiped", on="device")
def wiped(*, actor: Actor, device: Device, now: datetime) -> None:
    """The phone says that it is empty."""
    Device.objects.filter(pk=device.pk, wiped_at=None, revoked_at__isnull=False).update(
        wiped_at=now
    )


def _taken_back(device: Device) -> PhoneRevoked:
    return PhoneRevoked(
        device_id=device.pk, account_id=device.account_id, organization_id=device.organization_id
    )
