"""The one thing that the sign-in library's templates need from our shell."""

from django import template

from cordee.kernel import templating

register = template.Library()


@register.simple_tag
def assets() -> str:
    """The tags of the built style and scripts."""
    return templating.assets()
