"""Ordinary e-mail by SMTP, under the same rule as texts: nothing of a person is in it."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from cordee.messaging.gateways import (
    Accepted,
    DoubtfulError,
    LinkChanged,
    Listener,
    Outgoing,
    PostponedError,
    RefusedError,
    UnreachableError,
)


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


class MailGateway:
    """One connection kept for a batch; its Message-ID makes a second copy recognisable."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._backend = EmailBackend(fail_silently=False, **account.options)
        self._one_at_a_time = threading.Lock()

    async def open(self, listener: Listener) -> None:
        """Say the link is up; the connection opens with the first message."""
        await listener(LinkChanged(up=True))

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
        self._connect()
        try:
            self._backend.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            raise _for(min(code for code, _ in error.recipients.values())) from None
        except smtplib.SMTPResponseException as error:
            raise _for(error.smtp_code) from None
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

    def _forget(self) -> None:
        connection, self._backend.connection = self._backend.connection, None
        if connection is not None:
            connection.close()

    async def close(self) -> None:
        """Say goodbye to the server."""
        await asyncio.to_thread(self._backend.close)


def _for(code: int) -> PostponedError | RefusedError:
    return (PostponedError if 400 <= code < 500 else RefusedError)(f"smtp.{code}")
