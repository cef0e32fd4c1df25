"""The end of duty: who keeps each open request until morning, then the desk closes."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cordee.access import trace
from cordee.access.policy import require
from cordee.directory import selectors as directory
from cordee.directory.models import Organization, Pole
from cordee.intake import rules, selectors, services
from cordee.intake.forms import KeepForm
from cordee.kernel.errors import DomainError
from cordee.kernel.http import done, page

ENDED = "Le service est terminé. Chaque demande ouverte a un nom jusqu’à demain."


@require_http_methods(["GET", "POST"])
def evening(request: HttpRequest) -> HttpResponse:
    """Close the desk, once every open request has a name until morning."""
    organization = _service(request)
    pole = _pole(request, _poles(request, organization))
    if request.method == "POST" and pole is not None:
        note = request.POST.get("note", "")[:4000]
        ending = {"organization": organization, "pole": pole, "note": note}
        try:
            services.end_duty(actor=request.actor, now=request.now, **ending)
        except DomainError as refusal:
            return _table(request, organization, refusal=refusal, note=note)
        return done(request, ENDED, to=reverse("intake:queue"))
    return _table(request, organization)


@require_POST
def keep(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Name who keeps a request until morning, from the end-of-duty table."""
    care, form = selectors.get_request(request.actor, pk), _form(request)
    organization = _service(request)
    if not form.is_valid():
        return _table(request, organization, wrong=form)
    by, seen = _keeper(request, organization, form), form.cleaned_data["seen"]
    services.keep(actor=request.actor, request=care, by=by, seen=seen, now=request.now)
    return _back(request)


@require_POST
def keep_all(request: HttpRequest) -> HttpResponse:
    """Name who keeps everything that would be alone."""
    organization, form = _service(request), _form(request)
    if not form.is_valid():
        return _table(request, organization, wrong=form)
    by = _keeper(request, organization, form)
    services.keep_all(actor=request.actor, organization=organization, by=by, now=request.now)
    return _back(request)


def _service(request: HttpRequest) -> Organization:
    organization = directory.get_organization(request.actor, request.actor.organization_id)
    require(request.actor, "intake.end_duty", organization)
    return organization


def _form(request: HttpRequest) -> KeepForm:
    return KeepForm(request.POST, today=timezone.localdate(request.now))


def _keeper(request: HttpRequest, organization: Organization, form: KeepForm) -> services.Keeper:
    pole = _pole(request, _poles(request, organization))
    until = selectors.morning_of(pole, request.now)
    return services.Keeper(form.cleaned_data["account_id"], form.cleaned_data["how"], until)


def _table(request: HttpRequest, organization: Organization, **given: Any) -> HttpResponse:
    """The table; `given` is what was wrong, or what refuses, with the note that was written."""
    poles = _poles(request, organization)
    pole = _pole(request, poles)
    table = selectors.evening_of(request.actor, organization.pk, pole, request.now)
    persons = [one.person_id for one in table.requests if one.person_id]
    trace.listed(request.actor, "intake.carerequest", persons)
    people = selectors.colleagues(organization.pk, request.now)
    context = {"evening": table, "poles": poles, "pole": pole, "colleagues": people}
    context |= {"keepings": rules.Keeping, "actor_id": request.actor.account_id}
    context |= {"wrong": None, "refusal": None, "note": ""}
    status = 409 if "refusal" in given else 422 if given else 200
    return page(request, "intake/evening.jinja", context | given, status=status)


def _back(request: HttpRequest) -> HttpResponse:
    pole = request.POST.get("pole")
    return redirect(reverse("intake:evening", query={"pole": pole} if pole else None))


def _poles(request: HttpRequest, organization: Organization) -> list[Pole]:
    return list(directory.poles_of(request.actor, organization))


def _pole(request: HttpRequest, poles: list[Pole]) -> Pole | None:
    """The pole whose duty ends: the one that was chosen, else the first by its name."""
    wanted = request.POST.get("pole") or request.GET.get("pole")
    return next((one for one in poles if str(one.pk) == wanted), poles[0] if poles else None)
