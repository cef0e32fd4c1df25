"""Setting up: organisations, territories, sectors."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access.policy import is_allowed, require
from cordee.directory import forms, selectors, services
from cordee.directory.models import Organization, Sector, Territory
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page


def _to(request: HttpRequest, said: str, view: str, *arguments: Any) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(reverse(view, args=arguments), status=303)


# -- organisations -------------------------------------------------------------------------------


@require_GET
def organizations(request: HttpRequest) -> HttpResponse:
    """The organisations that live here, to open or correct."""
    require(request.actor, "directory.create_organization")
    found = selectors.house_organizations(request.actor)
    shown = Paginator(found, 100).get_page(request.GET.get("page"))
    return page(request, "directory/organizations.jinja", {"page": shown})


@require_http_methods(["GET", "POST"])
def create_organization(request: HttpRequest) -> HttpResponse:
    """Add an organisation."""
    require(request.actor, "directory.create_organization")
    form = forms.OrganizationForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _organization_form(request, form, None)
    try:
        made = services.create_organization(
            actor=request.actor, traits=form.traits(), now=request.now
        )
    except DomainError as error:
        return _wrong(request, form, None, error)
    return _to(request, "La structure est créée.", "directory:organization", made.pk)


@require_http_methods(["GET", "POST"])
def change_organization(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct an organisation."""
    found = selectors.get_organization(request.actor, pk)
    require(request.actor, "directory.change_organization", found)
    form = forms.OrganizationForm.of(found, request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _organization_form(request, form, found)
    try:
        services.change_organization(
            actor=request.actor, organization=found, traits=form.traits(), now=request.now
        )
    except DomainError as error:
        return _wrong(request, form, found, error)
    return _to(request, "La structure est corrigée.", "directory:organization", pk)


def _organization_form(
    request: HttpRequest, form: forms.OrganizationForm, found: Organization | None
) -> HttpResponse:
    context = {"form": form, "organization": found}
    status = 422 if form.is_bound else 200
    return page(request, "directory/organization_form.jinja", context, status=status)


def _wrong(
    request: HttpRequest, form: Any, found: Organization | None, error: DomainError
) -> HttpResponse:
    form.add_error(None, error.message)
    return _organization_form(request, form, found)


@require_GET
def organization(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One organisation: how to reach it, who is on duty, who practises there."""
    return _organization(request, selectors.get_organization(request.actor, pk))


def _organization(
    request: HttpRequest, found: Organization, form: Any = None, status: int = 200
) -> HttpResponse:
    context = {
        "organization": found,
        "contacts": selectors.contacts_of(request.actor, found),
        "on_duty": selectors.on_duty(found, request.now),
        "is_open": selectors.is_desk_open(found, request.now),
        "signing_name": selectors.signing_name(found),
        "sectors": selectors.sectors_of(request.actor, found, request.now),
        "may_change": is_allowed(request.actor, "directory.change_organization", found),
        "contact_form": form or forms.ContactForm(),
    }
    return page(request, "directory/organization.jinja", context, status=status)


@require_POST
def add_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a functional mailbox or number."""
    found = selectors.get_organization(request.actor, pk)
    form = forms.ContactForm(request.POST)
    if not form.is_valid():
        return _organization(request, found, form, 422)
    services.add_contact(
        actor=request.actor, organization=found, now=request.now, **form.cleaned_data
    )
    return _to(request, "Le contact est ajouté.", "directory:organization", pk)


@require_POST
def remove_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a functional mailbox or number off the list."""
    found = selectors.get_contact(request.actor, pk)
    services.remove_contact(actor=request.actor, contact=found, now=request.now)
    said = "Le contact est retiré."
    return _to(request, said, "directory:organization", found.organization_id)


# -- territories ---------------------------------------------------------------------------------


@require_GET
def territories(request: HttpRequest) -> HttpResponse:
    """The territories, and how to draw one more."""
    require(request.actor, "directory.create_territory")
    return _territories(request, forms.TerritoryForm())


def _territories(request: HttpRequest, form: forms.TerritoryForm) -> HttpResponse:
    context = {
        "territories": selectors.territories(request.actor),
        "closed": selectors.closed_territories(request.actor),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return page(request, "directory/territories.jinja", context, status=status)


@require_POST
def create_territory(request: HttpRequest) -> HttpResponse:
    """Draw a territory, begun with the intercommunality of a commune."""
    form = forms.TerritoryForm(request.POST)
    if not form.is_valid():
        return _territories(request, form)
    given = {name: form.cleaned_data[name] for name in ("name", "kind")}
    given["communes"] = selectors.communes_around(form.cleaned_data["place"])
    made = services.create_territory(actor=request.actor, now=request.now, **given)
    return _to(request, "Le territoire est dessiné.", "directory:territory", made.pk)


@require_http_methods(["GET", "POST"])
def territory(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The communes of a territory, to tick."""
    found = selectors.get_territory(request.actor, pk)
    require(request.actor, "directory.draw_territory", found)
    form = _place(request)
    if request.method == "GET" or (form and not form.is_valid()):
        return drawn(request, found, **({"place_form": form} if form else {}))
    wanted = _ticked(request, found, form)
    services.draw_territory(actor=request.actor, territory=found, communes=wanted, now=request.now)
    return _to(request, "Les communes sont enregistrées.", "directory:territory", pk)


def _place(request: HttpRequest) -> forms.PlaceForm | None:
    """Give the place typed; None when communes were ticked instead."""
    return forms.PlaceForm(request.POST) if "place" in request.POST else None


def _ticked(
    request: HttpRequest, found: Territory | Sector, form: forms.PlaceForm | None
) -> list[str]:
    """Give the communes ticked, or those held and those around the place typed."""
    if form:
        around = selectors.communes_around(form.cleaned_data["place"])
        return [*selectors.codes_of(found), *around]
    return request.POST.getlist("communes")


def drawn(request: HttpRequest, found: Territory | Sector, **wrong: Any) -> HttpResponse:
    """The page of a territory or of a sector; `wrong` are the forms to correct, by their name."""
    held = selectors.codes_of(found)
    context = {
        "found": found,
        "held": held,
        "groups": selectors.groups_of(held),
        "residents": selectors.population_of(held),
    }
    context |= _forms_of(request, found) | wrong
    return page(request, "directory/drawn.jinja", context, status=422 if wrong else 200)


def _forms_of(request: HttpRequest, found: Territory | Sector) -> dict[str, Any]:
    length = 120 if isinstance(found, Territory) else 80
    given: dict[str, Any] = {
        "place_form": forms.PlaceForm(),
        "name_form": forms.NameForm(name=found.name, length=length),
        "close_form": forms.CloseForm(selectors.heirs_of(request.actor, found)),
    }
    if isinstance(found, Territory):
        return given | {"organizations": selectors.organizations_in(request.actor, found)}
    return given | {"coordinator_form": _coordinator_form(request, found)}


# -- sectors -------------------------------------------------------------------------------------


@require_GET
def rosters(request: HttpRequest) -> HttpResponse:
    """Every organisation whose desk may be held."""
    require(request.actor, "directory.create_pole")
    found = selectors.house_organizations(request.actor)
    return page(request, "directory/rosters.jinja", {"organizations": found})


@require_GET
def sectors(request: HttpRequest) -> HttpResponse:
    """Every organisation whose sectors may be shared out."""
    require(request.actor, "directory.create_sector")
    found = selectors.house_organizations(request.actor)
    return page(request, "directory/sectors.jinja", {"organizations": found})


@require_http_methods(["GET", "POST"])
def organization_sectors(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The sectors of an organisation, and one more."""
    found = selectors.get_organization(request.actor, pk)
    require(request.actor, "directory.create_sector", found)
    form = forms.SectorForm(selectors.colleagues_in(found, request.now), request.POST or None)
    if request.method == "GET" or not form.is_valid():
        shown = selectors.sectors_of(request.actor, found, request.now)
        closed = selectors.closed_among(request.actor, found, Sector)
        context = {"organization": found, "sectors": shown, "closed": closed, "form": form}
        return page(request, "directory/organization_sectors.jinja", context)
    given = {**form.cleaned_data, "communes": []}
    made = services.create_sector(actor=request.actor, organization=found, now=request.now, **given)
    said = "Le secteur est créé : choisissez ses communes."
    return _to(request, said, "directory:sector", made.pk)


@require_http_methods(["GET", "POST"])
def sector(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The communes of a sector, to tick."""
    found = selectors.get_sector(request.actor, pk)
    require(request.actor, "directory.draw_sector", found)
    form = _place(request)
    if request.method == "GET" or (form and not form.is_valid()):
        return drawn(request, found, **({"place_form": form} if form else {}))
    services.draw_sector(
        actor=request.actor,
        sector=found,
        coordinator=found.coordinator,
        communes=_ticked(request, found, form),
        now=request.now,
    )
    return _to(request, "Les communes sont enregistrées.", "directory:sector", pk)


def _coordinator_form(
    request: HttpRequest, found: Sector, data: Any = None
) -> forms.CoordinatorForm:
    colleagues = selectors.colleagues_in(found.organization, request.now)
    return forms.CoordinatorForm(
        colleagues, data, initial={"coordinator": str(found.coordinator_id)}
    )


@require_POST
def hand_sector(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a colleague answer for a sector from now on."""
    found = selectors.get_sector(request.actor, pk)
    require(request.actor, "directory.hand_sector", found)
    form = _coordinator_form(request, found, request.POST)
    if not form.is_valid():
        return drawn(request, found, coordinator_form=form)
    services.hand_sector(actor=request.actor, sector=found, now=request.now, **form.cleaned_data)
    return _to(request, "Le secteur a changé de main.", "directory:sector", pk)
