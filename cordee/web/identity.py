"""From a session to an actor: the hats its account may wear today, and the one it wears now."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser

from cordee.access.actor import ANONYMOUS, Actor
from cordee.access.models import Account
from cordee.people.hats import Hat, actor_wearing, hats_of, worn

HAT = "hat"  # the key of the session that remembers which one was chosen


def actor_of(
    account: Account | AnonymousUser, session: Any, at: datetime
) -> tuple[Actor, list[Hat]]:
    """The actor of a session, and the other hats it could wear. Judged again at each request, so
    that a role taken back is taken back at once."""
    if isinstance(account, AnonymousUser) or not account.is_active:
        return ANONYMOUS, []
    hats = hats_of(account, at)
    return actor_wearing(account, worn(hats, session.get(HAT)), session.session_key or ""), hats
