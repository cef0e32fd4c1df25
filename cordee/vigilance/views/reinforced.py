"""Reinforced follow-up: entered, looked at again, ended; and the cohort of a structure."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.pages import form_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page
from cordee.people.models import Person
from cordee.people.rules.sharing import Category
from cordee.people.selectors import get_person
from cordee.vigilance import selectors, services
from cordee.vigilance.forms import EndForm, PointForm, ReinforceForm
from cordee.vigilance.models import ReinforcedFollowUp
from cordee.vigilance.rules.reinforced import GROUNDS
from cordee.vigilance.views.moment import today


@require_GET
def cohort(request: HttpRequest) -> HttpResponse:
    """Who is followed more closely, the nearest point first."""
    require(request.actor, "vigilance.see_cohort", None)
    found = selectors.cohort(request.actor, request.now)
    trace.listed(request.actor, "vigilance.cohort", [one.followup.person_id for one in found])
    return page(request, "vigilance/cohort.jinja", {"cohort": found})


@require_http_methods(["GET", "POST"])
def reinforce(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Follow somebody more closely: what the marks propose is shown, somebody decides."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "vigilance.reinforce", person)
    met = selectors.proposed_for(request.actor, person, request.now)
    sent = request.POST if request.method == "POST" else None
    form = ReinforceForm(sent, today=today(request), proposed=met)
    if sent is not None and form.is_valid():
        try:
            return redirect("vigilance:reinforced", _begun(request, person, form).pk)
        except DomainError as refused:
            form.add_error(None, refused.message)
    context = {"person": person, "form": form, "met": [GROUNDS[one] for one in met]}
    return form_about(request, person, "vigilance/reinforce.jinja", context)


def _begun(request: HttpRequest, person: Person, form: ReinforceForm) -> ReinforcedFollowUp:
    made: ReinforcedFollowUp = services.reinforce(
        actor=request.actor,
        person=person,
        ground=form.chosen,
        review_on=form.cleaned_data["review_on"],
        now=request.now,
    )
    return made


@require_GET
def reinforced(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One: since when, why, what the visits say, and its two gestures."""
    found = selectors.get_reinforced(request.actor, pk)
    trace.read(request.actor, found)
    context = {
        "person": found.person,
        "one": selectors.followed(request.actor, [found], request.now)[0],
        "point_form": PointForm(today=today(request)),
        "end_form": EndForm(),
        "may_end": found.ended_at is None
        and is_allowed(request.actor, "vigilance.end_reinforced", found),
    }
    return page(request, "vigilance/reinforced.jinja", context)


@require_POST
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The point was made: say when the next one is."""
    found = selectors.get_reinforced(request.actor, pk)
    require(request.actor, "vigilance.review_reinforced", found)
    form = PointForm(request.POST, today=today(request))
    if not form.is_valid():
        raise DomainError("vigilance.review_day", " ".join(map(str, form.errors["review_on"])))
    day = form.cleaned_data["review_on"]
    services.review(actor=request.actor, followup=found, review_on=day, now=request.now)
    return redirect("vigilance:reinforced", pk)


@require_POST
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It ends."""
    found = selectors.get_reinforced(request.actor, pk)
    require(request.actor, "vigilance.end_reinforced", found)
    form = EndForm(request.POST)
    if not form.is_valid():
        raise DomainError("vigilance.outcome", "Choisissez comment le suivi se termine.")
    services.end_reinforced(
        actor=request.actor, followup=found, outcome=form.chosen, now=request.now
    )
    return redirect("vigilance:reinforced", pk)


def around(request: HttpRequest, person: Person) -> dict[str, Any]:
    """What the panel of visits says of it: who follows her closely, and what proposes it."""
    closely = list(selectors.reinforced_of(request.actor, person))
    under_way = [one for one in closely if one.ended_at is None]
    offered = not under_way and is_allowed(request.actor, "vigilance.reinforce", person)
    met = selectors.proposed_for(request.actor, person, request.now) if offered else ()
    return {
        "closely": under_way,
        "ended": [one for one in closely if one.ended_at is not None],
        "met": [GROUNDS[one] for one in met],
        "may_reinforce": offered,
    }
