"""The page on which somebody lets an application act in their name, or does not."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from cordee.access import trace
from cordee.access.policy import is_allowed
from cordee.kernel.http import page
from cordee.partners import selectors
from cordee.partners.oauth.consent import Decided, Unaskable, Wish, answered, wish_of
from cordee.partners.rules.addresses import origin_of
from cordee.people import selectors as people
from cordee.people.hats import Hat

ALLOW, REFUSE = "autoriser", "refuser"


@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Say what is asked, by whom, in whose name, for how long; then what was decided."""
    try:
        wish = wish_of(request)
    except Unaskable as error:
        return error.answer or page(request, "partners/unaskable.jinja", status=400)
    hat = selectors.hat_worn(request.actor, request.now)
    if hat is None or not _may_allow(request, wish, hat):
        return page(request, "partners/not_with_this_hat.jinja", {"wish": wish}, status=403)
    decision = request.POST.get("decision") if request.method == "POST" else None
    if decision == REFUSE:
        return answered(wish, None)
    person, asked = _person(request, wish, hat), decision == ALLOW
    if asked and (person or not wish.is_about_one_person):
        return answered(wish, Decided(request.actor, hat, person))
    return _asks(request, wish, hat, chosen_nobody=asked)


def _may_allow(request: HttpRequest, wish: Wish, hat: Hat) -> bool:
    """In this role, and in that in which it was opened when it was opened beside somebody."""
    same = wish.launch is None or str(wish.launch.hat) == hat.key
    return same and is_allowed(request.actor, "partners.allow", wish.client)


def _person(request: HttpRequest, wish: Wish, hat: Hat) -> UUID | None:
    """About whom: oneself in one's own space, else who was chosen among those one may know."""
    if not wish.is_about_one_person or hat.person_id:
        return hat.person_id if wish.is_about_one_person else None
    if wish.launch:
        return people.get_person(request.actor, wish.launch.person_id).pk
    try:
        chosen = UUID(request.POST.get("personne", ""))
    except ValueError:
        return None
    return people.get_person(request.actor, chosen).pk


def _asks(request: HttpRequest, wish: Wish, hat: Hat, *, chosen_nobody: bool) -> HttpResponse:
    text = request.POST.get("qui", "").replace("\0", "").strip()[:100]
    found = people.search(request.actor, text) if text else []
    trace.listed(request.actor, "people.person", [one.person.pk for one in found])
    context: dict[str, Any] = {"wish": wish, "hat": hat, "found": found, "text": text}
    context |= _beside(request, wish)
    context |= {"to_choose": wish.is_about_one_person and not hat.person_id and not wish.launch}
    context |= {"chosen_nobody": chosen_nobody, "here": request.get_full_path()}
    answer = page(request, "partners/consent.jinja", context, status=422 if chosen_nobody else 200)
    # A form that ends at the application: the browser asks the policy of the page where it began.
    answer._csp_update = {"form-action": [origin_of(wish.redirect_uri)]}  # type: ignore[attr-defined]
    return answer


def _beside(request: HttpRequest, wish: Wish) -> dict[str, Any]:
    """The person beside whom it was opened, when it was."""
    if wish.launch is None:
        return {"beside": None}
    person = people.get_person(request.actor, wish.launch.person_id)
    trace.read(request.actor, person)
    return {"beside": person}
