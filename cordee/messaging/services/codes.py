"""One-time codes: six digits to a known number, for one purpose, ten minutes, five tries.

They prove that somebody reads what is sent there, nothing else. Only a keyed hash is kept; the
comparison takes the same time whatever is wrong.
"""

import hmac
import secrets
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.models import CallMobile, Practice
from cordee.directory.phones import parse_phone
from cordee.directory.services import give_call_mobile
from cordee.directory.services import prove_call_mobile as prove_on_call
from cordee.directory.services import prove_mobile as prove_in_directory
from cordee.kernel.errors import DomainError
from cordee.messaging.models import PhoneCode
from cordee.messaging.services.outbox import When, send_email, send_text

LIVES = timedelta(minutes=10)
SAME_CLICK = timedelta(seconds=10)
MOST_TRIES = 5
CODES_WITHIN = timedelta(minutes=30)
MOST_CODES = 3  # for a purpose, within that time
MOST_FOR_AN_ADDRESS = 6
MOST_FOR_AN_ACCOUNT = 5  # codes for a mobile on call, whatever the numbers
OF_AN_ACCOUNT_WITHIN = timedelta(hours=1)


class Verdict(StrEnum):
    """What a check says. Only RIGHT opens anything."""

    RIGHT = "right"
    WRONG = "wrong"
    NONE_OPEN = "none_open"  # never asked for, expired, used, replaced or tried too often

    @property
    def sentence(self) -> str:
        """Say it to whoever typed the code."""
        return {
            Verdict.RIGHT: "C’est le bon code.",
            Verdict.WRONG: "Ce code n’est pas le bon. Vérifiez les chiffres du dernier message.",
            Verdict.NONE_OPEN: "Ce code n’est plus valable. Demandez-en un nouveau.",
        }[self]


@action("messaging.issue_code", on=None)
def issue_phone_code(
    *,
    actor: Actor,
    to: str,
    origin: str,
    organization_id: UUID | None = None,
    now: datetime,
) -> PhoneCode:
    """Send a code to a number (or an address) for a purpose; earlier ones stop working.

    A button pressed twice sends one: whoever reads the first text would type a code that no longer
    works. Raises DomainError when too many were asked for.
    """
    address = _address(to)
    _one_at_a_time(address)
    untried = _open(address, origin).filter(attempts=0, issued_at__gt=now - SAME_CLICK)
    if just_sent := untried.first():
        return just_sent
    recent = PhoneCode.objects.filter(to=address, issued_at__gt=now - CODES_WITHIN)
    for_purpose = recent.filter(origin=origin).count()
    if for_purpose >= MOST_CODES or recent.count() >= MOST_FOR_AN_ADDRESS:
        raise DomainError(
            "messaging.too_many_codes",
            "Plusieurs codes ont déjà été envoyés. Le dernier reste valable dix minutes ; "
            "attendez une demi-heure pour en demander un autre, ou appelez-nous.",
        )
    for older in _open(address, origin):
        older.replaced_at = now
        older.save()
    digits = f"{secrets.randbelow(1_000_000):06d}"
    code = PhoneCode(to=address, origin=origin, issued_at=now, expires_at=now + LIVES)
    code.hash = _hash(code, digits)
    code.save(force_insert=True)
    send = send_email if "@" in address else send_text
    send(
        actor=actor,
        to=address,
        template="messaging.phone_code",
        context={"organization_id": organization_id, "code": digits},
        origin=f"messaging/phone_code/{code.pk}",
        when=When(expires_at=code.expires_at),
        now=now,
    )
    return code


@action("messaging.check_code", on=None)
def check_phone_code(*, actor: Actor, to: str, origin: str, code: str, now: datetime) -> Verdict:
    """Check what was typed. A wrong try is counted, hence this returns rather than raises."""
    address = _address(to)
    _one_at_a_time(address)
    typed = "".join(c for c in unicodedata.normalize("NFKC", code[:40]) if c.isdecimal())
    issued = _open(address, origin).first()
    candidate = issued or PhoneCode(to=address, origin=origin, hash=bytes(32))
    right = hmac.compare_digest(bytes(candidate.hash), _hash(candidate, typed))
    if issued is None or issued.expires_at < now or issued.attempts >= MOST_TRIES:
        return Verdict.NONE_OPEN
    issued.attempts += 1
    issued.used_at = now if right else None
    issued.save()
    return Verdict.RIGHT if right else Verdict.WRONG


def send_mobile_code(*, actor: Actor, practice: Practice, now: datetime) -> PhoneCode:
    """Send the code that proves the mobile a professional gave. Raises DomainError."""
    return issue_phone_code(actor=actor, to=practice.mobile, origin=_proof_of(practice), now=now)


def prove_mobile(*, actor: Actor, practice: Practice, code: str, now: datetime) -> Verdict:
    """Check that code and, when it is right, tell the directory that the mobile is proved."""
    verdict = check_phone_code(
        actor=actor, to=practice.mobile, origin=_proof_of(practice), code=code, now=now
    )
    if verdict is Verdict.RIGHT:
        prove_in_directory(actor=actor, practice=practice, mobile=practice.mobile, now=now)
    return verdict


def send_call_code(*, actor: Actor, number: str, now: datetime) -> PhoneCode:
    """Keep the mobile of who is on call and send the code that proves it: both, or neither.

    Raises DomainError, also when one account asked for too many, whatever the numbers.
    """
    with transaction.atomic():
        mobile = give_call_mobile(actor=actor, mobile=number, now=now)
        origin = _on_call(mobile)
        _require_few(origin, now)
        return issue_phone_code(actor=actor, to=mobile.asked, origin=origin, now=now)


def _require_few(origin: str, now: datetime) -> None:
    _one_at_a_time(origin)
    lately = PhoneCode.objects.filter(origin=origin, issued_at__gt=now - OF_AN_ACCOUNT_WITHIN)
    if lately.count() >= MOST_FOR_AN_ACCOUNT:
        raise DomainError(
            "messaging.too_many_codes",
            "Plusieurs codes ont déjà été demandés depuis votre compte. Rien n’a changé\u00a0; "
            "attendez une heure pour en demander un autre.",
        )


def prove_call_mobile(*, actor: Actor, mobile: CallMobile, code: str, now: datetime) -> Verdict:
    """Check that code and, when it is right, tell the directory that the mobile is proved."""
    number = mobile.asked
    verdict = check_phone_code(actor=actor, to=number, origin=_on_call(mobile), code=code, now=now)
    if verdict is Verdict.RIGHT:
        prove_on_call(actor=actor, mobile=mobile, number=number, now=now)
    return verdict


def _proof_of(practice: Practice) -> str:
    return f"directory/practice/{practice.pk}"


def _on_call(mobile: CallMobile) -> str:
    return f"directory/call_mobile/{mobile.account_id}"  # the same when it is given again


def _address(to: str) -> str:
    return to.strip().casefold() if "@" in to else parse_phone(to) or to.strip()[:32]


def _open(address: str, origin: str) -> Any:
    rows = PhoneCode.objects.select_for_update(of=("self",))
    return rows.filter(to=address, origin=origin, used_at=None, replaced_at=None).order_by("pk")


def _hash(code: PhoneCode, digits: str) -> bytes:
    said = f"{code.pk}|{code.to}|{code.origin}|{digits}".encode()
    return hmac.digest(settings.SECRET_KEY.encode() + b"phone-code", said, sha256)


def _one_at_a_time(address: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"code:{address}"])
