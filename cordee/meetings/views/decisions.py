"""A meeting is held and written down; what it decided is done."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access.pages import form_about
from cordee.access.policy import require
from cordee.kernel.errors import DomainError
from cordee.meetings import forms, selectors, services
from cordee.meetings.models import Meeting
from cordee.meetings.rules.states import Phase, local
from cordee.meetings.views.meetings import typed

LIST = "mes-actions"  # says in an address that a gesture was begun on the list of who acts
BESIDE = {"meetings.nobody": "there", "meetings.due_day": "due_on"}


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say who was there, and what was said line by line."""
    found = selectors.get_meeting(request.actor, pk)
    require(request.actor, "meetings.write", found)
    read = selectors.page_of(request.actor, found)
    mine, aside = read.written_by(request.actor), read.set_aside_of(request.actor)
    lines = {"topics": mine, "aside": aside}
    form = forms.MinutesForm(typed(request), meeting=found, seats=read.seats, **lines)
    if request.method == "POST" and form.is_valid() and _is_written(request, found, form):
        return redirect("meetings:meeting", pk)
    kept = len(read.topics) - len(mine)
    context = {"person": found.person, "meeting": found, "form": form, "kept": kept}
    return form_about(request, found, "meetings/write.jinja", context)


def _is_written(request: HttpRequest, meeting: Meeting, form: forms.MinutesForm) -> bool:
    try:
        services.write(actor=request.actor, meeting=meeting, said=form.said, now=request.now)
    except services.Changed as other:
        form.shows_again(other.where, other.stands, other.message)
        return False
    except DomainError as refused:
        form.add_error(BESIDE.get(refused.code), refused.message)
        return False
    return True


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down a decision."""
    found = selectors.get_meeting(request.actor, pk)
    require(request.actor, "meetings.decide", found)
    form = _decision_form(request, found)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide(actor=request.actor, meeting=found, said=form.said, now=request.now)
            return redirect(f"{reverse('meetings:meeting', args=[pk])}#decisions")
        except DomainError as refused:
            form.add_error(BESIDE.get(refused.code), refused.message)
    context = {"person": found.person, "meeting": found, "form": form}
    return form_about(request, found, "meetings/decision.jinja", context)


def _decision_form(request: HttpRequest, meeting: Meeting) -> forms.DecisionForm:
    return forms.DecisionForm(
        typed(request),
        doers=selectors.decision_makers(request.actor, meeting, request.now),
        topics=selectors.page_of(request.actor, meeting).topics,
        today=local(request.now).date(),
        initial={"topic": request.GET.get("ligne", ""), "category": "coordination"},
    )


@require_POST
def settle(request: HttpRequest, pk: UUID, line: UUID) -> HttpResponse:
    """Say that a decision is done, or dropped and why."""
    found = selectors.get_meeting(request.actor, pk)
    decision = selectors.get_line(request.actor, found, "decision", line)
    require(request.actor, "meetings.settle", decision)
    form = forms.SettleForm(request.POST)
    if not form.is_valid():
        raise DomainError("meetings.phase", "Dites si la décision est faite, ou abandonnée.")
    phase, outcome = Phase(form.cleaned_data["phase"]), form.cleaned_data["outcome"]
    services.settle(
        actor=request.actor, decision=decision, phase=phase, outcome=outcome, now=request.now
    )
    if request.GET.get("de") == LIST:
        return redirect("pathways:mine")
    return redirect(f"{reverse('meetings:meeting', args=[pk])}#decisions")


@require_GET
def decision(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go to the meeting of a decision."""
    found = selectors.get_decision(request.actor, pk)
    return redirect(f"{reverse('meetings:meeting', args=[found.meeting_id])}#decision-{pk}")
