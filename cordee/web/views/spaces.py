"""The own space of a person: offered and closed from their page, opened by who holds the link."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access.pages import form_about, page_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.http import page
from cordee.people import selectors as people
from cordee.people import services as people_services
from cordee.people.models import Person
from cordee.people.policy import speaks_for
from cordee.people.rules.sharing import Category
from cordee.web import forms, selectors, services
from cordee.web.models import SpaceInvitation
from cordee.web.sign_in import too_many_tries
from cordee.web.views.invitations import GUEST


@require_GET
def panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who reads their own page, who is awaited; offer it, close it."""
    person = _known(request, pk)
    context = {
        "person": person,
        "spaces": people.spaces_of(request.actor, person),
        "offers": selectors.offered_spaces(request.actor, person, request.now),
        "may_offer": (may_offer := is_allowed(request.actor, "web.offer_space", person)),
        "may_close": may_offer or speaks_for(request.actor, person),
    }
    return page_about(request, person, "web/_spaces_panel.jinja", context)


@require_http_methods(["GET", "POST"])
def offer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the link of a space to the person, or to a relative."""
    person = _known(request, pk)
    require(request.actor, "web.offer_space", person)
    relatives = people.relatives_of(request.actor, person)
    form = forms.SpaceForm(request.POST or None, person=person, relatives=relatives)
    if form.is_valid():
        services.offer_space(
            actor=request.actor, person=person, offered=form.offered, now=request.now
        )
        messages.success(request, "Le lien part. Il sert une fois, pendant sept jours.")
        return _back(pk)
    context = {"person": person, "form": form, "in_circle": True}
    return form_about(request, person, "web/offer_space.jinja", context)


@require_POST
def withdraw(request: HttpRequest, pk: UUID, offer: UUID) -> HttpResponse:
    """Make a link useless."""
    invitation = selectors.get_offered_space(request.actor, _known(request, pk), offer)
    services.withdraw_space(actor=request.actor, invitation=invitation, now=request.now)
    messages.success(request, "Le lien ne sert plus.")
    return _back(pk)


@require_POST
def close(request: HttpRequest, pk: UUID, space: UUID) -> HttpResponse:
    """Take an access back, at once."""
    access = people.get_space(request.actor, _known(request, pk), space)
    people_services.close_own_space(actor=request.actor, space=access, now=request.now)
    messages.success(request, "L’accès est fermé.")
    return _back(pk)


@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    """Open one’s space: know the person, choose a password."""
    invitation = selectors.offered_space_by_secret(secret, request.now)
    if invitation is None:
        return page(request, "web/space_spent.jinja", status=404)
    form = forms.AcceptSpaceForm(request.POST or None)
    if form.is_valid() and _recognised(request, invitation, form):
        password = form.cleaned_data["password"]
        services.accept_space(
            actor=GUEST, invitation=invitation, password=password, now=request.now
        )
        messages.success(request, "Votre espace est prêt. Connectez-vous.")
        return HttpResponseRedirect(reverse("account_login"), status=303)
    context = {"invitation": invitation, "form": form}
    return page(request, "web/accept_space.jinja", context, status=422 if form.errors else 200)


def _recognised(
    request: HttpRequest, invitation: SpaceInvitation, form: forms.AcceptSpaceForm
) -> bool:
    if too_many_tries(request, invitation.email):
        form.add_error(None, "Trop d’essais. Rien n’a été modifié\u00a0: attendez cinq minutes.")
        return False
    birth_date = form.cleaned_data["birth_date"]
    found: bool = services.recognise(
        actor=GUEST, invitation=invitation, birth_date=birth_date, now=request.now
    )
    if not found:
        form.add_error("birth_date", "Ce n’est pas la date que nous connaissons. Vérifiez-la.")
    return found


def _known(request: HttpRequest, pk: UUID) -> Person:
    return people.get_person(request.actor, pk, Category.COORDINATION)


def _back(pk: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("web:person", args=[pk]) + "#spaces", status=303)
