"""What every page of ours may say without asking: who one is, where one can go."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cordee.access.actor import Role
from cordee.kernel.facts import Fact
from cordee.web.hands import note_of
from cordee.web.nav import address, places_of
from cordee.web.reached import sealed


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the rail or of the menu."""

    text: str
    href: str
    icon: str
    current: bool = False
    count: int = 0


def shell(request: HttpRequest) -> dict[str, Any]:
    """The words of the frame; empty for a visitor. Those of a part are its page's."""
    if (frame := getattr(request, "frame", None)) is not None:
        return dict(frame)
    told = {
        "fictitious": settings.CORDEE.is_demonstration,
        "csrf_token": _token_when_written(request),
        "csrf_input": _field_when_written(request),
        "today": timezone.localdate(getattr(request, "now", None)),
    }
    actor = getattr(request, "actor", None)
    if actor is None or actor.account_id is None:
        return told
    return told | {
        "nav": _nav(actor.role, _current(actor.role, request.path), settings.ROOT_URLCONF),
        "account_menu": _menu(settings.ROOT_URLCONF),
        "actor_name": f"{actor.name} · {actor.role.label}",
        "written_for": _note_when_written(actor),
        "live_url": "/direct",
        "live_rooms": _heard(),
        "live_reached": _reached_when_written(request),
        "palette_url": address("web:palette"),
    }


def _token(request: HttpRequest) -> str:
    """The proof that a form comes from us: made when a page writes it, once for all its forms."""
    if _TOKEN not in request.META:  # shared with the parts of a page, which are copies
        request.META[_TOKEN] = get_token(request)
    told: str = request.META[_TOKEN]
    return told


_TOKEN = "cordee.page_token"  # noqa: S105 - where it is kept


def _field(request: HttpRequest) -> SafeString:
    return format_html(FIELD, _token(request))


def _reached(request: HttpRequest) -> str:
    """Up to where the thread was read by this page, for its first stream; empty if not known."""
    place = getattr(getattr(request, "session", None), "reached", "")
    return sealed(place) if place else ""


FIELD = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
_token_when_written, _field_when_written = lazy(_token, str), lazy(_field, SafeString, str)
_note_when_written, _reached_when_written = lazy(note_of, str), lazy(_reached, str)


def _current(role: Role, path: str) -> tuple[str, ...]:
    """Where one stands, among the places of a role."""
    return tuple(
        [
            href
            for href, under in _places(role, settings.ROOT_URLCONF)
            if path == href or (href != "/" and path.startswith(href)) or path.startswith(under)
        ]
    )


@cache
def _places(role: Role, urlconf: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((place.href, place.under) for place in places_of(role))


@cache
def _heard() -> str:
    """The rooms of which a page may hear: those that publish facts."""
    return " ".join(sorted({kind.split(".")[0] for kind in Fact.known}))


@cache
def _nav(role: Role, current: tuple[str, ...], urlconf: str) -> tuple[Item, ...]:
    return tuple(
        Item(place.text, place.href, place.icon, place.href in current) for place in places_of(role)
    )


@cache
def _menu(urlconf: str) -> tuple[Item, ...]:
    items = [
        ("Changer de rôle", "web:hats", "team"),
        ("Mon compte", "mfa_index", "shield"),
        ("Sessions ouvertes", "usersessions_list", "mobile"),
        ("Aide", "web:guide", "info"),
        ("État du service", "web:condition", "info"),
        ("Se déconnecter", "account_logout", "logout"),
    ]
    return tuple(Item(text, address(view) or "", icon) for text, view, icon in items)
