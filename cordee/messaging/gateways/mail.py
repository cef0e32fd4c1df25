"""Ordinary e-mail by SMTP, under the same rule as texts: nothing of a person is in it."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from dataclasses import dataclass
from email.mime.text import MIMEText
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from cordee.messaging.gateways import (
    Accepted,
    DoubtfulError,
    FailingError,
    GatewayError,
    LinkChanged,
    Listener,
    Outgoing,
    PostponedError,
    RefusedError,
    UnreachableError,
)

_SERVER_FAILS = {421, 452, 530, 535}  # RFC 5321 §4.2.3, RFC 4954 §6: whatever the address


@dataclass(frozen=True)
class Account:
    """Which server (smtp:// with STARTTLS, or smtps://), and from which address."""

    url: str
    sender: str
    timeout: int = 20

    @property
    def options(self) -> dict[str, Any]:
        """Say it as Django's backend wants; beyond this machine, never without encryption."""
        parts = urlsplit(self.url)
        host = parts.hostname or "localhost"
        inner = host == "localhost" or _is_loopback(host)
        return {
            "host": host,
            "port": parts.port or (465 if parts.scheme == "smtps" else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": parts.scheme == "smtps",
            "use_tls": parts.scheme == "smtp" and not inner,
            "timeout": self.timeout,
        }


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _invitation(calendar: str) -> MIMEText:
    """An invitation as calendars take it: the method is said twice (RFC 6047, 2.4)."""
    part = MIMEText(calendar, "calendar", "utf-8")
    part.set_param("method", "CANCEL" if "METHOD:CANCEL" in calendar else "REQUEST")
    part.add_header("Content-Disposition", "attachment", filename="concertation.ics")
    return part


class MailGateway:
    """One connection kept for a batch; its Message-ID makes a second copy recognisable."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._backend = EmailBackend(fail_silently=False, **account.options)
        self._one_at_a_time = threading.Lock()

    async def open(self, listener: Listener) -> None:
        """Say the link is up; the connection opens with the first message."""
        await listener(LinkChanged(up=True, answered=False))

    async def send(self, message: Outgoing) -> Accepted:
        """Hand a message over. Raises GatewayError."""
        return await asyncio.to_thread(self._alone, message)

    def _alone(self, message: Outgoing) -> Accepted:
        with self._one_at_a_time:
            return self._send(message)

    def _send(self, message: Outgoing) -> Accepted:
        name = f"<{message.key}@{self.account.sender.rpartition('@')[2].strip('>') or 'cordee'}>"
        mail = EmailMessage(
            subject=message.subject,
            body=message.text,
            from_email=self.account.sender,
            to=[message.to],
            headers={"Message-ID": name, "Auto-Submitted": "auto-generated"},
        )
        if message.calendar:
            mail.attach(_invitation(message.calendar))
        self._connect()
        try:
            self._backend.send_messages([mail])
        except smtplib.SMTPSenderRefused as error:  # whoever it is for: the account, or the server
            self._forget()
            ours = error.smtp_code >= 500
            raise FailingError("smtp.sender" if ours else f"smtp.{error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused as error:
            raise self._for(min(code for code, _ in error.recipients.values())) from None
        except smtplib.SMTPResponseException as error:
            raise self._for(error.smtp_code, whole=True) from None
        except (smtplib.SMTPException, OSError):
            self._forget()
            raise DoubtfulError("smtp.broken") from None
        return Accepted((name,), delivered=False)

    def _connect(self) -> None:
        try:
            self._backend.open()
        except smtplib.SMTPAuthenticationError:
            raise UnreachableError("smtp.login") from None
        except (smtplib.SMTPException, OSError):
            self._forget()
            raise UnreachableError("smtp.unreachable") from None

    def _for(self, code: int, *, whole: bool = False) -> GatewayError:
        """Tell a server that fails from an address that it cannot serve now, or ever."""
        if code in _SERVER_FAILS or (whole and 400 <= code < 500):
            self._forget()  # it hangs up after such a word, or keeps nothing of it
            return FailingError(f"smtp.{code}")
        return (PostponedError if 400 <= code < 500 else RefusedError)(f"smtp.{code}")

    def _forget(self) -> None:
        connection, self._backend.connection = self._backend.connection, None
        if connection is not None:
            connection.close()

    async def close(self) -> None:
        """Say goodbye to the server."""
        await asyncio.to_thread(self._backend.close)
