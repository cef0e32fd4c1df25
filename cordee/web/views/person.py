"""The page of a person: a shell whose panels are views of the rooms, called by their address."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from cordee.access import trace
from cordee.kernel.http import page
from cordee.kernel.once import asked_once
from cordee.people import selectors as people
from cordee.people.policy import know
from cordee.web import panels


@require_GET
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: who they are, who helps them, what is under way, what happened. One trace."""
    with asked_once(), trace.one_page():
        know(request.actor, pk)
        found = people.get_person(request.actor, pk)
        if found.pk != pk:  # the record of this number was absorbed by another
            return redirect("web:person", found.pk)
        trace.read(request.actor, found)
        shown = panels.shown(request, panels.PERSON, pk)
        in_circle = people.is_in_circle(request.actor, found)
    context = {"person": found, "panels": shown, "in_circle": in_circle}
    return page(request, "web/person.jinja", context)
