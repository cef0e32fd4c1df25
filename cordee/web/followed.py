"""The lines of a list, sent with the event that brings them.

What a page would ask of its list a moment later is asked here, in the name of who has it open: the
same view, under both locks, traced. ADR 49.
"""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Self
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404
from django.urls import Resolver404, resolve
from django_htmx.middleware import HtmxDetails

from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.http import PERSON, only_looking

LONGEST = 500  # signs of an address


@dataclass(frozen=True, slots=True)
class Part:
    """A list that a page shows, and the rooms of which it shows something."""

    path: str
    query: str
    rooms: frozenset[str]

    @classmethod
    def at(cls, address: str) -> Self | None:
        """Give the list at an address of ours, if it is one that is followed."""
        path, _, query = address.partition("?")
        try:
            view: Any = resolve(path).func if len(address) <= LONGEST else None
        except Resolver404:
            return None
        rooms = getattr(view, "follows", None)
        return cls(path, query, rooms) if rooms else None

    def lines_of(self, person: UUID, actor: Actor, now: datetime) -> str | None:
        """Ask the list for what it shows of one person; None when it shows them nothing.

        Called within `seen_by(actor)`: who asks was judged a moment before.
        """
        view, arguments, named = resolve(self.path)
        try:
            with only_looking():
                answer = view(self._asked(person, actor, now), *arguments, **named)
        except (Forbidden, Http404, DomainError):
            return None  # what its own page will say, when it asks
        return answer.content.decode() if answer.status_code == 200 else None

    def _asked(self, person: UUID, actor: Actor, now: datetime) -> WSGIRequest:
        query = f"{self.query}&{PERSON}={person}".lstrip("&")
        request: Any = WSGIRequest(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": self.path,
                "QUERY_STRING": query,
                "HTTP_HX_REQUEST": "true",
                "wsgi.input": BytesIO(),
            }
        )
        request.actor, request.hats, request.now = actor, [], now
        request.user, request.htmx = AnonymousUser(), HtmxDetails(request)
        return request  # type: ignore[no-any-return]
