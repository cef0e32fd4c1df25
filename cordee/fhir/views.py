"""The screens of the door: exports and imports in bulk, for administration and the DPO."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access.actor import Role
from cordee.access.policy import get_visible, require
from cordee.fhir.bulk import selectors, services
from cordee.fhir.imports import services as imported
from cordee.fhir.models import Export, Import
from cordee.kernel.http import page, told

SHOWN = 100


@require_GET
def exports(request: HttpRequest) -> HttpResponse:
    """Exports under way and past: who asked, how far, of how many persons."""
    require(request.actor, "fhir.look_at_exports")
    found = list(selectors.works(Export, request.actor)[:SHOWN])
    context = {"exports": found, "may_cancel": request.actor.role is Role.ADMINISTRATOR}
    return page(request, "fhir/exports.jinja", context)


@require_POST
def cancel_export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop an export, or take its files back."""
    found = get_visible(request.actor, Export, pk)
    services.cancel(actor=request.actor, export=found, now=request.now)
    told(request, "L’export est arrêté, et ses fichiers sont retirés.")
    return redirect("fhir:exports")


@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """Imports under way and past: who sends, how far, what was written and what was not."""
    require(request.actor, "fhir.look_at_imports")
    found = list(selectors.works(Import, request.actor)[:SHOWN])
    context = {"imports": found, "may_cancel": request.actor.role is Role.ADMINISTRATOR}
    return page(request, "fhir/imports.jinja", context)


@require_POST
def cancel_import(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop an import, or take back what was refused of it."""
    found = get_visible(request.actor, Import, pk)
    imported.cancel(actor=request.actor, work=found, now=request.now)
    told(request, "L’import est arrêté. Ce qui était déjà enregistré le reste.")
    return redirect("fhir:imports")
