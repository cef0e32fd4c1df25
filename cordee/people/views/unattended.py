"""Whether records are merged by themselves: what was measured, what is on, the switch."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import Forbidden
from cordee.kernel.http import page
from cordee.people import selectors, services
from cordee.people.policy import MERGING
from cordee.people.rules import unattended as rules


@require_GET
def unattended(request: HttpRequest) -> HttpResponse:
    """The setting and its proof, for who sets it and for who judges pairs."""
    may_set = is_allowed(request.actor, "people.set_unattended")
    if not may_set and request.actor.role not in MERGING:
        raise Forbidden("people.set_unattended")
    context = {
        "shown": selectors.unattended_merging(request.actor),
        "asked": rules.said(rules.PRECISE),
        "may_set": may_set,
    }
    return page(request, "people/unattended.jinja", context)


@require_POST
def switch_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let records be merged by themselves, on the proof of a measure."""
    require(request.actor, "people.set_unattended")
    evaluation = selectors.get_evaluation(request.actor, pk)
    services.switch_on(actor=request.actor, evaluation=evaluation, now=request.now)
    messages.success(request, "C’est allumé : les paires les plus sûres seront réunies cette nuit.")
    return redirect("people:unattended")


@require_POST
def switch_off(request: HttpRequest) -> HttpResponse:
    """Leave every decision to humans."""
    require(request.actor, "people.set_unattended")
    services.switch_off(actor=request.actor, now=request.now)
    messages.success(request, "C’est éteint : plus rien n’est réuni sans une décision humaine.")
    return redirect("people:unattended")
