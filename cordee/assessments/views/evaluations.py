"""What was evaluated about a person: the panel, the list, one result, an instrument over time."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from cordee.access import trace
from cordee.access.pages import page_about
from cordee.access.policy import is_allowed
from cordee.assessments import selectors
from cordee.assessments.views.moment import today
from cordee.kernel.http import page
from cordee.kernel.paper import printable
from cordee.people import selectors as people
from cordee.people.rules.sharing import Category


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The last result of each instrument; nothing is said of what one may not read."""
    person = people.get_person(request.actor, pk, Category.COORDINATION)
    context = {
        "person": person,
        "latest": selectors.latest_of(request.actor, person, request.now),
        "drafts": selectors.drafts_of(request.actor, person),
        "asked_of_me": selectors.asked_of_me(request.actor, person, today(request)),
        "may_evaluate": is_allowed(request.actor, "assessments.evaluate", person),
    }
    return page_about(request, person, "assessments/_person_panel.jinja", context)


@require_GET
def listing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All the evaluations of a person, and the instruments one may begin."""
    person = people.get_person(request.actor, pk, Category.COORDINATION)
    trace.read(request.actor, person)
    context = {
        "person": person,
        "evaluations": selectors.evaluations_told(request.actor, person),
        "drafts": selectors.drafts_of(request.actor, person),
        "questionnaires": selectors.questionnaires_to_fill(request.actor, person),
    }
    return page(request, "assessments/list.jinja", context)


@require_GET
def result(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One evaluation: what it measured, where each point comes from, what was answered."""
    response = selectors.get_response(request.actor, pk)
    if response.is_draft:
        return redirect("assessments:fill", pk)
    trace.read(request.actor, response)
    context = {
        "person": response.person,
        "told": selectors.told_of(request.actor, response, request.now),
        "looks": len(selectors.parts_around(request.actor, response)),
        "may_change": is_allowed(request.actor, "assessments.correct", response),
        "may_withdraw": is_allowed(request.actor, "assessments.withdraw", response),
    }
    return printable(request, "assessments/result.jinja", context, name="evaluation")


@require_GET
def history(request: HttpRequest, pk: UUID, questionnaire: UUID) -> HttpResponse:
    """One instrument over time: each result, drawn and in a table, answer by answer."""
    person = people.get_person(request.actor, pk, Category.COORDINATION)
    instrument = selectors.get_questionnaire(request.actor, questionnaire)
    trace.read(request.actor, person)
    context = {
        "person": person,
        "questionnaire": instrument,
        "courses": selectors.courses_of(request.actor, person, instrument.url),
    }
    return page(request, "assessments/history.jinja", context)
