"""Phones: each helper has a key on each, which the service takes back."""

import os
import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.facts import publish
from cordee.kernel.identifiers import uuid7
from cordee.vigilance.facts import PhoneRevoked
from cordee.vigilance.models import Device
from cordee.vigilance.sealing import hash_of, seal

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
    said = PhoneRevoked(
        device_id=device.pk, account_id=device.account_id, organization_id=device.organization_id
    )
    publish(said)


@action("vigilance.wiped", on="device")
def wiped(*, actor: Actor, device: Device, now: datetime) -> None:
    """The phone says that it is empty."""
    Device.objects.filter(pk=device.pk, wiped_at=None, revoked_at__isnull=False).update(
        wiped_at=now
    )
