"""Where one arrives, as whom one acts, and what is said when something cannot be shown."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.actor import Role
from cordee.kernel.http import page, reads
from cordee.web.identity import HAT, worn
from cordee.web.nav import palette_of

WORKLIST = {Role.COORDINATOR, Role.ORIENTEUSE, Role.HOSPITAL, Role.DPO}


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Where one arrives: the team at what waits for it, others at their own page."""
    if request.actor.role in WORKLIST:
        return redirect("pathways:worklist")
    return page(request, "web/home.jinja")


@require_POST
@reads
def palette(request: HttpRequest) -> HttpResponse:
    """Where one may go and what one may do, and a search by person that leaves no name behind."""
    return page(request, "_palette.jinja", palette_of(request))


@require_GET
def hats(request: HttpRequest) -> HttpResponse:
    """The roles one may act in."""
    current = worn(request.hats, request.session.get(HAT))
    return page(request, "web/hats.jinja", {"hats": request.hats, "worn": current})


@require_POST
def change_hat(request: HttpRequest) -> HttpResponse:
    """Act in another of one's roles from now on."""
    chosen = worn(request.hats, request.POST.get("hat"))
    if chosen is not None:
        request.session[HAT] = chosen.key
        trace.signed(request.actor, "web.change_hat", reason=chosen.role.value)
    return HttpResponseRedirect("/", status=303)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """What was sent cannot be read."""
    return render(request, "400.jinja", status=400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """A page that does not open for this person."""
    return render(request, "403.jinja", status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """What does not exist, or not for this person: the same words."""
    return render(request, "404.jinja", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours."""
    return render(request, "500.jinja", status=500)
