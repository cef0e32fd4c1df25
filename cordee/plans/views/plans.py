"""The plan: on the page of the person, whole, and on paper."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.pages import page_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page
from cordee.kernel.paper import printable
from cordee.people.rules.sharing import Category
from cordee.people.selectors import get_person
from cordee.plans import forms, selectors, services
from cordee.plans.models import CarePlan
from cordee.plans.rules import states
from cordee.plans.rules.lines import may_rewrite
from cordee.plans.rules.rhythms import civil_day, review_on


def typed(request: HttpRequest) -> QueryDict | None:
    """What was sent, if something was: an empty form is one to correct."""
    return request.POST if request.method == "POST" else None


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the plans of a person stand, for her page."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    found = selectors.plans_of(request.actor, person)
    plans = [selectors.as_told(request.actor, plan) for plan in found]
    context = {
        "person": person,
        "plans": [plan for plan in plans if plan.is_open],
        "ended": [plan for plan in plans if not plan.is_open],
        "may_open": is_allowed(request.actor, "plans.open", person)
        and not any(selectors.is_ours(request.actor, plan) for plan in plans),
    }
    return page_about(request, person, "plans/_person_panel.jinja", context)


@require_POST
def open_plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open the plan of somebody, then write it."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    plan = services.open_plan(actor=request.actor, person=person, now=request.now)
    return redirect("plans:words", plan.pk)


@require_GET
def plan_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The plan, in its four parts."""
    plan = selectors.as_told(request.actor, selectors.get_plan(request.actor, pk))
    trace.read(request.actor, plan)
    return page(request, "plans/plan.jinja", shown(request, plan))


@require_GET
def action(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go to the plan of an action."""
    found = selectors.get_action(request.actor, pk)
    return redirect(f"{reverse('plans:plan', args=[found.plan_id])}#objectif-{found.goal_id}")


def shown(request: HttpRequest, plan: CarePlan) -> dict[str, Any]:
    """A plan with the gestures that its reader may do."""
    actor, read = request.actor, selectors.page_of(request.actor, plan)
    numbers = selectors.numbers_of(actor, plan)
    return {
        "page": read,
        "plan": plan,
        "person": plan.person,
        "stations": stations(plan),
        "numbers": numbers,
        "last_word": selectors.last_word(actor, plan, numbers, read.standing.latest),
        "who_acts": selectors.who_acts,
        "holds": is_allowed(actor, "plans.write_words", plan),
        "rewrites": lambda line: may_rewrite(line.category, line.author_id, actor.account_id),
        "may_say": is_allowed(actor, "plans.say", plan),
        **_beside(request, read),
    }


def _beside(request: HttpRequest, read: selectors.Page) -> dict[str, Any]:
    """Where needs come from; what an evaluation proposes to who may write it; the gestures."""
    actor, plan = request.actor, read.plan
    writes = plan.is_open and is_allowed(actor, "plans.take_up_need", plan)
    return _gesture_forms(civil_day(request.now)) | {
        "may_note": is_allowed(actor, "liaison.write", plan.person),
        "acts": selectors.acts_of(actor, read),
        "day_kept": selectors.day_kept(plan) if plan.state == states.State.AGREED else None,
        "sources": selectors.sources_of(actor, read.needs),
        "agreed": selectors.agreements_on(actor, plan, (*read.goals, *read.kept)),
        "proposed": selectors.proposed_needs(actor, plan) if writes else None,
    }


def _gesture_forms(today: date) -> dict[str, Any]:
    return {
        "activate_form": forms.ActivateForm(today=today, initial={"review_on": review_on(today)}),
        "close_form": forms.CloseForm(),
    }


def read_only(request: HttpRequest, plan: CarePlan) -> dict[str, Any]:
    """A plan on paper: nothing to press."""
    return shown(request, plan) | {
        "holds": False,
        "acts": frozenset(),
        "proposed": None,
        "may_note": False,
    }


def stations(plan: CarePlan) -> list[dict[str, Any]]:
    """The line of the plan, with where it is."""
    state = states.State(plan.state)
    line = [
        {
            "text": one.label,
            "state": "done" if states.is_behind(one, state) else "awaited",
            "current": one == state,
        }
        for one in states.LINE
    ]
    if state not in states.LINE:
        line.append({"text": state.label, "state": "broken", "current": True, "when": " "})
    return line


@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End the plan."""
    plan = selectors.get_plan(request.actor, pk)
    require(request.actor, "plans.close", plan)
    form = forms.CloseForm(request.POST)
    if not form.is_valid():
        raise DomainError("plans.end", "Choisissez pourquoi le plan se termine.")
    reason = states.EndReason(form.cleaned_data["reason"])
    services.close(actor=request.actor, plan=plan, reason=reason, now=request.now)
    return redirect("plans:plan", pk)


@require_GET
def paper(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole plan, for the team, on paper."""
    plan = selectors.as_told(request.actor, selectors.get_plan(request.actor, pk))
    trace.read(request.actor, plan)
    return printable(request, "plans/paper.jinja", read_only(request, plan), name="plan")


@require_GET
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One page for the person, in large print."""
    plan = selectors.get_plan(request.actor, pk)
    trace.read(request.actor, plan)
    context = read_only(request, plan) | {
        "agreed": selectors.agreed_of(request.actor, plan),
        "herself": selectors.HERSELF,
    }
    return printable(request, "plans/sheet.jinja", context, name="mon-plan")
