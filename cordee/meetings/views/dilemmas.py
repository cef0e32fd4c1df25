"""Dilemmas, for those who took part."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from cordee.access import trace
from cordee.access.pages import form_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page
from cordee.meetings import forms, selectors, services
from cordee.meetings.models import Dilemma
from cordee.meetings.rules.states import local
from cordee.meetings.views.meetings import typed
from cordee.people.models import Person
from cordee.people.rules.sharing import Category
from cordee.people.selectors import get_person

BESIDE = {"meetings.why_chosen": "why", "meetings.review_day": "review_on"}


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a dilemma about somebody."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "meetings.write_dilemma", person)
    form = _form(request, person)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.write_dilemma(
                actor=request.actor, person=person, said=form.said, now=request.now
            )
            return redirect("meetings:dilemma", made.pk)
        except DomainError as refused:
            form.add_error(BESIDE.get(refused.code), refused.message)
    context = {"person": person, "dilemma": None, "form": form}
    return form_about(request, person, "meetings/reflect.jinja", context)


@require_GET
def dilemma(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A dilemma, as its participants read it."""
    found = selectors.get_dilemma(request.actor, pk)
    trace.read(request.actor, found)
    context = {
        "dilemma": found,
        "person": found.person,
        "seated": selectors.took_part(request.actor, found),
        "may_rewrite": is_allowed(request.actor, "meetings.rewrite_dilemma", found),
    }
    return page(request, "meetings/dilemma.jinja", context)


@require_http_methods(["GET", "POST"])
def rewrite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a dilemma again."""
    found = selectors.get_dilemma(request.actor, pk)
    require(request.actor, "meetings.rewrite_dilemma", found)
    seated = selectors.took_part(request.actor, found)
    form = _form(request, found.person, dilemma=found, seated=seated)
    if request.method == "POST" and form.is_valid() and _is_rewritten(request, found, form):
        return redirect("meetings:dilemma", pk)
    context = {"person": found.person, "dilemma": found, "form": form}
    return form_about(request, found, "meetings/reflect.jinja", context)


def _is_rewritten(request: HttpRequest, found: Dilemma, form: forms.DilemmaForm) -> bool:
    seen, version = form.cleaned_data["seen"] or 0, found.version
    try:
        services.rewrite_dilemma(
            actor=request.actor, dilemma=found, said=form.said, seen=seen, now=request.now
        )
    except DomainError as refused:
        form.add_error(BESIDE.get(refused.code), refused.message)
        if refused.code == "meetings.changed":
            form.shows_again(version)
        return False
    return True


def _form(request: HttpRequest, person: Person, **about: Any) -> forms.DilemmaForm:
    accounts = selectors.may_take_part(request.actor, person, request.now)
    today = local(request.now).date()
    return forms.DilemmaForm(typed(request), accounts=accounts, today=today, **about)
