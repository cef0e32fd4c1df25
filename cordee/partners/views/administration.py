"""Administration of partners: who comes in by machine, with which keys, as what."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access.policy import require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page, told
from cordee.partners import forms, selectors, services
from cordee.partners.models import Client
from cordee.partners.oauth.server import addresses

WHY = "Le motif tient en 200 signes. Rien n’a été fait\u00a0: raccourcissez-le et recommencez."


@require_GET
def clients(request: HttpRequest) -> HttpResponse:
    """The partners, and when each last called."""
    require(request.actor, "partners.register")
    context = {
        "clients": list(selectors.clients(request.actor)),
        "undelivered": selectors.undelivered(request.actor),
        "at": addresses(),
    }
    return page(request, "partners/clients.jinja", context)


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Let a machine in."""
    require(request.actor, "partners.register")
    form = forms.ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = services.register(actor=request.actor, said=form.said, now=request.now)
        told(request, "Enregistré. Donnez à l’éditeur l’identifiant et les adresses ci-dessous.")
        return redirect("partners:client", made.pk)
    status = 422 if request.method == "POST" else 200
    return page(request, "partners/register.jinja", {"form": form}, status=status)


@require_GET
def client(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One partner: what it is, what it may, and what can be done."""
    found = selectors.get_client(request.actor, pk)
    require(request.actor, "partners.register")
    return _client_page(request, found)


@require_POST
def change_keys(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Believe other keys from now on."""
    found = selectors.get_client(request.actor, pk)
    require(request.actor, "partners.change_keys", found)
    form = forms.KeysForm(found, request.POST)
    if not form.is_valid():
        return _client_page(request, found, status=422, keys_form=form)
    services.change_keys(actor=request.actor, client=found, now=request.now, **form.keys)
    return _said(request, found, "Les clés sont changées. Les anciennes n’ouvrent plus rien.")


@require_POST
def name_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say who answers for it."""
    found = selectors.get_client(request.actor, pk)
    require(request.actor, "partners.name_contact", found)
    form = forms.ContactForm(request.POST)
    if not form.is_valid():
        return _client_page(request, found, status=422, contact_form=form)
    contact = form.cleaned_data["contact"]
    services.name_contact(actor=request.actor, client=found, contact=contact, now=request.now)
    return _said(request, found, "Le contact technique est changé.")


@require_POST
def offer_beside(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say where it opens from the page of a person."""
    found = selectors.get_client(request.actor, pk)
    require(request.actor, "partners.offer_beside", found)
    form = forms.OfferForm(found, request.POST)
    if found.is_system or not form.is_valid():
        return _client_page(request, found, status=422, offer_form=form)
    services.offer_beside(actor=request.actor, client=found, now=request.now, **form.cleaned_data)
    return _said(request, found, "C’est enregistré.")


@require_POST
def suspend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shut the door to it."""
    found = selectors.get_client(request.actor, pk)
    form = forms.SuspendForm(request.POST)
    if not form.is_valid():
        raise DomainError("partners.why", WHY)
    why = form.cleaned_data["why"]
    services.suspend(actor=request.actor, client=found, why=why, now=request.now)
    return _said(request, found, "Suspendu\u00a0: la porte lui est fermée dès maintenant.")


@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let it in again."""
    found = selectors.get_client(request.actor, pk)
    services.resume(actor=request.actor, client=found, now=request.now)
    return _said(request, found, "La porte lui est rouverte.")


def _client_page(
    request: HttpRequest, found: Client, status: int = 200, **typed: Any
) -> HttpResponse:
    context: dict[str, Any] = {"client": found, "at": addresses()}
    context |= {"keys_form": forms.KeysForm(found), "contact_form": forms.ContactForm()}
    context["offer_form"] = None if found.is_system else forms.OfferForm(found)
    context |= typed
    context["figures"] = selectors.figures_of(request.actor, found, request.now)
    return page(request, "partners/client.jinja", context, status=status)


def _said(request: HttpRequest, found: Client, text: str) -> HttpResponse:
    told(request, text)
    return redirect("partners:client", found.pk)
