"""The notebook: on the page of a person, whole, one thread; writing; contacts."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.pages import form_about, page_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page, toast, told
from cordee.liaison import forms, selectors, services
from cordee.liaison.models import Note, NoteDraft
from cordee.liaison.policy import taken_back_by
from cordee.people.models import Person
from cordee.people.rules.sharing import Category
from cordee.people.selectors import get_person


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is to be read, and the latest notes and contacts, for her page."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    context = {
        "person": person,
        "threads": selectors.lately(request.actor, person),
        "unread": selectors.count_unread(request.actor, person),
        "contacts": selectors.latest_contacts(request.actor, person),
        "may_take_back": taken_back_by(request.actor, person),
        "may_write": is_allowed(request.actor, "liaison.write", person),
        "may_note": is_allowed(request.actor, "liaison.note_contact", person),
    }
    return page_about(request, person, "liaison/_person_panel.jinja", context)


@require_GET
def notebook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The notebook of a person."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    trace.read(request.actor, person)
    book = selectors.notebook_of(request.actor, person, forms.wanted(request.GET))
    context = {"book": book, **_around(request, person, book.threads)}
    return page(request, "liaison/notebook.jinja", context)


@require_GET
def note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One thread: where a worklist leads."""
    found = selectors.get_note(request.actor, pk)
    trace.read(request.actor, found)
    thread = selectors.thread_of(request.actor, found)
    context = {"thread": thread, **_around(request, found.person, [thread])}
    return page(request, "liaison/note.jinja", context)


