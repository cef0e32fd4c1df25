"""The protocol, by a kept library: what of it is offered here, and nothing of it that is not."""

from cordee.partners.oauth.server import SERVER, addresses

__all__ = ["SERVER", "addresses"]
