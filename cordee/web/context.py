"""What every page of ours may say without asking: who one is, where one can go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from cordee.web.nav import address, places


def shell(request: HttpRequest) -> dict[str, Any]:
    """The words of the frame; empty for a visitor."""
    actor = getattr(request, "actor", None)
    if actor is None or actor.account_id is None:
        return {"fictitious": settings.CORDEE.is_demonstration}
    return {
        "fictitious": settings.CORDEE.is_demonstration,
        "nav": [_item(request, place) for place in places(request)],
        "account_menu": _menu(request),
        "actor_name": f"{actor.name} · {actor.role.label}",
        "live_url": "/direct",
        "palette_url": address("web:palette"),
    }


def _item(request: HttpRequest, place: Any) -> dict[str, Any]:
    current = request.path == place.href or (
        place.href != "/" and request.path.startswith(place.href)
    )
    return {
        "text": place.text,
        "href": place.href,
        "icon": place.icon,
        "current": current,
        "count": 0,
    }


def _menu(request: HttpRequest) -> list[dict[str, str]]:
    items = [
        ("Changer de rôle", "web:hats", "team"),
        ("Mon compte", "mfa_index", "shield"),
        ("Séances ouvertes", "usersessions_list", "mobile"),
        ("Aide", "web:guide", "info"),
        ("État du service", "web:condition", "info"),
        ("Se déconnecter", "account_logout", "logout"),
    ]
    return [{"text": text, "href": address(view) or "", "icon": icon} for text, view, icon in items]
