"""The keys of the house: the one that signs, and those that are shown."""

from datetime import datetime
from typing import Any

from cordee.partners.models import SigningKey


def signing_key(now: datetime) -> SigningKey | None:
    """The key that signs now. One query."""
    held = SigningKey.objects.filter(since__lte=now, until__gt=now)
    return held.order_by("-since", "-pk").first()


def published_keys(now: datetime) -> list[dict[str, Any]]:
    """The keys that verify what was signed lately. One query."""
    shown = SigningKey.objects.filter(published_until__gt=now).order_by("since", "pk")
    return [one.public for one in shown]
