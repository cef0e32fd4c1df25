"""Invitations: sent by administration, opened by whoever holds the link."""

from dataclasses import replace
from urllib.parse import unquote
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access.actor import ANONYMOUS, Origin, Role
from cordee.access.policy import require
from cordee.kernel.http import opens_nothing, page
from cordee.web import forms, selectors, services
from cordee.web.sign_in import too_many_tries

GUEST = replace(ANONYMOUS, role=Role.GUEST, origin=Origin.LINK)


@require_http_methods(["GET", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """Who was invited, and the form to invite."""
    require(request.actor, "web.invite")
    form = forms.InvitationForm(request.POST or None)
    if form.is_valid():
        services.invite(actor=request.actor, invited=form.invited, now=request.now)
        messages.success(request, "L’invitation part. Le lien sert une fois, pendant sept jours.")
        return HttpResponseRedirect(request.path, status=303)
    context = {"form": form, "invitations": selectors.invitations(request.actor)[:100]}
    return page(request, "web/invitations.jinja", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a link useless."""
    invitation = selectors.get_invitation(request.actor, pk)
    services.revoke_invitation(actor=request.actor, invitation=invitation, now=request.now)
    messages.success(request, "Le lien ne sert plus.")
    return HttpResponseRedirect(reverse("web:invitations"), status=303)


@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    """Open one's account, or add a role to the one that one has."""
    invitation = selectors.invitation_by_secret(secret, request.now)
    if invitation is None:
        opens_nothing(request)
        return page(request, "web/invitation_spent.jinja", status=404)
    form = forms.AcceptForm(request.POST or None)
    if form.is_valid() and too_many_tries(request, invitation.email):
        form.add_error(None, "Trop d’essais. Rien n’a été modifié\u00a0: attendez cinq minutes.")
    if form.is_valid():
        password = form.cleaned_data["password"]
        chosen = {"invitation": invitation, "password": password}
        services.accept_invitation(actor=GUEST, now=request.now, **chosen)
        messages.success(request, "Votre compte est prêt. Connectez-vous.")
        return HttpResponseRedirect(reverse("account_login"), status=303)
    context = {"invitation": invitation, "form": form}
    return page(request, "web/accept.jinja", context, status=422 if form.errors else 200)


@never_cache
@require_GET
def reset_link(request: HttpRequest, key: str) -> HttpResponse:
    """The short link of the mail leads to the library's page."""
    identifier, _, token = unquote(key).partition("-")
    where = reverse("account_reset_password_from_key", args=[identifier, token])
    return HttpResponseRedirect(where)
