"""Who is asked to come to a meeting."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from cordee.access.pages import page_about
from cordee.access.policy import require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import reads, told
from cordee.kernel.typography import plural
from cordee.meetings import forms, selectors, services
from cordee.meetings.models import Meeting
from cordee.meetings.views.meetings import typed

NOT_LOOKED = {"outside_form": None, "asked": False}  # nobody was looked for in the directory


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the person, somebody of her circle or of the team; or the one found in the directory."""
    found = selectors.get_meeting(request.actor, pk)
    require(request.actor, "meetings.invite", found)
    outside = selectors.outsiders(request.actor, chosen=request.POST.get("who", ""))
    guests = outside or selectors.guests_for(request.actor, found, request.now)
    form = forms.GuestForm(typed(request), guests=guests, outside=bool(outside))
    if request.method == "POST" and form.is_valid() and _is_asked(request, found, form):
        return redirect("meetings:invite", pk)
    beside = {"outside_form" if outside else "form": form}
    return _page(request, found, **beside)


def _is_asked(request: HttpRequest, meeting: Meeting, form: forms.GuestForm) -> bool:
    try:
        services.invite(actor=request.actor, meeting=meeting, guest=form.guest, now=request.now)
    except DomainError as refused:
        form.add_error("who", refused.message)
        return False
    return True


def _page(request: HttpRequest, meeting: Meeting, **beside: Any) -> HttpResponse:
    wrong = any(form.errors for form in beside.values() if isinstance(form, forms.GuestForm))
    if "form" not in beside:
        around = selectors.guests_for(request.actor, meeting, request.now)
        beside["form"] = forms.GuestForm(guests=around)
    context = {
        "meeting": meeting,
        **{"person": meeting.person, "seats": selectors.page_of(request.actor, meeting).seats},
        "who": selectors.who,
        "removable": meeting.is_planned,
        "written_to": selectors.written_to(meeting, request.now) if meeting.is_planned else [],
        "look_form": forms.LookForm(),
    }
    shown, status = NOT_LOOKED | context | beside, 422 if wrong else 200
    return page_about(request, meeting, "meetings/seats.jinja", shown, status=status)


@require_POST
@reads
def outside(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Look for a professional in the directory; the name typed stands in no address."""
    found = selectors.get_meeting(request.actor, pk)
    require(request.actor, "meetings.invite", found)
    look = forms.LookForm(request.POST)
    text = look.cleaned_data["texte"] if look.is_valid() else ""
    guests = selectors.outsiders(request.actor, text)
    form = forms.GuestForm(guests=guests, outside=True)
    response = _page(request, found, outside_form=form, look_form=look, asked=bool(text.strip()))
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def send(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write to the professionals who are asked to come, with the file for their calendar."""
    found = selectors.get_meeting(request.actor, pk)
    count = services.send(actor=request.actor, meeting=found, now=request.now)
    told(request, f"Invitation envoyée à {plural(count, 'professionnel')}.")
    return redirect("meetings:invite", pk)


@require_POST
def uninvite(request: HttpRequest, pk: UUID, line: UUID) -> HttpResponse:
    """Ask somebody no more."""
    found = selectors.get_meeting(request.actor, pk)
    seat = selectors.get_line(request.actor, found, "seat", line)
    services.uninvite(actor=request.actor, meeting=found, seat=seat, now=request.now)
    return redirect("meetings:invite", pk)
