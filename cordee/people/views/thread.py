"""The rope: the thread of a person, who looked at it, and the protected notes beside it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.policy import is_allowed
from cordee.kernel.http import page
from cordee.people import forms, selectors, services
from cordee.people.rules.sharing import Category
from cordee.people.selectors import Wanted
from cordee.people.views.persons import to_person, today


@require_GET
def thread(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole thread, with its filters."""
    person = selectors.get_person(request.actor, pk)
    form = forms.ThreadForm(request.GET)
    form.is_valid()
    trace.read(request.actor, person)
    context = {
        "person": person,
        "form": form,
        "thread": selectors.thread_of(request.actor, person, _wanted(form)),
        "in_circle": selectors.is_in_circle(request.actor, person),
        "today": today(request),
    }
    return page(request, "people/thread.jinja", context, part="people/_thread.jinja")


def _wanted(form: forms.ThreadForm) -> Wanted:
    asked = form.cleaned_data
    return Wanted(
        rooms=tuple(asked.get("salle") or ()),
        since=asked.get("du"),
        until=asked.get("au"),
        before=asked.get("avant"),
    )


@require_GET
def thread_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The last knots of the rope."""
    person = selectors.get_person(request.actor, pk)
    context = {"person": person, "thread": selectors.thread_of(request.actor, person)}
    return page(request, "people/_thread_panel.jinja", context)


@require_GET
def openings_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who opened this record: told to the person and to who speaks for them."""
    person = selectors.get_person(request.actor, pk)
    if not selectors.may_read_openings(request.actor, person):
        return HttpResponse()
    context = {"person": person, "openings": selectors.openings_of(request.actor, person)}
    return page(request, "people/_openings_panel.jinja", context)


@require_GET
def notes_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The protected notes one may read; nothing is said of the others."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    context = {
        "person": person,
        "notes": selectors.notes_of(request.actor, person),
        "form": forms.NoteForm(),
        "may_write": is_allowed(request.actor, "people.write_note", person),
    }
    return page(request, "people/_notes_panel.jinja", context)


@require_POST
def write_note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a protected note."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    form = forms.NoteForm(request.POST)
    if not form.is_valid():
        context = {"person": person, "form": form}
        return page(request, "people/note.jinja", context, status=422)
    services.write_note(
        actor=request.actor,
        person=person,
        category=Category(form.cleaned_data["category"]),
        body=form.cleaned_data["body"],
        now=request.now,
    )
    return to_person(pk)
