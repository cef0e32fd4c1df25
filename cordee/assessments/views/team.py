"""What several professionals answered, side by side; and the evaluation of the team."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.policy import is_allowed
from cordee.assessments import selectors, services
from cordee.assessments.models import Questionnaire
from cordee.assessments.views.moment import today
from cordee.kernel.http import page


@require_GET
def side_by_side(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who answered what: where they differ is said, and nothing is averaged."""
    response = selectors.get_response(request.actor, pk)
    trace.read(request.actor, response)
    context = {
        "person": response.person,
        "response": response,
        "team": selectors.team_of(selectors.parts_around(request.actor, response)),
        "may_settle": is_allowed(request.actor, "assessments.settle", response),
        "asked": selectors.asked_of(
            request.actor, response.person, response.questionnaire, today(request)
        ),
        "may_ask": is_allowed(request.actor, "assessments.ask_part", response)
        and response.questionnaire.status == Questionnaire.Status.ACTIVE,
    }
    return page(request, "assessments/team.jinja", context)


@require_POST
def settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin the evaluation of the team: what is disputed stays to be answered."""
    response = selectors.get_response(request.actor, pk)
    blank = selectors.blank(request.actor, response.person, response.questionnaire, request.now)
    draft = services.settle(
        actor=request.actor,
        response=blank,
        parts=selectors.parts_around(request.actor, response),
        why=request.POST.get("pourquoi", ""),
        now=request.now,
    )
    return redirect("assessments:fill", draft.pk)
