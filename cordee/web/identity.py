"""From a session to an actor: the hats its account may wear today, and the one it wears now."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser

from cordee.access.actor import ANONYMOUS, Actor
from cordee.access.models import Account
from cordee.access.stencil import Word
from cordee.kernel.once import keep
from cordee.kernel.prepared import Asked, run_in_one_trip
from cordee.people.hats import Hat, Quality, actor_wearing, asked_of, hats_of, qualities, worn
from cordee.web.selectors import ACCOUNTS, account_of
from cordee.web.sessions import held, last_words_of, words_of

HAT = "hat"  # the key of the session that remembers which one was chosen
MET = 1_000  # sessions of which a process remembers whose they were
_met: dict[str, UUID] = {}


def meet(session_key: str, account: Account) -> None:
    """Remember whose a session is, for `ask_of`."""
    if len(_met) >= MET:
        _met.clear()
    _met[session_key] = account.pk


def ask_of(session_key: str, at: datetime) -> None:
    """Ask in one trip, within `asked_once`, what a session holds, and the account and the hats of
    whose it was when it was last met.

    All three are read now. What the session holds says whose it is: were it somebody else’s,
    theirs would be asked, and what was read of this one used by nobody.
    """
    account = _met.get(session_key)
    its_account = ACCOUNTS.asked([account] if account else [])
    if account is None or its_account is None:
        return
    session = Asked(*held.said(key=Word(session_key)), binary=True)
    words, rows, hats = run_in_one_trip([session, its_account, asked_of(account, at)])
    if words is not None:
        keep(words_of, words, session_key)
    if rows is not None:
        keep(account_of, ACCOUNTS.records(rows).get(account), account)
    if hats is not None:
        keep(qualities, list(map(Quality._make, hats)), account, at)


def actor_of(
    account: Account | AnonymousUser, session: Any, at: datetime
) -> tuple[Actor, list[Hat]]:
    """The actor of a session, and the other hats it could wear. Judged again at each request, so
    that a role taken back is taken back at once."""
    if isinstance(account, AnonymousUser) or not account.is_active:
        return ANONYMOUS, []
    hats = hats_of(account, at)
    return actor_wearing(account, worn(hats, session.get(HAT)), session.session_key or ""), hats


def last_actor_of(session_key: str, at: datetime) -> Actor:
    """Who wore a session that has ended, and under which hat: whose words come late. Nobody, when
    that is not kept. Nothing is done nor shown in their name. Three queries."""
    held = last_words_of(session_key)
    pk = Account._meta.pk.to_python(held.get(SESSION_KEY))
    account = account_of(pk) if pk else None
    if account is None:
        return ANONYMOUS
    return actor_wearing(account, worn(hats_of(account, at), held.get(HAT)), session_key)
