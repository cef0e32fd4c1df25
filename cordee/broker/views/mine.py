"""What a professional sees of herself: questions put to her, her ranking, her objection."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access.policy import require
from cordee.broker import forms, selectors, services
from cordee.directory import services as directory
from cordee.kernel.http import page

TOLERANCE = 0.2


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Show the questions put to the professional, and how she is ranked."""
    require(request.actor, "broker.own_ranking")
    context = {
        "invitations": selectors.my_invitations(request.actor),
        "ranking": selectors.my_ranking(request.actor, request.now, TOLERANCE),
        "refusal_form": forms.RefusalForm(),
    }
    return page(request, "broker/mine.jinja", context)


@require_POST
def reply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer from one's own account."""
    invitation = selectors.get_invitation(request.actor, pk)
    if request.POST.get("answer") == "yes":
        services.accept(actor=request.actor, invitation=invitation, now=request.now)
    else:
        form = forms.RefusalForm(request.POST)
        refusal = form.cleaned_data["refusal"] if form.is_valid() else ""
        services.decline(
            actor=request.actor, invitation=invitation, refusal=refusal, now=request.now
        )
    return redirect("broker:mine")


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
