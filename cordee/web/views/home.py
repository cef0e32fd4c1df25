"""Where one arrives, as whom one acts, where one can go."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.actor import Role
from cordee.kernel.http import page, reads
from cordee.people.hats import worn
from cordee.web.identity import HAT
from cordee.web.nav import palette_of

FIRST_PAGE = {
    **dict.fromkeys(
        (Role.COORDINATOR, Role.ORIENTEUSE, Role.HOSPITAL, Role.DPO, Role.HOME_HELP),
        "pathways:worklist",
    ),
    **dict.fromkeys((Role.PERSON, Role.RELATIVE), "people:own"),
    Role.PRACTITIONER: "broker:mine",
    Role.ADMINISTRATOR: "web:administration",
}


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Where one arrives: each role at its own first page."""
    first = FIRST_PAGE.get(request.actor.role)
    return redirect(first) if first else page(request, "web/home.jinja")


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
