"""A meeting: on the page of the person, its own page, and on paper."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.pages import form_about, page_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page
from cordee.kernel.paper import printable
from cordee.meetings import forms, selectors, services
from cordee.meetings.invitation import invitation
from cordee.meetings.models import Meeting
from cordee.meetings.rules.states import local, may_be_held
from cordee.people.rules.sharing import Category
from cordee.people.selectors import get_person

BESIDE = {"meetings.past": "day", "meetings.where": "place"}


def typed(request: HttpRequest) -> QueryDict | None:
    """What was sent, if something was: an empty form is one to correct."""
    return request.POST if request.method == "POST" else None


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The meetings about a person, for her page; and the dilemmas of who reads."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    meetings = list(selectors.meetings_of(request.actor, person))
    context = {
        "person": person,
        "planned": [one for one in meetings if one.is_planned][::-1],
        "past": [one for one in meetings if not one.is_planned],
        "dilemmas": selectors.dilemmas_of(request.actor, person),
        "may_call": is_allowed(request.actor, "meetings.call", person),
        "may_write_dilemma": is_allowed(request.actor, "meetings.write_dilemma", person),
    }
    return page_about(request, person, "meetings/_person_panel.jinja", context)


@require_http_methods(["GET", "POST"])
def call(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Plan a meeting about somebody, then its agenda."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "meetings.call", person)
    form = forms.MeetingForm(typed(request), today=local(request.now).date())
    if request.method == "POST" and form.is_valid():
        try:
            made = services.call(
                actor=request.actor, person=person, where=form.where, now=request.now
            )
            return redirect("meetings:meeting", made.pk)
        except DomainError as refused:
            form.add_error(BESIDE.get(refused.code), refused.message)
    context = {"person": person, "meeting": None, "form": form}
    return form_about(request, person, "meetings/when.jinja", context)


@require_GET
def meeting(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A meeting: who comes, what is talked about, what was said and decided."""
    found = selectors.get_meeting(request.actor, pk)
    trace.read(request.actor, found)
    context = shown(request, found)
    if context["holds"] and found.is_planned:
        day = local(request.now).date()
        context["proposals"] = selectors.proposals_for(request.actor, found, day)
    return page(request, "meetings/meeting.jinja", context)


def shown(request: HttpRequest, found: Meeting) -> dict[str, Any]:
    """A meeting with the gestures that its reader may do."""
    read = selectors.page_of(request.actor, found)
    return {
        "meeting": found,
        "person": found.person,
        "page": read,
        "seats": read.seats,
        "removable": False,
        "proposals": [],
        "who": selectors.who,
        "rewrites": lambda line: selectors.rewrites(request.actor, line),
        "local": local,
        "holds": is_allowed(request.actor, "meetings.write", found),
        "may_be_written": may_be_held(found.starts_at, request.now) and found.state != "cancelled",
        "cancel_form": forms.CancelForm(),
    }


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a meeting another time or place."""
    found = selectors.get_meeting(request.actor, pk)
    require(request.actor, "meetings.move", found)
    form = forms.MeetingForm(typed(request), today=local(request.now).date(), meeting=found)
    if request.method == "POST" and form.is_valid():
        try:
            services.move(actor=request.actor, meeting=found, where=form.where, now=request.now)
            return redirect("meetings:meeting", pk)
        except DomainError as refused:
            form.add_error(BESIDE.get(refused.code), refused.message)
    context = {"person": found.person, "meeting": found, "form": form}
    return form_about(request, found, "meetings/when.jinja", context)


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cancel a meeting."""
    found = selectors.get_meeting(request.actor, pk)
    require(request.actor, "meetings.cancel", found)
    form = forms.CancelForm(request.POST)
    why = form.cleaned_data["why"] if form.is_valid() else ""
    services.cancel(actor=request.actor, meeting=found, why=why, now=request.now)
    return redirect("meetings:meeting", pk)


@require_POST
def judge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a line that is proposed, or leave it out."""
    found = selectors.get_meeting(request.actor, pk)
    services.judge(
        actor=request.actor,
        meeting=found,
        origin=request.POST.get("origin", "")[:100],
        kept=request.POST.get("kept") == "oui",
        today=local(request.now).date(),
        now=request.now,
    )
    return redirect("meetings:meeting", pk)


@require_http_methods(["GET", "POST"])
def add_topic(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a line to the agenda."""
    found = selectors.get_meeting(request.actor, pk)
    require(request.actor, "meetings.add_topic", found)
    form = forms.TopicForm(typed(request))
    if request.method == "POST" and form.is_valid():
        services.add_topic(actor=request.actor, meeting=found, said=form.said, now=request.now)
        return redirect("meetings:meeting", pk)
    context = {"person": found.person, "meeting": found, "form": form}
    return form_about(request, found, "meetings/topic.jinja", context)


@require_GET
def minutes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a meeting said and decided, on paper, as its reader may read it."""
    found = selectors.get_meeting(request.actor, pk)
    trace.read(request.actor, found)
    context = shown(request, found) | {"holds": False}
    return printable(request, "meetings/minutes.jinja", context, name="compte-rendu")


@require_GET
def calendar(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The invitation, for the calendar of who reads: it names nobody."""
    found = selectors.get_meeting(request.actor, pk)
    trace.read(request.actor, found)
    guest = selectors.address_of(request.actor) or found.called_by.email
    answer = HttpResponse(
        invitation(found, guest, request.now), content_type="text/calendar; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="concertation.ics"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
