"""What opens an application beside a person: a word that says nothing, good once, for minutes.

Source: HL7, SMART App Launch 2.2.0, « EHR launch ». Nothing is kept until it serves: who opens,
in which role, about whom and for which application are sealed in the word itself.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from cordee.partners.rules.lives import lives


class Unopened(Exception):  # noqa: N818 — what it says
    """The word is not of ours, is too old, or was made for somebody else."""


@dataclass(frozen=True, slots=True)
class Launch:
    """Who opens an application, in which role (`hat`: its key), and beside whom."""

    client_id: UUID
    account_id: UUID
    hat: UUID
    person_id: UUID


def sealed(launch: Launch, now: datetime) -> str:
    """Write the word: no two are the same."""
    said = (launch.client_id, launch.account_id, launch.hat, launch.person_id)
    box, at = _box(), int(now.timestamp())
    return box.encrypt_at_time(b"".join(one.bytes for one in said), at).decode()


def opened(word: str, now: datetime) -> Launch:
    """Read it. Raises Unopened."""
    lasts = int(lives(now).launch.total_seconds())
    try:
        said = _box().decrypt_at_time(word.encode(), lasts, int(now.timestamp()))
    except (InvalidToken, ValueError):
        raise Unopened from None
    return Launch(*(UUID(bytes=said[at : at + 16]) for at in range(0, 64, 16)))


def address_of(page: str, issuer: str, word: str) -> str:
    """The address of the application, with where Cordée is and the word. What it had stays."""
    parts = urlsplit(page)
    said = urlencode({"iss": issuer, "launch": word})
    return urlunsplit(parts._replace(query=f"{parts.query}&{said}" if parts.query else said))


def _box() -> Fernet:
    key = hashlib.sha256(b"cordee.partners.launch" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
