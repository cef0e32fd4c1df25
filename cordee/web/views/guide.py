"""The guide for users, on the screens themselves."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cordee.access.policy import require
from cordee.kernel.http import page
from cordee.web import guide


@require_GET
def show(request: HttpRequest, slug: str = guide.FIRST) -> HttpResponse:
    """Show a page of the guide."""
    require(request.actor, "web.see_guide")
    pages = guide.pages()
    if slug not in pages:
        raise Http404
    return page(request, "web/guide.jinja", {"shown": pages[slug], "pages": pages.values()})
