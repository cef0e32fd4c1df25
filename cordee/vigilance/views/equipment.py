"""Equipment asked for and followed; small everyday actions tried and reviewed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.pages import form_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page
from cordee.people.models import Person
from cordee.people.rules.sharing import Category
from cordee.people.selectors import get_person
from cordee.vigilance import forms, selectors, services
from cordee.vigilance.models import Alert, Equipment, Trial
from cordee.vigilance.rules.equipment import Stage, What, proposed_due
from cordee.vigilance.rules.following import Effect
from cordee.vigilance.views.moment import today


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for equipment."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "vigilance.ask_equipment", person)
    form = forms.EquipmentForm(_sent(request), today=today(request), initial=_first(request))
    if form.is_valid() and (made := _made(request, person, form, _asked)):
        return redirect("vigilance:equipment", made.pk)
    context = {"person": person, "form": form, "title": "Demander du matériel"}
    return form_about(request, person, "vigilance/asked.jinja", context)


@require_http_methods(["GET", "POST"])
def begin_trial(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Try a small everyday action."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "vigilance.try_action", person)
    form = forms.TrialForm(_sent(request), today=today(request))
    if form.is_valid() and (made := _made(request, person, form, _tried)):
        return redirect("vigilance:trial", made.pk)
    context = {"person": person, "form": form, "title": "Essayer une petite action"}
    return form_about(request, person, "vigilance/asked.jinja", context)


@require_GET
def equipment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One equipment request: its steps, and what may follow."""
    found = selectors.get_equipment(request.actor, pk)
    return _equipment_page(request, found, _step_form(request, found, None))


@require_POST
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a step was reached."""
    found = selectors.get_equipment(request.actor, pk)
    require(request.actor, "vigilance.move_equipment", found)
    form = _step_form(request, found, request.POST)
    if form.is_valid():
        try:
            services.move_equipment(
                actor=request.actor, equipment=found, step=form.said, now=request.now
            )
            return redirect("vigilance:equipment", pk)
        except DomainError as refused:
            form.add_error(None, refused.message)
    return _equipment_page(request, found, form)


@require_GET
def trial(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One small action: since when, and what it did."""
    found = selectors.get_trial(request.actor, pk)
    return _trial_page(request, found, forms.TrialReviewForm())


@require_POST
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what a small action did."""
    found = selectors.get_trial(request.actor, pk)
    require(request.actor, "vigilance.review_trial", found)
    form = forms.TrialReviewForm(request.POST)
    if not form.is_valid():
        return _trial_page(request, found, form)
    effect, goes_on = Effect(form.cleaned_data["effect"]), form.cleaned_data["goes_on"]
    services.review_trial(
        actor=request.actor, trial=found, effect=effect, goes_on=goes_on, now=request.now
    )
    return redirect("vigilance:trial", pk)


def _asked(request: HttpRequest, person: Person, typed: dict[str, Any]) -> Equipment:
    wanted = services.Wanted(
        what=What(typed["what"]),
        words=typed["words"],
        due_on=typed["due_on"],
        alert=_alert(request),
    )
    made: Equipment = services.ask_equipment(
        actor=request.actor, person=person, wanted=wanted, now=request.now
    )
    return made


def _tried(request: HttpRequest, person: Person, typed: dict[str, Any]) -> Trial:
    tried = services.Tried(words=typed["words"], review_on=typed["due_on"], alert=_alert(request))
    made: Trial = services.try_action(
        actor=request.actor, person=person, tried=tried, now=request.now
    )
    return made


def _made(request: HttpRequest, person: Person, form: forms.DueForm, make: Any) -> Any:
    """Make what was typed; a refusal is said beside it."""
    try:
        return make(request, person, form.cleaned_data)
    except DomainError as refused:
        form.add_error(None, refused.message)
        return None


def _alert(request: HttpRequest) -> Alert | None:
    """The alert whose page led here, by its identifier alone."""
    named = request.GET.get("alerte", "")
    try:
        return selectors.get_alert(request.actor, UUID(named)) if named else None
    except ValueError:
        return None


def _equipment_page(request: HttpRequest, found: Equipment, form: forms.StepForm) -> HttpResponse:
    trace.read(request.actor, found)
    context = {
        "person": found.person,
        "equipment": found,
        "steps": selectors.steps_of(request.actor, found),
        "form": form,
        "may": is_allowed(request.actor, "vigilance.move_equipment", found),
    }
    return page(request, "vigilance/equipment.jinja", context, status=422 if form.errors else 200)


def _trial_page(request: HttpRequest, found: Trial, form: forms.TrialReviewForm) -> HttpResponse:
    trace.read(request.actor, found)
    context = {
        "person": found.person,
        "trial": found,
        "form": form,
        "may": is_allowed(request.actor, "vigilance.review_trial", found),
    }
    return page(request, "vigilance/trial.jinja", context, status=422 if form.errors else 200)


def _step_form(request: HttpRequest, found: Equipment, sent: Any) -> forms.StepForm:
    day, stages = today(request), selectors.next_stages(found)
    likely = Stage(stages[0][0]) if stages else Stage.DROPPED
    first = {"happened_on": day, "due_on": proposed_due(likely, day), "seen": found.number}
    return forms.StepForm(sent, today=day, stages=stages, initial=first)


def _first(request: HttpRequest) -> dict[str, Any]:
    return {"due_on": proposed_due(Stage.ASKED, today(request))}


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None
