"""What the sign-in library's templates need from our shell."""

from datetime import date
from typing import Any

from django import template

from cordee.kernel import templating
from cordee.web.models import SecondFactorReset
from cordee.web.selectors import reset_of

register = template.Library()

# The first that a browser names is the most particular: Edge and Opera call themselves Chrome too.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


@register.simple_tag
def assets() -> str:
    """The tags of the built style and scripts."""
    return templating.assets()


@register.simple_tag(takes_context=True)
def waiting_reset(context: template.RequestContext) -> SecondFactorReset | None:
    """The request that waits about one's own second factor."""
    request: Any = context["request"]
    return reset_of(request.actor, request.now)


@register.filter
def device(said: str) -> str:
    """Name a browser and its machine as people do: « Firefox, Windows »."""
    found = [
        next((name for mark, name in names.items() if mark in said), "")
        for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or "appareil inconnu"


@register.filter
def day(kept: str) -> date:
    """Read a day that was kept as a text."""
    return date.fromisoformat(kept)
