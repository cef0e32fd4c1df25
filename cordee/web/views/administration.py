"""Administration: who may sign in, as what, until when. No person's record from here."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access.policy import require
from cordee.directory import services as directory
from cordee.kernel.http import page, reads
from cordee.people import selectors as people
from cordee.protocols import selectors as protocols
from cordee.web import forms, selectors, services
from cordee.web.nav import desks_of_administration


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What there is to keep, room by room."""
    require(request.actor, "web.administer")
    waiting = list(selectors.waiting_resets(request.actor, request.now))
    context = {"desks": desks_of_administration(), "resets": waiting}
    context["proposed"] = list(protocols.waiting_for(request.actor))
    return page(request, "web/administration.jinja", context)


@require_http_methods(["GET", "POST"])
@reads
def accounts(request: HttpRequest) -> HttpResponse:
    """The accounts; a search is a POST, so that no name stands in an address."""
    require(request.actor, "web.administer")
    text = request.POST.get("q", "").replace("\0", "").strip()
    found = selectors.accounts(request.actor, text, request.now)[:200]
    context = {"accounts": found, "text": text, "today": timezone.localdate(request.now)}
    context["roles"] = people.role_lines(request.actor)
    return page(request, "web/accounts.jinja", context, part="web/_account_rows.jinja")


@require_GET
def account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One account: its roles, its sessions, what can be done."""
    require(request.actor, "web.administer")
    return _account_page(request, pk, forms.RoleForm(), forms.ResetForm())


@require_POST
def give_role(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give one more role, from a day to another."""
    require(request.actor, "web.administer")
    form = forms.RoleForm(request.POST)
    if not form.is_valid():
        return _account_page(request, pk, form, forms.ResetForm(), status=422)
    holder = selectors.get_account(request.actor, pk, request.now)
    directory.add_membership(
        actor=request.actor,
        organization=form.cleaned_data["organization"],
        traits=form.traits(holder),
        now=request.now,
    )
    return _said(request, "Le rôle est donné.", "web:account", pk)


@require_POST
def end_role(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a role back, at once."""
    membership = selectors.get_membership(request.actor, pk)
    services.take_role_back(actor=request.actor, membership=membership, now=request.now)
    holder = membership.account_id
    return _said(request, "Le rôle est retiré, dès maintenant.", "web:account", holder)


CLOSED = "Ce compte n’ouvre plus rien ici\u00a0: ses rôles, ses sessions et ses liens sont arrêtés."


@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close an account: roles, sessions and links, at once. That it also opens an own space, and
    stays open for it, is no matter of administration."""
    holder = selectors.get_account(request.actor, pk, request.now)
    services.revoke_account(actor=request.actor, account=holder, now=request.now)
    return _said(request, CLOSED, "web:account", pk)


@require_POST
def close_sessions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the sessions of an account, which may sign in again."""
    holder = selectors.get_account(request.actor, pk, request.now)
    services.end_sessions(actor=request.actor, account=holder, now=request.now)
    return _said(request, "Les sessions de ce compte sont fermées.", "web:account", pk)


@require_POST
def ask_reset(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask that a lost second factor be taken away."""
    require(request.actor, "web.administer")
    form = forms.ResetForm(request.POST)
    if not form.is_valid():
        return _account_page(request, pk, forms.RoleForm(), form, status=422)
    holder = selectors.get_account(request.actor, pk, request.now)
    reason = form.cleaned_data["reason"]
    services.ask_second_factor_reset(
        actor=request.actor, account=holder, reason=reason, now=request.now
    )
    return _said(request, "La demande attend une seconde personne.", "web:resets")


@require_GET
def resets(request: HttpRequest) -> HttpResponse:
    """The second factors that wait for a second person."""
    require(request.actor, "web.see_second_factor_resets")
    context = {"resets": selectors.waiting_resets(request.actor, request.now)}
    return page(request, "web/resets.jinja", context)


@require_POST
def approve_reset(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Agree, as the second person."""
    reset = selectors.get_reset(request.actor, pk)
    services.approve_second_factor_reset(actor=request.actor, reset=reset, now=request.now)
    return _said(request, "Le second facteur est retiré ; il sera redemandé.", "web:resets")


@require_POST
def withdraw_reset(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what one asked, or what was asked for oneself."""
    reset = selectors.get_reset(request.actor, pk)
    services.withdraw_second_factor_reset(actor=request.actor, reset=reset, now=request.now)
    own = reset.account_id == request.actor.account_id
    words = "La demande est retirée. Le second facteur reste en place."
    return _said(request, words, "mfa_index" if own else "web:resets")


def _account_page(
    request: HttpRequest, pk: UUID, role_form: Any, reset_form: Any, status: int = 200
) -> HttpResponse:
    holder = selectors.get_account(request.actor, pk, request.now)
    context = {
        "account": holder,
        "sessions": selectors.open_sessions(holder),
        "role_form": role_form,
        "reset_form": reset_form,
    }
    return page(request, "web/account.jinja", context, status=status)


def _said(request: HttpRequest, text: str, view: str, *arguments: Any) -> HttpResponseRedirect:
    messages.success(request, text)
    response = redirect(view, *arguments)
    response.status_code = 303
    return response
