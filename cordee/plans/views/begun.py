"""An action begun from the page of another room: under an identifier that the page chose.

What was seen there comes in the body, never in the address, and is shown beside the form: an action
is read by more persons than what gave rise to it, its words are chosen by who writes them.
"""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cordee.access.pages import page_about
from cordee.access.policy import require
from cordee.kernel.http import told
from cordee.people.rules.sharing import Category
from cordee.people.selectors import get_person
from cordee.plans import selectors
from cordee.plans.forms.lines import form_for
from cordee.plans.models import CarePlan
from cordee.plans.rules.rhythms import civil_day

LONGEST = 300


@require_POST
def begin(request: HttpRequest, pk: UUID, action: UUID) -> HttpResponse:
    """Write an action in the plan that one’s structure holds, with what was seen beside it."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    plans = selectors.plans_of(request.actor, person)
    plan = next((one for one in plans if selectors.is_ours(request.actor, one)), None)
    if plan is None:
        require(request.actor, "plans.open", person)
        told(request, "Ouvrez d’abord son plan\u00a0: l’action y aura sa place.", "attention")
        return redirect(f"{reverse('web:person', args=[pk])}#plan")
    require(request.actor, "plans.write_words", plan)
    if selectors.action_or_none(request.actor, action):
        return redirect("plans:action", action)
    return page_about(request, plan, "plans/line.jinja", _first(request, plan, action))


def _first(request: HttpRequest, plan: CarePlan, action: UUID) -> dict[str, Any]:
    """The form of an action that nothing was written in yet."""
    form, around = form_for("action", selectors.around(request.actor, plan))
    first = {"key": action, "choice": "", "rhythm": "once"}
    return {
        "plan": plan,
        "person": plan.person,
        "kind": "action",
        "line": None,
        "title": "Écrire une action",
        "form": form(today=civil_day(request.now), initial=first, **around),
        "seen": request.POST.get("seen", "")[:LONGEST],
        "post_to": reverse("plans:add", args=[plan.pk, "action"]),
    }


@require_GET
def begun(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say where an action begun under an identifier stands, for the page that began it."""
    found = selectors.action_or_none(request.actor, pk)
    if found is None:
        raise Http404
    return page_about(request, found, "plans/_begun.jinja", {"action": found})
