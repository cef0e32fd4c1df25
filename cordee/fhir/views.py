"""The screens of the door: exports and imports in bulk, for administration and the DPO; what was
received whole about somebody, for who may know them."""

import json
from collections.abc import Iterable
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.actor import Role
from cordee.access.pages import page_about
from cordee.access.policy import get_visible, require
from cordee.fhir.bulk import selectors, services
from cordee.fhir.imports import services as imported
from cordee.fhir.models import Export, Import, KeptBody
from cordee.fhir.rules.letters import letter_of, title_of
from cordee.fhir.selectors import documents_of, latest_documents, received
from cordee.kernel.http import page, told
from cordee.people.selectors import get_person

SHOWN, LATEST = 100, 3
LISTED = 20  # documents of a page: each is read, for how it calls itself


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
    stopped = Import.State.CANCELLED, "L’import est arrêté."
    ended = Import.State.OVER, "Les refus de cet import sont retirés."
    state, said = stopped if found.is_running else ended
    imported.cancel(actor=request.actor, work=found, now=request.now, state=state)
    told(request, f"{said} Ce qui était déjà enregistré le reste.")
    return redirect("fhir:imports")


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was received whole about somebody, for her page; nothing when there is none."""
    person = get_person(request.actor, pk)
    found = latest_documents(request.actor, person, LATEST + 1)
    if not found:
        return HttpResponse()
    context = {"person": person, "documents": _titled(found[:LATEST])}
    context["are_more"] = len(found) > LATEST
    return page_about(request, person, "fhir/_person_panel.jinja", context)


def _titled(rows: Iterable[KeptBody]) -> list[tuple[KeptBody, str]]:
    return [(one, title_of(json.loads(one.sent))) for one in rows]


@require_GET
def documents(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All that was received whole about somebody, page by page."""
    person = get_person(request.actor, pk)
    pages = Paginator(documents_of(request.actor, person), LISTED)
    found = pages.get_page(request.GET.get("page"))
    trace.listed(request.actor, "fhir.document", [person.pk], refresh=request.htmx)
    context = {"person": person, "pages": found, "documents": _titled(found)}
    return page(request, "fhir/documents.jinja", context)


@require_GET
def document(request: HttpRequest, pk: UUID, document: UUID) -> HttpResponse:
    """One of them, in its own words."""
    person = get_person(request.actor, pk)
    found = get_visible(request.actor, received(person), document)
    trace.read(request.actor, found)
    context = {"person": person, "document": found, "letter": letter_of(json.loads(found.sent))}
    return page(request, "fhir/document.jinja", context)
