"""What a professional sees of herself: questions put to her, her ranking, her objection."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.policy import require
from cordee.broker import forms, selectors, services
from cordee.broker.models import Invitation
from cordee.broker.views.answer import told_of_the_place
from cordee.broker.views.answering import CHANGED, Form, has_read, replies, said
from cordee.directory import services as directory
from cordee.kernel.http import page, told

TOLERANCE = 0.2


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Show the questions put to the professional, and how she is ranked."""
    require(request.actor, "broker.own_ranking")
    return _mine_page(request)


def _mine_page(request: HttpRequest, wrong: dict[UUID, Form] | None = None) -> HttpResponse:
    asked, wrong = selectors.my_invitations(request.actor), wrong or {}
    heard = [one for one in asked if one.practitioner_id not in one.solicitation.set_aside]
    wanted = selectors.wanted_among([one.solicitation for one in heard], request.now)
    context = {
        "invitations": sorted(asked, key=lambda one: one.solicitation_id not in wanted),
        "wanted": wanted,
        "replies_of": {one.pk: replies(one.pk, wrong.get(one.pk)) for one in asked},
        "ranking": selectors.my_ranking(request.actor, request.now, TOLERANCE),
    }
    return page(request, "broker/mine.jinja", context, status=422 if wrong else 200)


@require_POST
def reply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer from one's own account."""
    invitation = _own(request, pk)
    if selectors.asks_something_else(invitation, request.POST.get("of", "")):
        told(request, CHANGED, "warn")
        return redirect("broker:mine")
    gesture, form = said(request.POST.get("answer", ""), request.POST)
    if form is not None and not form.is_valid():
        return _mine_page(request, {pk: form})
    typed = form.cleaned_data if form else {}
    gesture(actor=request.actor, invitation=invitation, now=request.now, **typed)
    return redirect("broker:mine")


@require_GET
def won(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the contact details of the place one has."""
    return _won_page(request, own_place(request, pk))


@require_POST
def visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """State the date of the first visit from one's own account."""
    invitation = _own(request, pk)
    if not has_read(request, invitation.solicitation):
        return redirect("broker:won", pk)
    form = forms.FirstVisitForm(request.POST)
    if not form.is_valid():
        return _won_page(request, own_place(request, pk), form, status=422)
    moment = form.cleaned_data["first_visit_at"]
    services.confirm_care(
        actor=request.actor, invitation=invitation, first_visit_at=moment, now=request.now
    )
    return redirect("broker:won", pk)


@require_POST
def give_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one's yes back; access closes and the search reopens at once."""
    invitation = _own(request, pk)
    services.withdraw(actor=request.actor, invitation=invitation, now=request.now)
    return redirect("broker:mine")


def _own(request: HttpRequest, pk: UUID) -> Invitation:
    require(request.actor, "broker.own_ranking")
    return selectors.get_invitation(request.actor, pk)


def own_place(request: HttpRequest, pk: UUID) -> Invitation:
    """Give the place that the professional has; doors of upper rooms show more of it.

    Raises Http404 when the question was not put to them, Forbidden when the place is not theirs.
    """
    invitation = _own(request, pk)
    require(request.actor, "broker.read_place", invitation)
    return invitation


def _won_page(
    request: HttpRequest, invitation: Invitation, form=None, status: int = 200
) -> HttpResponse:
    context = {
        "invitation": invitation,
        "solicitation": invitation.solicitation,
        "visit_form": form or forms.FirstVisitForm(),
        **told_of_the_place(request.actor, invitation),
        "documents_url": reverse("web:own_documents", args=[invitation.pk]),
        "visit_url": reverse("broker:own_visit", args=[invitation.pk]),
        "withdraw_url": reverse("broker:give_up", args=[invitation.pk]),
    }
    trace.read(request.actor, invitation)  # each time: the desk awaits that she reads her date
    return page(request, "broker/won.jinja", context, status=status)


@require_POST
def objection(request: HttpRequest) -> HttpResponse:
    """Object to being ranked by one's answers, or accept it again."""
    require(request.actor, "broker.own_ranking")
    practice = selectors.own_practice(request.actor)
    directory.declare_preferences(
        actor=request.actor,
        practice=practice,
        preferences=directory.Preferences(
            weekly_cap=practice.weekly_cap,
            urgent_at_night=practice.urgent_at_night,
            ranking_objection=request.POST.get("objects") == "yes",
        ),
        now=request.now,
    )
    return redirect("broker:mine")
