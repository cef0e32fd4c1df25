"""Protocols are proposed, sent back, approved, retired, erased while they are drafts."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cordee.access.policy import require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import told
from cordee.protocols import forms, selectors, services
from cordee.protocols.rules.protocol import Refused


@require_POST
def propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a draft to be approved; what is wrong with it is told, and nothing changes."""
    found = selectors.get_version(request.actor, pk)
    require(request.actor, "protocols.propose", found)
    try:
        services.propose(actor=request.actor, version=found, now=request.now)
    except Refused as refusal:
        raise _as_told(refusal) from None
    told(
        request,
        "Le protocole est proposé\u00a0: prévenez qui doit l’approuver, Cordée ne le fait pas.",
    )
    return redirect("protocols:version", pk)


@require_POST
def send_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Turn a proposed text into a draft, with a word on what to mend."""
    found = selectors.get_version(request.actor, pk)
    form = forms.RemarkForm(request.POST)
    remark = form.cleaned_data["remarque"] if form.is_valid() else ""
    services.send_back(actor=request.actor, version=found, remark=remark, now=request.now)
    told(request, "Le protocole est redevenu un brouillon.")
    return redirect("protocols:version", pk)


@require_POST
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put in use the text that the page showed."""
    found, shown = selectors.get_version(request.actor, pk), request.POST.get("empreinte", "")
    require(request.actor, "protocols.approve", found)
    try:
        services.approve(actor=request.actor, version=found, digest=shown, now=request.now)
    except Refused as refusal:
        raise _as_told(refusal) from None
    told(request, "Le protocole est en usage. Son texte ne changera plus.")
    return redirect("protocols:version", pk)


@require_POST
def retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a version out of use."""
    found = selectors.get_version(request.actor, pk)
    services.retire(actor=request.actor, version=found, now=request.now)
    told(request, "Cette version est retirée\u00a0: plus personne n’y entre.")
    return redirect("protocols:version", pk)


@require_POST
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Erase a draft."""
    found = selectors.get_version(request.actor, pk)
    services.discard(actor=request.actor, version=found, now=request.now)
    told(request, "Le brouillon est effacé.")
    return redirect("protocols:list")


def _as_told(refusal: Refused) -> DomainError:
    return DomainError(
        "protocols.unreadable",
        "Ce texte ne peut pas être publié. Rien n’a été modifié. " + " ".join(refusal.problems[:5]),
    )
