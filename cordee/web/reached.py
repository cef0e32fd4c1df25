"""Up to where the thread was read: what was over by then was seen, the rest is still to be told.

A page says it to its first stream, and a stream at each event to the one that takes its place. It
is PostgreSQL's own word for it, sealed: it tells nobody how busy the house is. ADR 54.
"""

import re

from cryptography.fernet import InvalidToken
from django.db import connection
from django.db.models import BooleanField, Func, TextField, Value
from django.db.models.expressions import Combinable

from cordee.web.sign_in import cipher

PLACE = re.compile(r"\d+:\d+:[\d,]*")


class Reached(Func):
    """The transactions that were over when this was read."""

    template = "pg_current_snapshot()::text"
    output_field = TextField()


class IsOverIn(Func):
    """Whether the transaction of a line was over at some place."""

    template = "pg_visible_in_snapshot(%(expressions)s::pg_snapshot)"
    arg_joiner = "::text::xid8, "
    output_field = BooleanField()

    def __init__(self, transaction: str | Combinable, place: str) -> None:
        super().__init__(transaction, Value(place, TextField()))


def reached() -> str:
    """The place reached now. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def up_to(horizon: int) -> str:
    """The place of a moment of which only this is known: every older transaction was over."""
    return f"{horizon}:{horizon}:"


def oldest_of(place: str) -> int:
    """The oldest transaction that may still have been under way at a place."""
    return int(place.partition(":")[0])


def sealed(place: str) -> str:
    """A place to resume from, in a word that its holder cannot read nor make."""
    return cipher().encrypt(place.encode()).decode()


def opened(word: str) -> str:
    """The place that a word says; empty when it is not one of ours.

    A screen that stayed open while the house was brought up to date may say an older one: a number.
    """
    try:
        place = cipher().decrypt(word.encode()).decode()
    except (InvalidToken, ValueError):
        return ""
    if place.isdecimal():
        return up_to(int(place))
    return place if PLACE.fullmatch(place) else ""
