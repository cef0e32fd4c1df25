"""Alerts raised at home: what a team reads, does, and learns of them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.policy import is_allowed, require
from cordee.directory.selectors import on_call_without_mobile, own_organization
from cordee.kernel.errors import DomainError
from cordee.kernel.http import follows, only_of, page, told
from cordee.kernel.patterns import standing
from cordee.kernel.typography import said_number
from cordee.vigilance import forms, selectors, services
from cordee.vigilance.models import Alert
from cordee.vigilance.views.moment import today
from cordee.vigilance.views.visits import WORDS

LATEST = 8
LIST = "alertes"  # the part of the page that is asked again at once


@follows("vigilance")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The alerts of the team, by person, with the budget that they keep to.

    A screen that hears of one asks for the list alone; what stands around it follows.
    """
    require(request.actor, "vigilance.read_alerts", None)
    only = only_of(request) if request.htmx else None
    groups = selectors.open_alerts(request.actor, only)
    hidden = selectors.hidden_alerts(request.actor, sum(map(len, groups)))
    context: dict[str, Any] = {"groups": _placed(groups), "words": WORDS, "hidden": hidden}
    context["stands"] = standing(request)
    is_list = request.htmx and (only or request.htmx.target == LIST)
    around = {} if is_list else _around(request, [one for group in groups for one in group])
    shown = [group[0] for group in groups] + around.get("closed", [])
    persons = list(dict.fromkeys(one.person_id for one in shown))
    trace.listed(request.actor, "vigilance.alert", persons, refresh=request.htmx)
    part = "vigilance/_open_alerts.jinja" if is_list else None
    return page(request, "vigilance/alerts.jinja", context | around, part=part)


def _placed(groups: list[list[Alert]]) -> list[tuple[str, list[Alert]]]:
    """Each group with its place in the list, as text that sorts: one that comes alone finds it."""
    return [(selectors.place_of(group[0]), group) for group in groups]


def _around(request: HttpRequest, alerts: list[Alert]) -> dict[str, Any]:
    """What stands around the list: the budget, texts that reached nobody, what was closed last."""
    organization = own_organization(request.actor)
    return {
        "closed": list(selectors.closed_alerts(request.actor)),
        "spent": selectors.spent_by(request.actor, organization.pk, request.now),
        "may_set": is_allowed(request.actor, "vigilance.set_budget", organization),
        "lost": selectors.reached_nobody(request.actor, alerts, request.now),
    }


@require_GET
def alert(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One alert: why, what to do, and how it ended."""
    found = selectors.get_alert(request.actor, pk)
    return _alert_page(request, found, _done(request, found))


@require_POST
def see(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that it is seen."""
    found = selectors.get_alert(request.actor, pk)
    form = forms.AsRead(request.POST)
    times = form.cleaned_data["times"] if form.is_valid() else None
    try:
        services.see_alert(actor=request.actor, alert=found, now=request.now, times=times)
        told(request, "C’est noté\u00a0: l’aide à domicile lira que vous l’avez vue.")
    except DomainError as refused:
        told(request, refused.message, "attention")
    return redirect(reverse("vigilance:alert", args=[pk]))


def _done(request: HttpRequest, found: Alert) -> forms.DoneForm:
    return forms.DoneForm.of(found, today(request))


@require_POST
def act(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what is recommended and done."""
    found = selectors.get_alert(request.actor, pk)
    require(request.actor, "vigilance.act_on_alert", found)
    sent = request.POST.copy()
    form = forms.DoneForm(sent, today=today(request))
    if form.is_valid():
        try:
            services.act_on_alert(actor=request.actor, alert=found, done=form.said, now=request.now)
            return redirect(reverse("vigilance:alert", args=[pk]))
        except DomainError as refused:
            form.add_error(None, refused.message)
            found.refresh_from_db()
            if refused.code == services.NOTED_SINCE or form.shows(found):
                for name, text in form.again(found).items():
                    sent[name] = text
    return _alert_page(request, found, form)


@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close it with what it was worth."""
    found = selectors.get_alert(request.actor, pk)
    require(request.actor, "vigilance.close_alert", found)
    sent = request.POST.copy()
    form = forms.EndedForm(sent)
    if form.is_valid():
        try:
            services.close_alert(actor=request.actor, alert=found, ended=form.said, now=request.now)
            told(request, "L’alerte est close.")
            return redirect(reverse("vigilance:alerts"))
        except DomainError as refused:
            form.add_error(None, refused.message)
            found.refresh_from_db()
            if refused.code == services.ANSWERED_SINCE:
                sent["told_at"] = forms.moment_of(selectors.last_answer(request.actor, found))
    return _alert_page(request, found, _done(request, found), form)


@require_http_methods(["GET", "POST"])
def budget(request: HttpRequest) -> HttpResponse:
    """Choose the budget of the team."""
    organization = own_organization(request.actor)
    require(request.actor, "vigilance.set_budget", organization)
    spent = selectors.spent_by(request.actor, organization.pk, request.now)
    known = {"per_week": said_number(spent.per_week), "minutes": spent.minutes}
    known |= {"mobile": spent.mobile}
    form = forms.BudgetForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid() and _is_set(request, organization, form):
        return redirect(reverse("vigilance:alerts"))
    context = {
        "form": form,
        "spent": spent,
        "organization": organization,
        "unreached": on_call_without_mobile(organization, request.now),
    }
    return page(request, "vigilance/budget.jinja", context, status=422 if form.errors else 200)


def _is_set(request: HttpRequest, organization: Any, form: forms.BudgetForm) -> bool:
    try:
        services.set_budget(
            actor=request.actor, organization=organization, now=request.now, **form.cleaned_data
        )
    except DomainError as refused:
        form.add_error(None, refused.message)
        return False
    told(request, "Le budget est réglé\u00a0: les seuils suivent aussitôt.")
    return True


def _alert_page(
    request: HttpRequest, found: Alert, done: forms.DoneForm, ended: forms.EndedForm | None = None
) -> HttpResponse:
    trace.read(request.actor, found)
    answer = selectors.last_answer(request.actor, found)
    ended = ended or forms.EndedForm.of(answer)
    context = {
        "alert": found,
        "person": found.person,
        "visits": list(selectors.visits_of(request.actor, found.person)[:LATEST]),
        "texted": selectors.texted_of(request.actor, found, request.now),
        "may": is_allowed(request.actor, "vigilance.act_on_alert", found),
        "begun": selectors.begun_by(request.actor, found),
        "around": selectors.around_alert(request.actor, found),
        "may_ask": is_allowed(request.actor, "vigilance.ask_equipment", found.person),
    } | {"done": done, "ended": ended, "answer": answer, "words": WORDS}
    wrong = done.errors or ended.errors
    return page(request, "vigilance/alert.jinja", context, status=422 if wrong else 200)
