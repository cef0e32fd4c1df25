"""The plan is shown, agreed to or refused; versions and what changed."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.policy import require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page
from cordee.people.selectors import relatives_of
from cordee.plans import forms, selectors, services
from cordee.plans.models import CarePlan
from cordee.plans.rules.rhythms import civil_day
from cordee.plans.views.plans import typed


@require_POST
def propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Freeze the plan, to be shown."""
    plan = selectors.get_plan(request.actor, pk)
    services.propose(actor=request.actor, plan=plan, now=request.now)
    return redirect("plans:agreement", pk)


@require_http_methods(["GET", "POST"])
def agreement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show exactly the version that is agreed to, and write down what is said of it."""
    plan = selectors.get_plan(request.actor, pk)
    require(request.actor, "plans.say", plan)
    shown = selectors.shown_of(request.actor, plan, selectors.number_spoken_of(plan))
    if shown is None:
        raise Http404
    form = _form(request, plan, shown)
    if request.method == "POST" and form.is_valid() and _said(request, plan, form):
        return redirect("plans:plan", pk)
    trace.read(request.actor, plan)
    context = {"plan": plan, "person": plan.person, "shown": shown, "form": form}
    context["numbers"] = selectors.numbers_of(request.actor, plan)
    return page(request, "plans/agreement.jinja", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, plan: CarePlan, shown: selectors.Shown) -> forms.WordForm:
    return forms.WordForm(
        typed(request),
        decisions=selectors.decisions_for(plan),
        relatives=selectors.voices_of(request.actor, relatives_of(request.actor, plan.person)),
        own=request.actor.role == "person",
        initial={"number": shown.version.number, "shown": shown.digest},
    )


def _said(request: HttpRequest, plan: CarePlan, form: forms.WordForm) -> bool:
    try:
        services.say(actor=request.actor, plan=plan, word=form.word, now=request.now)
    except DomainError as refused:
        if refused.code != "plans.speaker":
            raise
        form.add_error("speaker", refused.message)
        return False
    return True


@require_POST
def activate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin what was agreed to."""
    plan = selectors.get_plan(request.actor, pk)
    require(request.actor, "plans.activate", plan)
    day = selectors.day_kept(plan) or _day_chosen(request)
    services.activate(actor=request.actor, plan=plan, review_on=day, now=request.now)
    return redirect("plans:plan", pk)


def _day_chosen(request: HttpRequest) -> date:
    form = forms.ActivateForm(request.POST, today=civil_day(request.now))
    if not form.is_valid():
        raise DomainError("plans.review_day", "Choisissez le jour de la première révision.")
    day: date = form.cleaned_data["review_on"]
    return day


@require_GET
def versions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every version, with what was said of each and what it changed."""
    plan = selectors.get_plan(request.actor, pk)
    trace.read(request.actor, plan)
    numbers = selectors.numbers_of(request.actor, plan)
    context: dict[str, Any] = {
        "plan": plan,
        "person": plan.person,
        "versions": selectors.history_of(request.actor, plan, numbers),
        "numbers": numbers,
    }
    return page(request, "plans/versions.jinja", context)


@require_GET
def version(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """One version, as it was shown."""
    plan = selectors.get_plan(request.actor, pk)
    trace.read(request.actor, plan)
    numbers = selectors.numbers_of(request.actor, plan)
    own = selectors.version_told(numbers, number)
    shown = selectors.shown_of(request.actor, plan, own) if own else None
    if shown is None:
        raise Http404
    words = selectors.words_told(request.actor, plan, numbers, number)
    context = {"plan": plan, "person": plan.person, "shown": shown, "told": number, "words": words}
    return page(request, "plans/version.jinja", context)
