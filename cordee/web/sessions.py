"""Sessions as Django keeps them, read by a query that is written and planned once."""

from copy import deepcopy
from functools import lru_cache
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as Kept
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from cordee.access.sight import RightsNow
from cordee.access.stencil import Stencil, Word
from cordee.kernel.once import once
from cordee.web.reached import Reached


class SessionStore(Kept):
    """One line of a table, asked for by each page before anything else."""

    reached = ""  # up to where the thread was over by then; "": it was not read

    def load(self) -> dict[str, Any]:
        """Give what the session holds; nothing once it has ended, or for a key of nobody’s."""
        key = self.session_key or ""
        for words, reached in words_of(key) if key.isalnum() else []:
            self.reached = self.reached or reached
            return deepcopy(_read(words))
        self._session_key = None
        return {}


@lru_cache(maxsize=1_000)
def _read(words: str) -> dict[str, Any]:
    """What signed words say. They come from the database at each page: nothing outlives them."""
    return SessionStore().decode(words)  # type: ignore[no-any-return]


@once
def words_of(key: str) -> list[tuple[Any, ...]]:
    """What a key opens, as it is kept, and up to where the thread was over then. One query."""
    return held(key=Word(key))


@Stencil
def held(key: str) -> QuerySet[Session, Any]:
    rows = Session.objects.filter(session_key=key, expire_date__gt=RightsNow())
    return rows.order_by("pk").values_list("session_data", Reached())


def last_words_of(key: str) -> dict[str, Any]:
    """What an ended session held, as long as its line is kept; it opens nothing. One query."""
    rows = Session.objects.filter(session_key=key).values_list("session_data", flat=True)
    return _read(words) if (words := rows.first()) else {}