def _around(
    request: HttpRequest, person: Person, threads: list[selectors.Thread]
) -> dict[str, Any]:
    may_write = is_allowed(request.actor, "liaison.write", person)
    return {
        "person": person,
        "may_write": may_write,
        "may_note": is_allowed(request.actor, "liaison.note_contact", person),
        "withdraw_form": forms.WithdrawForm(),
        "categories": forms.CATEGORY_CHOICES,
    }


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a note."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "liaison.write", person)
    if request.method == "POST":
        form = forms.NoteForm(request.POST)
        if form.is_valid():
            services.write(actor=request.actor, person=person, said=form.said, now=request.now)
            told(request, "Note écrite dans le cahier.")
            return redirect("liaison:notebook", pk)
    else:
        draft = selectors.draft_of(request.actor, person, None)
        form = forms.NoteForm(initial=forms.at_first(draft, request.GET))
    return _form_page(request, person, form)


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer a note."""
    found = selectors.get_note(request.actor, pk)
    require(request.actor, "liaison.answer", found)
    if request.method == "POST":
        form = forms.NoteForm(request.POST, keeps_readers=True)
        if form.is_valid():
            services.answer(actor=request.actor, note=found, said=form.said, now=request.now)
            told(request, "Réponse écrite dans le cahier.")
            return redirect("liaison:note", found.thread_id)
    else:
        draft = selectors.draft_of(request.actor, found.person, found)
        first = forms.at_first(draft, {})
        form = forms.NoteForm(initial=first, keeps_readers=True)
    return _form_page(request, found.person, form, answered=found)


@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct one’s own note."""
    found = selectors.get_note(request.actor, pk)
    require(request.actor, "liaison.correct", found)
    form = forms.NoteForm(
        request.POST if request.method == "POST" else None,
        initial=forms.as_written(found),
        keeps_readers=True,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct(actor=request.actor, note=found, said=form.said, now=request.now)
            told(request, "Correction écrite dans le cahier.")
            return redirect("liaison:note", found.thread_id)
        except DomainError as refused:
            form.add_error("body", refused.message)
    return _form_page(request, found.person, form, corrected=found)


def _form_page(
    request: HttpRequest,
    person: Person,
    form: forms.NoteForm,
    *,
    answered: Note | None = None,
    corrected: Note | None = None,
) -> HttpResponse:
    context = {
        "person": person,
        "form": form,
        "answered": answered,
        "corrected": corrected,
        "resumed": bool(form.initial.get("body")),
        "saves_at": "" if corrected else _saves_at(person, answered),
    }
    return form_about(request, answered or corrected or person, "liaison/write.jinja", context)


def _saves_at(person: Person, answered: Note | None) -> str:
    if answered is None:
        return reverse("liaison:save_draft", args=[person.pk])
    return reverse("liaison:save_answer", args=[answered.pk])


@require_POST
def save_draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what is being typed."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    said = forms.half_typed(request.POST)
    draft = services.save_draft(actor=request.actor, person=person, said=said, now=request.now)
    return _saved(request, said, draft)


def _saved(request: HttpRequest, said: services.NoteSaid, draft: NoteDraft | None) -> HttpResponse:
    context = {"draft": draft, "is_lost": draft is None and bool(said.body.strip())}
    return page(request, "liaison/_saved.jinja", context)


@require_POST
def save_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the answer that is being typed."""
    found = selectors.get_note(request.actor, pk)
    said = forms.half_typed(request.POST)
    draft = services.save_draft(
        actor=request.actor, person=found.person, said=said, thread=found.thread, now=request.now
    )
    return _saved(request, said, draft)


@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one’s own note back."""
    found = selectors.get_note(request.actor, pk)
    form = forms.WithdrawForm(request.POST)
    why = form.cleaned_data["why"] if form.is_valid() else ""
    services.withdraw(actor=request.actor, note=found, why=why, now=request.now)
    told(request, "Note retirée\u00a0: votre raison se lit à sa place.")
    return redirect("liaison:note", found.thread_id)


@require_POST
def mark_read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that one read a note."""
    found = selectors.get_note(request.actor, pk)
    services.mark_read(actor=request.actor, note=found, now=request.now)
    if request.htmx:  # the thread in its place: one goes on reading where one was
        thread = selectors.thread_of(request.actor, found)
        shown = {"thread": thread, **_around(request, found.person, [thread])}
        return toast(page(request, "liaison/_thread.jinja", shown), "Lecture notée.")
    told(request, "Lecture notée.")
    return redirect("liaison:note", found.thread_id)


@require_POST
def mark_all_read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that one read the ordinary notes of a page: those that it showed, and none that came
    since. Those that matter are said read one by one."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "liaison.write", person)
    if shown := forms.shown(request.POST):
        notes = selectors.ordinary_unread_of(request.actor, person, shown)
        services.mark_all_read(actor=request.actor, notes=notes, now=request.now)
        told(request, "Lecture notée. Les notes importantes se disent lues une par une.")
    else:
        told(request, "Aucune lecture n’a été notée\u00a0: relisez le cahier, puis dites-le.")
    return redirect("liaison:notebook", pk)


@require_http_methods(["GET", "POST"])
def take_back_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a contact was noted by mistake."""
    found = selectors.get_contact(request.actor, pk)
    require(request.actor, "liaison.take_back_contact", found)
    form = forms.TakeBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        services.take_back_contact(actor=request.actor, contact=found, why=why, now=request.now)
        told(request, "Contact repris\u00a0: il ne compte plus.")
        return redirect(f"{reverse('web:person', args=[found.person_id])}#notebook")
    context = {"person": found.person, "one": found, "form": form}
    return form_about(request, found, "liaison/take_back.jinja", context)


@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note a call, a visit or a message, and whether somebody answered."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "liaison.note_contact", person)
    form = forms.ContactForm(request.POST if request.method == "POST" else None, now=request.now)
    if request.method == "POST" and form.is_valid():
        try:
            services.note_contact(
                actor=request.actor, person=person, said=form.said, now=request.now
            )
            told(request, "Contact noté.")
            return redirect(f"{reverse('web:person', args=[pk])}#notebook")
        except DomainError as refused:
            form.add_error("day", refused.message)
    context = {"person": person, "form": form}
    return form_about(request, person, "liaison/contact.jinja", context)
