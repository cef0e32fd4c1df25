"""The rope: the thread of a person, who looked at it, and the protected notes beside it."""

from functools import partial
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from markupsafe import Markup

from cordee.access import trace
from cordee.access.pages import form_about, page_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.http import page
from cordee.kernel.once import asked_once
from cordee.kernel.patterns import Pattern
from cordee.people import forms, selectors, services
from cordee.people.models import Person, ProtectedNote
from cordee.people.rules.sharing import Category
from cordee.people.selectors import Wanted
from cordee.people.views.persons import to_person

LATEST = 12
"""Knots of the rope on the page of somebody."""


@require_GET
def thread(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole thread, with its filters."""
    person = selectors.get_person(request.actor, pk)
    trace.read(request.actor, person)
    with asked_once():  # the lines and who wrote them are judged by the same answers
        form = forms.ThreadForm(request.GET, authors=selectors.authors_of(request.actor, person))
        form.is_valid()
        context = {
            "person": person,
            "form": form,
            "kept": _kept(request, form),
            "thread": selectors.thread_of(request.actor, person, _wanted(form)),
            "in_circle": selectors.is_in_circle(request.actor, person),
        }
    return page(request, "people/thread.jinja", context, part="people/_thread.jinja")


def _kept(request: HttpRequest, form: forms.ThreadForm) -> list[tuple[str, str]]:
    """What « Plus ancien » says again: every filter, as it was typed."""
    filters = set(form.fields) - {"avant"}
    return [
        (name, value) for name, values in request.GET.lists() if name in filters for value in values
    ]


def _wanted(form: forms.ThreadForm) -> Wanted:
    asked = form.cleaned_data
    return Wanted(
        rooms=tuple(asked.get("salle") or ()),
        since=asked.get("du"),
        until=asked.get("au"),
        author=asked.get("auteur") or "",
        organization=asked.get("structure") or "",
        before=asked.get("avant"),
    )


@require_GET
def thread_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The last knots of the rope."""
    person = selectors.get_person(request.actor, pk)
    lines = selectors.gathered(selectors.thread_of(request.actor, person).lines)
    context = {"person": person, "lines": lines[:LATEST]}
    return page_about(request, person, "people/_thread_panel.jinja", context)


@require_GET
def openings_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who opened this record: told to the person and to who speaks for them."""
    person = selectors.get_person(request.actor, pk)
    if not selectors.may_read_openings(request.actor, person):
        return HttpResponse()
    context = {"person": person, "openings": selectors.openings_of(request.actor, person)}
    return page_about(request, person, "people/_openings_panel.jinja", context)


@require_GET
def notes_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The protected notes one may read; nothing is said of the others."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    context = {
        "person": person,
        "notes": selectors.standing_notes(request.actor, person),
        "writing": partial(_writing, person.pk),
        "may_write": is_allowed(request.actor, "people.write_note", person),
    }
    return page_about(request, person, "people/_notes_panel.jinja", context)


_NOTE = Pattern("people/_write_note.jinja", "csrf_input", "href")


def _writing(pk: UUID, token: str) -> Markup:
    """The form of a note, folded on each page: written once for all."""
    field = Markup(str(token))  # noqa: S704 — Django’s own
    words = {"csrf_input": field, "href": reverse("people:write_note", args=[pk])}
    return Markup(_NOTE.write(words, form=forms.NoteForm))  # noqa: S704 — a template of ours


@require_POST
def write_note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a protected note."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    form = forms.NoteForm(request.POST)
    if not form.is_valid():
        return _note_page(request, person, form)
    services.write_note(
        actor=request.actor,
        person=person,
        category=Category(form.cleaned_data["category"]),
        body=form.cleaned_data["body"],
        now=request.now,
    )
    return to_person(pk)


def _note_page(
    request: HttpRequest, person: Person, form: Form, corrected: ProtectedNote | None = None
) -> HttpResponse:
    context = {"person": person, "form": form, "corrected": corrected}
    return form_about(request, person, "people/note.jinja", context)


@require_http_methods(["GET", "POST"])
def correct_note(request: HttpRequest, pk: UUID, note: UUID) -> HttpResponse:
    """Correct a note of one's own: a new one takes its place, and what it said stays readable."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "people.write_note", person)
    own = selectors.get_own_note(request.actor, person, note)
    form = forms.CorrectionForm(request.POST or None, initial={"body": own.body})
    if request.method == "GET" or not form.is_valid():
        return _note_page(request, person, form, own)
    said = {"category": Category(own.category), "body": form.cleaned_data["body"], "corrects": own}
    services.write_note(actor=request.actor, person=person, **said, now=request.now)
    return to_person(pk)
