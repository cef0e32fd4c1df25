"""Poles, territories and sectors renamed and closed: what hangs from them is said, and moved."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cordee.access.policy import require
from cordee.directory import forms, selectors, services
from cordee.directory.models import Pole, Sector, Territory
from cordee.directory.views.setup import drawn
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page


def _to(request: HttpRequest, said: str, view: str, *arguments: Any) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(reverse(view, args=arguments), status=303)


def _is_done(form: Any, gesture: Callable[..., Any]) -> bool:
    """Do what a form says; what refuses it is said on the form."""
    if not form.is_valid():
        return False
    try:
        gesture(form)
    except DomainError as error:
        form.add_error(None, error.message)
    return not form.errors


Drawn = Sector | Territory


def _rename(
    request: HttpRequest, found: Drawn, gesture: Callable[..., Any], length: int
) -> HttpResponse | None:
    """Give what is drawn the name that was typed; its page, when it cannot be done."""
    form = forms.NameForm(request.POST, name=found.name, length=length)
    return _done(request, found, gesture, name_form=form)


def _close(request: HttpRequest, found: Drawn, gesture: Callable[..., Any]) -> HttpResponse | None:
    """Close what is drawn, for the heir that was chosen; its page, when it cannot be done."""
    form = forms.CloseForm(selectors.heirs_of(request.actor, found), request.POST)
    return _done(request, found, gesture, close_form=form)


def _done(
    request: HttpRequest, found: Drawn, gesture: Callable[..., Any], **form: Any
) -> HttpResponse | None:
    ((name, given),) = form.items()

    def do(form: Any) -> None:
        gesture(actor=request.actor, now=request.now, **form.cleaned_data)

    return None if _is_done(given, do) else drawn(request, found, **{name: given})


# -- poles ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def pole(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A duty desk: its name and hours to correct, and how to close it."""
    found = selectors.get_pole(request.actor, pk)
    require(request.actor, "directory.change_pole", found)
    form = forms.PoleForm.of(found, request.POST if request.method == "POST" else None)

    def change(form: forms.PoleForm) -> None:
        given = {"name": form.cleaned_data["name"], "hours": form.hours()}
        services.change_pole(actor=request.actor, pole=found, now=request.now, **given)

    if request.method == "GET" or not _is_done(form, change):
        return _pole(request, found, form=form)
    said = "Le pôle est corrigé."
    return _to(request, said, "directory:organization_roster", found.organization_id)


@require_POST
def close_pole(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close a duty desk; another takes over its turns."""
    found = selectors.get_pole(request.actor, pk)
    require(request.actor, "directory.close_pole", found)
    form = forms.CloseForm(selectors.heirs_of(request.actor, found), request.POST)

    def close(form: forms.CloseForm) -> None:
        services.close_pole(actor=request.actor, pole=found, now=request.now, **form.cleaned_data)

    if not _is_done(form, close):
        return _pole(request, found, close_form=form)
    said = f"{found.name} est fermé. Ses notes de relève restent à lire."
    return _to(request, said, "directory:organization_roster", found.organization_id)


def _pole(
    request: HttpRequest,
    found: Pole,
    *,
    form: forms.PoleForm | None = None,
    close_form: forms.CloseForm | None = None,
) -> HttpResponse:
    heirs = selectors.heirs_of(request.actor, found)
    context = {
        "pole": found,
        "form": form or forms.PoleForm.of(found),
        "left": selectors.shifts_left(found, request.now),
        "close_form": close_form or forms.CloseForm(heirs),
    }
    wrong = any(one is not None and one.is_bound for one in (form, close_form))
    return page(request, "directory/pole.jinja", context, status=422 if wrong else 200)


# -- sectors and territories ---------------------------------------------------------------------


@require_POST
def rename_sector(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a sector another name."""
    found = selectors.get_sector(request.actor, pk)
    require(request.actor, "directory.rename_sector", found)
    wrong = _rename(request, found, partial(services.rename_sector, sector=found), 80)
    return wrong or _to(request, "Le secteur est renommé.", "directory:sector", pk)


@require_POST
def close_sector(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close a sector; another of the structure takes its communes."""
    found = selectors.get_sector(request.actor, pk)
    require(request.actor, "directory.close_sector", found)
    wrong = _close(request, found, partial(services.close_sector, sector=found))
    said = f"Le secteur {found.name} est fermé."
    return wrong or _to(request, said, "directory:organization_sectors", found.organization_id)


@require_POST
def rename_territory(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a territory another name."""
    found = selectors.get_territory(request.actor, pk)
    require(request.actor, "directory.rename_territory", found)
    wrong = _rename(request, found, partial(services.rename_territory, territory=found), 120)
    return wrong or _to(request, "Le territoire est renommé.", "directory:territory", pk)


@require_POST
def close_territory(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close a territory; another of its kind takes its structures, communes and persons."""
    found = selectors.get_territory(request.actor, pk)
    require(request.actor, "directory.close_territory", found)
    wrong = _close(request, found, partial(services.close_territory, territory=found))
    return wrong or _to(request, f"Le territoire {found.name} est fermé.", "directory:territories")
