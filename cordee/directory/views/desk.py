"""Who holds the desk, what it tells the next one, who replaces whom."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from cordee.access.policy import is_allowed
from cordee.directory import forms, selectors, services
from cordee.directory.models import Organization, Pole
from cordee.directory.rules import first_day
from cordee.kernel.http import page


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The roster of the organisation one works for."""
    return _show(request, selectors.own_organization(request.actor))


@require_GET
def roster(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The roster of an organisation."""
    return _show(request, selectors.get_organization(request.actor, pk))


def _show(
    request: HttpRequest, organization: Organization, status: int = 200, **given: Any
) -> HttpResponse:
    first = first_day(request.GET.get("semaine", ""), request.now)
    poles = selectors.roster(request.actor, organization, first)
    context = {
        "organization": organization,
        "poles": poles,
        "closed": selectors.closed_among(request.actor, organization, Pole),
        "week": [first + timedelta(days=days) for days in (-7, 0, 7)],
        "on_duty": selectors.on_duty(organization, request.now),
        "handovers": selectors.handovers_of(request.actor, organization),
        "unreached": selectors.on_call_without_mobile(organization, request.now),
        "own_mobile_url": _own_mobile(request),
        "covers": selectors.covers_among(request.actor, organization, request.now),
    }
    context |= _allowed(request, poles, organization) | _forms(request, organization)
    return page(request, "directory/roster.jinja", context | given, status=status)


def _own_mobile(request: HttpRequest) -> str:
    """The address of a screen of a room above: one’s own mobile, for who may be on call."""
    if not is_allowed(request.actor, "directory.give_call_mobile"):
        return ""
    try:
        return reverse("messaging:call_mobile")
    except NoReverseMatch:
        return ""


def _allowed(
    request: HttpRequest, poles: list[Pole], organization: Organization
) -> dict[str, bool]:
    return {
        "may_plan": bool(poles) and is_allowed(request.actor, "directory.plan_shift", poles[0]),
        "may_note": bool(poles) and is_allowed(request.actor, "directory.hand_over", poles[0]),
        "may_create": is_allowed(request.actor, "directory.create_pole", organization),
    }


def _forms(request: HttpRequest, organization: Organization) -> dict[str, Any]:
    colleagues = selectors.colleagues_in(organization, request.now)
    return {
        "pole_form": forms.PoleForm(),
        "shift_form": forms.ShiftForm(colleagues),
        "note_form": forms.HandoverForm(),
        "cover_form": forms.CoverForm(colleagues),
    }


def _back(request: HttpRequest, organization_id: UUID, said: str) -> HttpResponse:
    messages.success(request, said)
    where = reverse("directory:organization_roster", args=[organization_id])
    return HttpResponseRedirect(where, status=303)


@require_POST
def create_pole(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open a desk."""
    organization = selectors.get_organization(request.actor, pk)
    form = forms.PoleForm(request.POST)
    if not form.is_valid():
        return _show(request, organization, 422, pole_form=form)
    services.create_pole(
        actor=request.actor,
        organization=organization,
        name=form.cleaned_data["name"],
        hours=form.hours(),
        now=request.now,
    )
    return _back(request, pk, "Le pôle est ouvert.")


@require_POST
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put somebody on the roster of a pole."""
    pole = selectors.get_pole(request.actor, pk)
    colleagues = selectors.colleagues_in(pole.organization, request.now)
    form = forms.ShiftForm(colleagues, request.POST)
    if not form.is_valid():
        return _show(request, pole.organization, 422, shift_form=form)
    services.plan_shift(actor=request.actor, pole=pole, traits=form.traits(), now=request.now)
    return _back(request, pole.organization_id, "Le tour est au planning.")


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a shift off the roster."""
    shift = selectors.get_shift(request.actor, pk)
    organization_id = shift.pole.organization_id
    services.cancel_shift(actor=request.actor, shift=shift, now=request.now)
    return _back(request, organization_id, "Le tour est retiré du planning.")


@require_POST
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leave a note for the next desk."""
    pole = selectors.get_pole(request.actor, pk)
    form = forms.HandoverForm(request.POST)
    if not form.is_valid():
        return _show(request, pole.organization, 422, note_form=form)
    services.hand_over(
        actor=request.actor, pole=pole, note=form.cleaned_data["note"], now=request.now
    )
    return _back(request, pole.organization_id, "La relève est écrite.")


@require_POST
def read_handover(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that the note was read."""
    handover = selectors.get_handover(request.actor, pk)
    services.read_handover(actor=request.actor, handover=handover, now=request.now)
    return _back(request, handover.pole.organization_id, "C’est noté : vous l’avez lue.")


@require_POST
def cover(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say who replaces whom."""
    organization = selectors.get_organization(request.actor, pk)
    form = forms.CoverForm(selectors.colleagues_in(organization, request.now), request.POST)
    if not form.is_valid():
        return _show(request, organization, 422, cover_form=form)
    since, until = form.span()
    who = {name: form.cleaned_data[name] for name in ("absent", "cover")}
    services.set_cover(actor=request.actor, since=since, until=until, now=request.now, **who)
    return _back(request, pk, "Le remplacement est prévu.")


@require_POST
def end_cover(request: HttpRequest, pk: UUID, organization: UUID) -> HttpResponse:
    """End a cover, or cancel one to come."""
    found = selectors.get_cover(request.actor, pk)
    services.end_cover(actor=request.actor, cover=found, now=request.now)
    return _back(request, organization, "Le remplacement est terminé.")
