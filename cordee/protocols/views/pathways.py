"""The pathways of a person: entered, drawn, left, passed to another version."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.pages import form_about, page_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page
from cordee.people.models import Person
from cordee.people.rules.sharing import Category
from cordee.people.selectors import get_person
from cordee.protocols import forms, selectors, services
from cordee.protocols.drawing import compared, drawn
from cordee.protocols.models import Pathway, ProtocolVersion


def typed(request: HttpRequest) -> QueryDict | None:
    """What was sent, if something was: an empty form is one to correct."""
    return request.POST if request.method == "POST" else None


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the pathways of a person stand, for her page."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    found = list(selectors.pathways_of(request.actor, person))
    under_way = [one for one in found if one.is_open]
    seen = [(one, selectors.seen_of(request.actor, one, request.now)) for one in under_way]
    context = {
        "person": person,
        "shown": [drawn(one, request.now) for _, one in seen if one],
        "unreadable": [row for row, one in seen if one is None],
        "ended": [one for one in found if not one.is_open],
        "may_join": is_allowed(request.actor, "protocols.join", person),
    }
    return page_about(request, person, "protocols/_person_panel.jinja", context)


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have a person enter a pathway: criteria are proposed, somebody decides."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "protocols.join", person)
    versions = selectors.versions_to_enter(request.actor, person)
    form = forms.EnterForm(typed(request), versions=versions, now=request.now)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("protocols:pathway", _join(request, person, form).pk)
        except DomainError as refused:
            form.add_error(None, refused.message)
    return _enter_page(request, form, person)


def _join(request: HttpRequest, person: Person, form: forms.EnterForm) -> Pathway:
    made: Pathway = services.join(
        actor=request.actor,
        person=person,
        version=form.chosen,
        entered_at=form.cleaned_data["entered_on"],
        now=request.now,
    )
    return made


def _enter_page(request: HttpRequest, form: forms.EnterForm, person: Person) -> HttpResponse:
    proposals = selectors.proposals_for(person, form.versions.values())
    context = {"person": person, "form": form, "proposals": proposals}
    return form_about(request, person, "protocols/enter.jinja", context)


@require_GET
def pathway(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A pathway: its line, its rules, its ruptures, its silences."""
    found = selectors.get_pathway(request.actor, pk)
    trace.read(request.actor, found)
    seen = selectors.seen_of(request.actor, found, request.now)
    watches = is_allowed(request.actor, "protocols.leave", found) and found.is_open
    context = {
        "person": found.person,
        "pathway": found,
        "shown": drawn(seen, request.now) if seen else None,
        "watches": watches,
        "leave_form": forms.LeaveForm(),
        "others": _others(request, found) if watches else [],
    }
    return page(request, "protocols/pathway.jinja", context)


def _others(request: HttpRequest, found: Pathway) -> list[ProtocolVersion]:
    """The other versions in use of the same protocol, that can be read."""
    rows = selectors.in_use(request.actor)
    same = [one for one in rows if one.name == found.protocol and one.pk != found.followed_id]
    return [one for one in same if selectors.protocol_if_readable(one)]


@require_POST
def leave(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have a person leave."""
    found = selectors.get_pathway(request.actor, pk)
    require(request.actor, "protocols.leave", found)
    form = forms.LeaveForm(request.POST)
    if not form.is_valid():
        raise DomainError("protocols.leaving", "Choisissez pourquoi la personne sort du parcours.")
    services.leave(actor=request.actor, pathway=found, reason=form.chosen, now=request.now)
    return redirect("protocols:pathway", pk)


@require_http_methods(["GET", "POST"])
def migrate(request: HttpRequest, pk: UUID, target: UUID) -> HttpResponse:
    """What another version would say of the person; then pass her to it."""
    found = selectors.get_pathway(request.actor, pk)
    require(request.actor, "protocols.migrate", found)
    version = next((one for one in _others(request, found) if one.pk == target), None)
    if version is None:
        raise Http404
    if request.method == "POST":
        services.migrate(actor=request.actor, pathway=found, version=version, now=request.now)
        return redirect("protocols:pathway", pk)
    context = {
        "person": found.person,
        "pathway": found,
        "target": version,
        "differences": compared(selectors.migration_of(found, version, request.now)),
    }
    return page_about(request, found, "protocols/migrate.jinja", context)
