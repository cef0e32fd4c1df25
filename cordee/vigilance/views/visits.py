"""Visits at home, on her page and on their own: read, seen, answered; marked without scripts."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.pages import form_about, page_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page, told
from cordee.kernel.identifiers import uuid7
from cordee.people.models import Person
from cordee.people.policy import who_refused_coordination
from cordee.people.rules.sharing import Category
from cordee.people.selectors import get_person
from cordee.vigilance import forms, selectors, services
from cordee.vigilance.models import Visit
from cordee.vigilance.rules.marks import LEVELS, MARKS, SIGNS
from cordee.vigilance.rules.sent import Sent, Unfit
from cordee.vigilance.views.reinforced import around

WORDS = {"marks": MARKS, "levels": LEVELS, "signs": SIGNS}


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The latest visits and those to come, for her page."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    context = {
        "person": person,
        "visits": selectors.latest_visits(request.actor, person),
        "coming": selectors.next_visits(request.actor, person, request.now),
        "around": selectors.around_person(request.actor, person),
        "may_ask": is_allowed(request.actor, "vigilance.ask_equipment", person),
        "may_raise": is_allowed(request.actor, "vigilance.raise_need", person),
        "words": WORDS,
        **around(request, person),
    }
    return page_about(request, person, "vigilance/_person_panel.jinja", context)


@require_GET
def visits(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All the visits of somebody, the latest first."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    trace.read(request.actor, person)
    found = selectors.visits_of(request.actor, person)[:100]
    context = {"person": person, "visits": found, "words": WORDS}
    return page(request, "vigilance/visits.jinja", context)


@require_GET
def visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One visit."""
    found = selectors.get_visit(request.actor, pk)
    return _visit_page(request, found, forms.VisitAnswerForm.of(found))


def _visit_page(request: HttpRequest, found: Visit, form: forms.AnswerForm) -> HttpResponse:
    trace.read(request.actor, found)
    may = is_allowed(request.actor, "vigilance.answer", found)
    context = {"visit": found, "form": form, "may_answer": may, "words": WORDS}
    return page(request, "vigilance/visit.jinja", context, status=422 if form.errors else 200)


@require_POST
def see(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that one saw it."""
    found = selectors.get_visit(request.actor, pk)
    services.see(actor=request.actor, visit=found, now=request.now)
    told(request, "L’aide à domicile lira que vous l’avez vu.")
    return redirect("vigilance:visit", pk)


@require_POST
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell the helper what was done."""
    found = selectors.get_visit(request.actor, pk)
    require(request.actor, "vigilance.answer", found)
    sent = request.POST.copy()
    form = forms.VisitAnswerForm(sent)
    if form.is_valid():
        said = form.cleaned_data
        try:
            services.answer(actor=request.actor, visit=found, now=request.now, **said)
            told(request, "L’aide à domicile lira ce qui a été fait.")
            return redirect("vigilance:visit", pk)
        except DomainError as refused:
            form.add_error(None, refused.message)
            found.refresh_from_db()
            sent["seen"] = str(found.version)
    return _visit_page(request, found, form)


@require_http_methods(["GET", "POST"])
def mark(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark a visit without scripts, or on the spot: with the same words as on the phone."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "vigilance.raise_need", person)
    form = forms.MarkForm(request.POST or None, initial={"key": uuid7()})
    if request.method == "POST" and form.is_valid():
        said = form.said(person.pk, request.now)
        if isinstance(said, Sent):
            return _noted(request, person, said, "Visite notée.")
        form.add_error(None, _why(said))
    context = {"person": person, "form": form}
    return form_about(request, person, "vigilance/mark.jinja", context)


@require_http_methods(["GET", "POST"])
def need(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Raise a need: each button is one, and sends it."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "vigilance.raise_need", person)
    form = forms.NeedForm(request.POST)
    if request.method == "POST" and form.is_valid():
        said = form.said(person.pk, request.now)
        if isinstance(said, Sent):
            return _noted(request, person, said, "Besoin signalé.")
    hers = bool(who_refused_coordination([person.pk]))
    context = {"person": person, "offered": forms.OFFERED, "key": uuid7(), "is_hers": hers}
    status = 422 if request.method == "POST" else 200
    return page_about(request, person, "vigilance/need.jinja", context, status=status)


def _noted(request: HttpRequest, person: Person, said: Sent, words: str) -> HttpResponse:
    services.raise_need(actor=request.actor, person=person, said=said, now=request.now)
    told(request, words)
    return redirect(f"{reverse('web:person', args=[person.pk])}#visits")


def _why(said: Unfit) -> str:
    if said.why == "empty":
        return "Donnez au moins une note, un signe ou quelques mots."
    return "Ce qui a été saisi ne peut pas être pris\u00a0: relisez, puis envoyez de nouveau."
