"""What partners are told: how each subscription goes, and what could not be delivered."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page, told
from cordee.partners import forms, selectors, services

WHY = "Dites pourquoi, en 200 signes au plus. Rien n’a été fait\u00a0: cela reste à envoyer."


@require_GET
def subscriptions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How the subscriptions of a partner go: for administration, and its technical contact."""
    client = selectors.get_client(request.actor, pk)
    require(request.actor, "partners.look_at_calls", client)
    context = {
        "client": client,
        "subscriptions": selectors.standings(request.actor, client, request.now),
        "dead": selectors.dead_letters(request.actor, client),
        "may_send": is_allowed(request.actor, "partners.retry"),
    }
    return page(request, "partners/subscriptions.jinja", context)


@require_POST
def retry_all(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send again all that a partner was not delivered."""
    client = selectors.get_client(request.actor, pk)
    services.retry_all(actor=request.actor, client=client, now=request.now)
    return _back(request, pk, "Tout repart, dans l’ordre de chaque personne.")


@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send one again."""
    dead = selectors.dead_letter(request.actor, pk)
    services.retry(actor=request.actor, delivery=dead, now=request.now)
    return _back(request, dead.subscription.client_id, "La notification repart.")


@require_POST
def give_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give one up, with a reason: those behind it leave."""
    dead = selectors.dead_letter(request.actor, pk)
    form = forms.GiveUpForm(request.POST)
    if not form.is_valid():
        raise DomainError("partners.why", WHY)
    why = form.cleaned_data["why"]
    services.give_up(actor=request.actor, delivery=dead, why=why, now=request.now)
    said = "Abandonnée. Ce qui attendait derrière elle part maintenant."
    return _back(request, dead.subscription.client_id, said)


def _back(request: HttpRequest, client_id: UUID, text: str) -> HttpResponse:
    told(request, text)
    return redirect("partners:subscriptions", client_id)
