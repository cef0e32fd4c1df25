"""Actions under way, objectives, reviews."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from cordee.access.pages import form_about
from cordee.access.policy import require
from cordee.kernel.errors import DomainError
from cordee.plans import forms, selectors, services
from cordee.plans.models import CarePlan
from cordee.plans.rules.rhythms import civil_day, review_on
from cordee.plans.views.plans import typed

LIST = "mes-actions"  # says in an address that a gesture was begun on the list of who acts


def back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go back to where the gesture was begun: the list of who acts, else the plan."""
    begun_there = request.GET.get("de") == LIST
    return redirect("pathways:mine") if begun_there else redirect("plans:plan", pk)


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: UUID, line: UUID) -> HttpResponse:
    """Say that an action is understood, ask, or say that one cannot."""
    plan = selectors.get_plan(request.actor, pk)
    activity = selectors.get_line(request.actor, plan, "action", line)
    require(request.actor, "plans.answer", activity)
    form = forms.AnswerForm(typed(request), initial={"answer": request.GET.get("reponse", "")})
    if request.method == "POST" and form.is_valid():
        try:
            services.answer(actor=request.actor, activity=activity, said=form.said, now=request.now)
            return back(request, pk)
        except DomainError as refused:
            form.add_error("words", refused.message)
    context = {"plan": plan, "person": plan.person, "activity": activity, "form": form}
    context["back"] = back(request, pk)["Location"]
    return form_about(request, plan, "plans/answer.jinja", context)


@require_POST
def done(request: HttpRequest, pk: UUID, line: UUID) -> HttpResponse:
    """Say that an action was done."""
    plan = selectors.get_plan(request.actor, pk)
    activity = selectors.get_line(request.actor, plan, "action", line)
    require(request.actor, "plans.do_action", activity)
    form = forms.DoneForm(request.POST, today=civil_day(request.now))
    if not form.is_valid():
        raise DomainError("plans.done_day", "Ce jour n’existe pas : écrivez jour/mois/année.")
    day = form.cleaned_data["done_on"]
    services.do_action(actor=request.actor, activity=activity, done_on=day, now=request.now)
    return back(request, pk)


@require_POST
def stop(request: HttpRequest, pk: UUID, line: UUID) -> HttpResponse:
    """Stop an action."""
    plan = selectors.get_plan(request.actor, pk)
    activity = selectors.get_line(request.actor, plan, "action", line)
    form = forms.StopForm(request.POST)
    why = form.cleaned_data["why"] if form.is_valid() else ""
    services.stop_action(
        actor=request.actor, plan=plan, activity=activity, why=why, now=request.now
    )
    return redirect("plans:plan", pk)


@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, pk: UUID, line: UUID) -> HttpResponse:
    """Say what became of an objective."""
    plan = selectors.get_plan(request.actor, pk)
    goal = selectors.get_line(request.actor, plan, "goal", line)
    require(request.actor, "plans.settle_goal", plan)
    form = forms.SettleForm(typed(request), line=goal, today=civil_day(request.now))
    if request.method == "POST" and form.is_valid() and _is_settled(request, plan, form):
        return redirect("plans:plan", pk)
    context = {"plan": plan, "person": plan.person, "goal": goal, "form": form}
    return form_about(request, plan, "plans/settle.jinja", context)


def _is_settled(request: HttpRequest, plan: CarePlan, form: forms.SettleForm) -> bool:
    said, seen = form.said, form.cleaned_data["seen"]
    by = {"actor": request.actor, "now": request.now}
    try:
        services.settle_goal(plan=plan, goal=form.line, settled=said, seen=seen, **by)
    except DomainError as refused:
        form.add_error("outcome", refused.message)
        if refused.code == "plans.changed":
            form.shows_again(selectors.version_now(form.line))
        return False
    return True


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Look back at the plan together."""
    plan = selectors.get_plan(request.actor, pk)
    require(request.actor, "plans.review", plan)
    goals, today = selectors.page_of(request.actor, plan).goals, civil_day(request.now)
    first = {"held_on": today, "next_on": review_on(today)}
    form = forms.ReviewForm(typed(request), goals=goals, today=today, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            services.review(actor=request.actor, plan=plan, said=form.said, now=request.now)
            return redirect("plans:plan", pk)
        except DomainError as refused:
            form.add_error(None, refused.message)
    context = {"plan": plan, "person": plan.person, "form": form}
    return form_about(request, plan, "plans/review.jinja", context)
