"""The own space of a person: their page, as they read it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from cordee.access import trace
from cordee.kernel.http import page
from cordee.people import selectors


@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """One’s own page; the choice, for who follows several persons."""
    mine = list(selectors.persons(request.actor).filter(pk__in=request.actor.person_ids))
    if len(mine) == 1:
        return redirect("web:person", mine[0].pk)
    trace.listed(request.actor, "people.person", [one.pk for one in mine])
    return page(request, "people/own.jinja", {"persons": mine})
