"""From the page of a person: the applications that open beside her."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from cordee.access.pages import page_about
from cordee.access.policy import require
from cordee.kernel.errors import Forbidden
from cordee.kernel.http import page
from cordee.partners import selectors, services
from cordee.people.selectors import get_person


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What may be opened beside somebody; nothing at all when nothing may."""
    person = get_person(request.actor, pk)
    apps = selectors.apps_beside(request.actor, person)
    if not apps:
        return HttpResponse()
    return page_about(
        request, person, "partners/_person_panel.jinja", {"person": person, "apps": apps}
    )


@require_POST
def open_beside(request: HttpRequest, pk: UUID, app: UUID) -> HttpResponse:
    """Go to an application, with whom it is about: it then asks for leave to act."""
    person = get_person(request.actor, pk)
    require(request.actor, "partners.open_beside", person)
    offered = {one.pk: one for one in selectors.apps_beside(request.actor, person)}
    client = offered.get(app)
    if client is None:
        raise Http404
    hat = selectors.hat_worn(request.actor, request.now)
    if hat is None:  # it ended while the page was open
        raise Forbidden("partners.open_beside")
    said = {"actor": request.actor, "person": person, "client": client, "now": request.now}
    context = {"client": client, "address": services.open_beside(hat=hat, **said)}
    answer = page(request, "partners/opening.jinja", context)
    # Not a redirect: the page that posts lets its forms end here alone (form-action).
    answer.headers["Refresh"] = f"0; url={context['address']}"
    return answer
