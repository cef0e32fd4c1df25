"""Writing the lines of a plan."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cordee.access.pages import form_about
from cordee.access.policy import require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import done
from cordee.plans import forms, selectors, services
from cordee.plans.forms.lines import FORMS, form_for
from cordee.plans.models import CarePlan
from cordee.plans.rules.rhythms import civil_day
from cordee.plans.views.plans import typed

BESIDE = {
    "plans.changed": None,
    "plans.referent": "referent",
    "plans.author": None,
    "plans.under_way": None,
    "plans.category": "domain",
    "plans.who": "member",
    "plans.first_day": "first_on",
    "plans.elsewhere": "goal",
    "plans.goal": "goal",
    "plans.place": "place",
}
TITLES = {
    "need": ("Écrire un besoin", "Modifier le besoin"),
    "goal": ("Écrire un objectif partagé", "Modifier l’objectif"),
    "action": ("Écrire une action", "Modifier l’action"),
    "alert": ("Écrire qui appeler", "Modifier qui appeler"),
}
WRITES: dict[str, Any] = {
    "need": services.write_need,
    "goal": services.write_goal,
    "action": services.write_action,
    "alert": services.write_alert,
}


@require_http_methods(["GET", "POST"])
def words(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write what the person says."""
    plan = selectors.get_plan(request.actor, pk)
    require(request.actor, "plans.write_words", plan)
    referents = selectors.referents_of(request.actor, plan, request.now)
    today = civil_day(request.now)
    form = forms.WordsForm(typed(request), line=plan, referents=referents, today=today)
    if _is_saved(request, form, partial(services.write_words, plan=plan)):
        return redirect("plans:plan", pk)
    context = {"plan": plan, "person": plan.person, "form": form}
    return form_about(request, plan, "plans/words.jinja", context)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """Write a new line."""
    return _line(request, pk, kind, None)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID, kind: str, line: UUID) -> HttpResponse:
    """Write a line again."""
    return _line(request, pk, kind, line)


def _line(request: HttpRequest, pk: UUID, kind: str, line_id: UUID | None) -> HttpResponse:
    plan = selectors.get_plan(request.actor, pk)
    require(request.actor, "plans.write_words", plan)
    line = selectors.get_line(request.actor, plan, kind, line_id) if line_id else None
    form = _form(request, plan, kind, line)
    if _is_saved(request, form, partial(WRITES[kind], plan=plan, line=line)):
        return redirect("plans:plan", pk)
    context = {"plan": plan, "person": plan.person, "kind": kind, "line": line, "form": form}
    context["title"] = TITLES[kind][line is not None]
    return form_about(request, plan, "plans/line.jinja", context)


def _form(request: HttpRequest, plan: CarePlan, kind: str, line: Any) -> forms.LineForm:
    if kind not in FORMS:
        raise Http404
    form, around = form_for(kind, selectors.around(request.actor, plan))
    options = around | {"line": line, "today": civil_day(request.now)}
    if line is None and kind == "action" and (goal := request.GET.get("objectif")):
        options["initial"] = {"goal": goal, "choice": "", "rhythm": "once"}
    return form(typed(request), **options)


def _is_saved(request: HttpRequest, form: forms.LineForm, write: Any) -> bool:
    """Write; what another wrote meanwhile is said beside what was typed, which is kept."""
    if request.method != "POST" or not form.is_valid():
        return False
    seen = form.cleaned_data["seen"]
    try:
        write(actor=request.actor, said=form.said, seen=seen, now=request.now)
    except DomainError as refused:
        _beside(form, refused)
        return False
    return True


def _beside(form: forms.LineForm, refused: DomainError) -> None:
    if refused.code not in BESIDE:
        raise refused
    name = BESIDE[refused.code]
    form.add_error(name if name in form.fields else None, refused.message)
    if refused.code == "plans.changed":
        form.shows_again(selectors.version_now(form.line))


@require_POST
def take_away(request: HttpRequest, pk: UUID, kind: str, line: UUID) -> HttpResponse:
    """Take a line off the plan."""
    plan = selectors.get_plan(request.actor, pk)
    found = selectors.get_line(request.actor, plan, kind, line)
    services.take_away(actor=request.actor, plan=plan, line=found, now=request.now)
    return redirect("plans:plan", pk)


@require_POST
def take_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take up a need that an evaluation found."""
    plan = selectors.get_plan(request.actor, pk)
    origin = request.POST.get("origin", "")
    services.take_up_need(actor=request.actor, plan=plan, origin=origin, now=request.now)
    to = f"{reverse('plans:plan', args=[pk])}#besoins"
    return done(request, "Besoin repris dans le plan. Vous pouvez le reformuler.", to=to)
