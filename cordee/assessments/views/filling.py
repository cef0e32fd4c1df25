"""Filling in an evaluation: the server decides what is asked, keeps it, and counts."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cordee.access.pages import page_about
from cordee.assessments import selectors, services
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules.together import is_given, lacking_in
from cordee.assessments.selectors import Sheet
from cordee.assessments.views.moment import day_of, today
from cordee.kernel.http import done
from cordee.kernel.identifiers import uuid7
from cordee.people import selectors as people
from cordee.people.rules.sharing import Category


@require_POST
def begin(request: HttpRequest, pk: UUID, questionnaire: UUID) -> HttpResponse:
    """Begin to evaluate somebody, or go on with the draft one had."""
    person = people.get_person(request.actor, pk, Category.COORDINATION)
    instrument = selectors.get_questionnaire(request.actor, questionnaire)
    blank = selectors.blank(request.actor, person, instrument, request.now)
    draft = services.begin(actor=request.actor, response=blank, now=request.now)
    return redirect("assessments:fill", draft.pk)


@require_GET
def fill(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a draft as it was kept."""
    draft = selectors.get_draft(request.actor, pk)
    if not draft.is_draft:
        return redirect("assessments:result", pk)
    return _page(request, draft, selectors.sheet_of(draft, day_of(request, draft)))


def _with_known(request: HttpRequest, draft: QuestionnaireResponse, sheet: Sheet) -> Sheet:
    known = selectors.proposals_of(request.actor, draft, day_of(request, draft))
    return replace(sheet, known=known | selectors.said_by_team(request.actor, draft))


def _page(
    request: HttpRequest, draft: QuestionnaireResponse, sheet: Sheet, *, asked: bool = False
) -> HttpResponse:
    in_use = selectors.edition_in_use(request.actor, draft.questionnaire)
    context = {
        "person": draft.person,
        "draft": draft,
        "sheet": _with_known(request, draft, sheet),
        "asked": asked,
        "window": request.POST.get("_window") or str(uuid7()),
        "in_use": in_use,
        "mine": _my_part(request, draft, sheet),
    }
    return page_about(
        request, draft, "assessments/fill.jinja", context, status=422 if asked else 200
    )


def _my_part(
    request: HttpRequest, draft: QuestionnaireResponse, sheet: Sheet
) -> dict[str, Any] | None:
    """What one was asked for, and what of it is still lacking; None when one fills in the whole."""
    part = None if draft.corrects_id or draft.settles else selectors.part_of_draft(draft)
    if part is None:
        return None
    wanted = set(lacking_in(sheet.filled, part.sections))
    return {
        "asked": selectors.part_told(part, today(request)),
        "sections": [one for one in sheet.sections if one.top in part.sections and not one.level],
        "lacking": [one for one in sheet.lacking if one.name in wanted],
    }


@require_POST
def save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what is typed and say what follows: by the page itself, or by its button."""
    draft = selectors.get_draft(request.actor, pk)
    sheet = selectors.sheet_typed(draft, dict(request.POST.lists()), day_of(request, draft))
    written = _written(request, sheet)
    draft = services.keep(actor=request.actor, response=draft, written=written, now=request.now)
    if request.htmx:
        return _told_beside(request, draft, sheet)
    if request.POST.get("_then") == "leave":
        return redirect("assessments:list", draft.person_id)
    return _page(request, draft, sheet)


def _told_beside(request: HttpRequest, draft: QuestionnaireResponse, sheet: Sheet) -> HttpResponse:
    """Leave alone what is being typed, unless other questions are asked now."""
    moved = request.POST.get("_shown") != sheet.signature
    shown = _with_known(request, draft, sheet) if moved else sheet
    mine = _my_part(request, draft, sheet)
    context = {"draft": draft, "sheet": shown, "moved": moved, "mine": mine}
    answer = page_about(request, draft, "assessments/_kept.jinja", context)
    if not moved:
        answer.headers["HX-Reswap"] = "none"
    return answer


def _written(request: HttpRequest, sheet: Sheet) -> services.Written:
    seen = request.POST.get("_seen", "")
    number = int(seen) if seen.isdecimal() and len(seen) < 9 else 0
    return services.Written(sheet.items, number, request.POST.get("_window", "")[:36])


@require_POST
def complete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Complete the evaluation, or say what is missing; what was typed is kept either way."""
    draft = selectors.get_draft(request.actor, pk)
    sheet = selectors.sheet_typed(draft, dict(request.POST.lists()), day_of(request, draft))
    written = _written(request, sheet)
    if draft.is_draft and not sheet.is_whole:
        kept = services.keep(actor=request.actor, response=draft, written=written, now=request.now)
        return _page(request, kept, sheet, asked=True)
    services.complete(actor=request.actor, response=draft, written=written, now=request.now)
    return redirect("assessments:result", pk)


@require_POST
def complete_part(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give one’s part, or say what is missing in it; what was typed is kept either way."""
    draft = selectors.get_draft(request.actor, pk)
    sheet = selectors.sheet_typed(draft, dict(request.POST.lists()), day_of(request, draft))
    written = _written(request, sheet)
    mine = _my_part(request, draft, sheet) if draft.is_draft else None
    if mine and not (is_given(sheet.filled, mine["asked"].part.sections) and not sheet.unread):
        kept = services.keep(actor=request.actor, response=draft, written=written, now=request.now)
        return _page(request, kept, sheet, asked=True)
    services.complete_part(actor=request.actor, response=draft, written=written, now=request.now)
    return redirect("assessments:result", pk)


@require_POST
def correct(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open the draft of a correction."""
    response = selectors.get_response(request.actor, pk)
    draft = services.correct(actor=request.actor, response=response, now=request.now)
    return redirect("assessments:fill", draft.pk)


@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that an evaluation was entered in error."""
    response = selectors.get_response(request.actor, pk)
    services.withdraw(actor=request.actor, response=response, now=request.now)
    to = reverse("assessments:result", args=[pk])
    return done(request, "Évaluation retirée. Elle reste lisible, et ne compte plus.", to=to)


@require_POST
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Erase a draft."""
    draft = selectors.get_draft(request.actor, pk)
    services.discard(actor=request.actor, response=draft, now=request.now)
    to = reverse("assessments:list", args=[draft.person_id])
    return done(request, "Brouillon effacé.", to=to)
