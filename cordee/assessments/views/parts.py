"""Parts of a team’s evaluation: asked, read by who was asked, given, or taken back."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.policy import is_allowed, require
from cordee.assessments import forms, selectors, services
from cordee.assessments.models import AskedPart, Questionnaire
from cordee.assessments.rules.together import sections_of
from cordee.assessments.views.moment import today
from cordee.kernel.errors import DomainError
from cordee.kernel.http import done, page
from cordee.people import selectors as people
from cordee.people.models import Person
from cordee.people.rules.sharing import Category

SOON = timedelta(days=7)
BESIDE = {
    "assessments.part_day": "wanted_on",
    "assessments.part_waits": "guest",
    "assessments.part_guest": "guest",
}


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: UUID, questionnaire: UUID) -> HttpResponse:
    """Ask somebody for their part; who was asked, and who answered."""
    person = people.get_person(request.actor, pk, Category.COORDINATION)
    instrument = selectors.get_questionnaire(request.actor, questionnaire)
    form = _form(request, person, instrument)
    if _is_asked(request, form, person, instrument):
        return done(request, "La part est demandée.", to=request.path)
    trace.read(request.actor, person)
    asked = selectors.asked_of(request.actor, person, instrument, today(request))
    context = {"person": person, "questionnaire": instrument, "form": form, "asked": asked}
    return page(request, "assessments/ask.jinja", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, person: Person, instrument: Questionnaire) -> forms.AskForm:
    blank = selectors.blank_part(request.actor, person, instrument, request.now)
    require(request.actor, "assessments.ask_part", blank)
    category, day = Category(instrument.category), today(request)
    return forms.AskForm(
        request.POST if request.method == "POST" else None,
        guests=selectors.guests_for(request.actor, person, category, request.now),
        titles=sections_of(selectors.definition_of(instrument)),
        today=day,
        initial={"wanted_on": day + SOON},
    )


def _is_asked(
    request: HttpRequest, form: forms.AskForm, person: Person, instrument: Questionnaire
) -> bool:
    if request.method != "POST" or not form.is_valid():
        return False
    part = form.write_on(selectors.blank_part(request.actor, person, instrument, request.now))
    try:
        services.ask_part(actor=request.actor, part=part, now=request.now)
    except DomainError as refused:
        if refused.code not in BESIDE:
            raise
        form.add_error(BESIDE[refused.code], refused.message)
        return False
    return True


@require_GET
def part(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is asked, by whom, for when; what who is asked may do of it."""
    found = selectors.get_part(request.actor, pk)
    trace.read(request.actor, found)
    context = {
        "person": found.person,
        "one": selectors.part_told(found, today(request)),
        "is_mine": found.guest_id == request.actor.account_id,
        "may_end": found.is_awaited and is_allowed(request.actor, "assessments.end_part", found),
    }
    return page(request, "assessments/part.jinja", context)


@require_POST
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Await it no more."""
    found: AskedPart = selectors.get_part(request.actor, pk)
    services.end_part(actor=request.actor, part=found, now=request.now)
    to = reverse("assessments:part", args=[pk])
    return done(request, "Cette part n’est plus attendue.", to=to)


@require_POST
def begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin to fill in what one was asked for, or go on."""
    found: AskedPart = selectors.get_part(request.actor, pk)
    blank = selectors.blank(request.actor, found.person, found.questionnaire, request.now)
    draft = services.begin(actor=request.actor, response=blank, now=request.now)
    return redirect("assessments:fill", draft.pk)
