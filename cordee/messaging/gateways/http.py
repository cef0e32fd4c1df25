"""A carrier behind an HTTP address: one POST of JSON per message, the rest by its calls to us.

Every carrier names its fields its own way: `names` maps ours to theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cordee.messaging.gateways import (
    Accepted,
    DoubtfulError,
    Event,
    FailingError,
    Fate,
    LinkChanged,
    Listener,
    Outgoing,
    PostponedError,
    Receipt,
    RefusedError,
    TextReceived,
    ThrottledError,
    UnreachableError,
    legible,
    name_of,
)

if TYPE_CHECKING:
    import httpx  # four megabytes that only the carriers’ link needs

OUR_NAMES = ("to", "text", "sender", "id", "from", "status", "reason")
_OUR_FAULT = {401, 402, 403, 404, 405, 407, 410}  # the account or the address, not the message
_DELIVERED = {"delivered", "delivrd", "received", "ok", "2"}
_FAILED = {"failed", "undelivered", "undeliv", "rejected", "rejectd", "expired", "deleted", "ko"}


@dataclass(frozen=True)
class Account:
    """Where to post, with which token, under which names."""

    url: str
    token: str
    source: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 20.0

    def name(self, ours: str) -> str:
        """Give the carrier's name of one of our fields."""
        return self.names.get(ours, ours)


class HttpGateway:
    """POST a message; the same `Idempotency-Key` when it is sent again."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._client: httpx.AsyncClient | None = None
        self._listener: Listener | None = None

    async def open(self, listener: Listener) -> None:
        """Prepare the client; an HTTP carrier is deemed up until a call fails."""
        import httpx

        self._listener = listener
        self._client = httpx.AsyncClient(
            timeout=self.account.timeout,
            headers={"Authorization": f"Bearer {self.account.token}"},
            follow_redirects=False,
        )
        await listener(LinkChanged(up=True, answered=False))

    async def send(self, message: Outgoing) -> Accepted:
        """Hand a message over. Raises GatewayError."""
        import httpx

        if self._client is None:
            raise UnreachableError("http.closed")
        name = self.account.name
        body = {name("to"): message.to, name("text"): message.text, name("id"): message.key}
        body |= {name("sender"): self.account.source} if self.account.source else {}
        try:
            response = await self._client.post(
                self.account.url, json=body, headers={"Idempotency-Key": message.key}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise UnreachableError("http.unreachable") from None
        except httpx.HTTPError:
            raise DoubtfulError("http.broken") from None
        _raise_for(response.status_code)
        return Accepted((self._carrier_id(response) or message.key,))

    def _carrier_id(self, response: httpx.Response) -> str:
        try:
            answer = response.json()
        except ValueError:
            return ""
        value = answer.get(self.account.name("id"), "") if isinstance(answer, dict) else ""
        return name_of(str(value))[:64]

    async def close(self) -> None:
        """Close the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None


def _raise_for(status: int) -> None:
    reason = f"http.{status}"
    if status == 429:
        raise ThrottledError(reason)
    if 300 <= status < 400 or status in _OUR_FAULT:
        raise UnreachableError(reason)
    if status in (408, 409, 425):
        raise PostponedError(reason)
    if status >= 500:
        raise FailingError(reason)
    if not 200 <= status < 300:
        raise RefusedError(reason)


def read_call(payload: object, account: Account) -> Event | None:
    """Read what the carrier posts to us: a receipt when it has a status, else a text, else None."""
    if not isinstance(payload, Mapping):
        return None

    def said(ours: str) -> str:
        value = payload.get(account.name(ours), "")
        return legible(str(value)) if isinstance(value, str | int) else ""

    status, carrier_id = said("status").lower(), name_of(said("id"))[:64]
    if status and carrier_id:
        fate = Fate.FAILED if status in _FAILED else Fate.UNDERWAY
        fate = Fate.DELIVERED if status in _DELIVERED else fate
        reason = "" if fate is Fate.DELIVERED else (said("reason") or status)[:60]
        return Receipt(fate=fate, carrier_id=carrier_id, reason=reason)
    if said("from") and account.name("text") in payload:
        return TextReceived(
            sender=said("from")[:32],
            text=said("text")[:2000],
            carrier_key=carrier_id,
        )
    return None
