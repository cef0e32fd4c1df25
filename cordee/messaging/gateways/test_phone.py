"""The demonstration's carrier: nothing leaves this machine, the text is read on /telephone."""

from __future__ import annotations

from cordee.messaging.gateways import Accepted, LinkChanged, Listener, Outgoing


class TestPhone:
    """A carrier that delivers at once, to a page."""

    __test__ = False  # not a test case, whatever its name suggests to pytest

    async def open(self, listener: Listener) -> None:
        """Say that the link is up: it cannot break."""
        await listener(LinkChanged(up=True))

    async def send(self, message: Outgoing) -> Accepted:
        """Keep the message where the page finds it."""
        return Accepted((f"essai-{message.key}",), delivered=True)

    async def close(self) -> None:
        """Close nothing."""
