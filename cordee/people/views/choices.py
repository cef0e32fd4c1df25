"""The person’s choices: what they were told, what they share, what their data serve."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access.policy import is_allowed, require
from cordee.kernel.http import page
from cordee.people import selectors, services
from cordee.people.forms import choices as forms
from cordee.people.models import Person
from cordee.people.policy import speaks_for
from cordee.people.rules import notices
from cordee.people.rules.processing import Purpose, Will
from cordee.people.rules.sharing import Category
from cordee.people.views.persons import today


@require_GET
def choices_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the person chose, in one table."""
    return page(request, "people/_choices_panel.jinja", _context(request, _known(request, pk)))


@require_GET
def choices(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down what the person chooses."""
    person = _known(request, pk)
    require(request.actor, "people.share", person)
    return _page(request, person)


@require_POST
def inform(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that the notice was given."""
    person = _known(request, pk)
    form = _form(request, forms.InformForm, person)
    if not form.is_valid():
        return _page(request, person, told_form=form)
    services.inform(actor=request.actor, person=person, told=form.told, now=request.now)
    return redirect("people:choices", pk)


@require_POST
def share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Oppose, consent, or take either back."""
    person = _known(request, pk)
    form = _form(request, forms.SharingForm, person)
    if not form.is_valid():
        return _page(request, person, sharing_form=form)
    services.choose_sharing(
        actor=request.actor, person=person, chosen=form.chosen, told=form.told, now=request.now
    )
    return redirect("people:choices", pk)


@require_POST
def process(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept or refuse a use of the data."""
    person = _known(request, pk)
    form = _form(request, forms.ProcessingForm, person)
    if not form.is_valid():
        return _page(request, person, processing_form=form)
    services.choose_processing(
        actor=request.actor,
        person=person,
        purpose=Purpose(form.cleaned_data["purpose"]),
        will=Will(form.cleaned_data["will"]),
        told=form.told,
        now=request.now,
    )
    return _after(request, pk)


@require_POST
def emergency_choice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse emergency access beforehand, or no longer."""
    person = _known(request, pk)
    form = _form(request, forms.EmergencyChoiceForm, person)
    if not form.is_valid():
        return _page(request, person, emergency_form=form)
    services.choose_emergency(
        actor=request.actor,
        person=person,
        opposed=form.cleaned_data["opposed"],
        told=form.told,
        now=request.now,
    )
    return redirect("people:choices", pk)


@require_POST
def hint_choice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Allow it to be said that what is shown may be partial, or no longer."""
    person = _known(request, pk)
    form = _form(request, forms.HintForm, person)
    if not form.is_valid():
        return _page(request, person, hint_form=form)
    services.choose_hint(
        actor=request.actor,
        person=person,
        allowed=form.cleaned_data["allowed"],
        told=form.told,
        now=request.now,
    )
    return redirect("people:choices", pk)


@require_GET
def notice(request: HttpRequest, version: str) -> HttpResponse:
    """A version of the notice, as it was given."""
    if version not in notices.NOTICES:
        raise Http404
    context = {"version": version, "notice": notices.notice(version), "current": notices.CURRENT}
    return page(request, "people/notice.jinja", context)


def _after(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A refusal of coordination may just have closed this very page to who wrote it down."""
    if selectors.persons(request.actor, Category.COORDINATION).filter(pk=pk).exists():
        return redirect("people:choices", pk)
    return redirect("people:list")


def _known(request: HttpRequest, pk: UUID) -> Person:
    return selectors.get_person(request.actor, pk, Category.COORDINATION)


def _form(request: HttpRequest, kind, person: Person, *, bound: bool = True):  # noqa: ANN001, ANN202
    details = {
        "relatives": selectors.relatives_of(request.actor, person),
        "own": speaks_for(request.actor, person) and request.actor.role == "person",
    }
    if kind is forms.SharingForm:
        given = selectors.notices_given(request.actor, person)
        legal = selectors.legal_state_told(request.actor, person, today(request))
        details["to_tell"] = notices.to_tell(legal, person.represented, given)
    return kind(request.POST if bound else None, **details)


def _context(request: HttpRequest, person: Person) -> dict:
    return {
        "person": person,
        "chosen": selectors.choices_of(request.actor, person, today(request)),
        "may_choose": is_allowed(request.actor, "people.share", person),
        "hint": selectors.hint_of(request.actor, person, today(request)),
        "version": notices.CURRENT,
        "notice": notices.notice(notices.CURRENT),
    }


def _page(request: HttpRequest, person: Person, **wrong) -> HttpResponse:  # noqa: ANN003
    empty = {
        "told_form": forms.InformForm,
        "sharing_form": forms.SharingForm,
        "processing_form": forms.ProcessingForm,
        "emergency_form": forms.EmergencyChoiceForm,
        "hint_form": forms.HintForm,
    }
    shown = {
        name: wrong.get(name) or _form(request, kind, person, bound=False)
        for name, kind in empty.items()
    }
    words = selectors.words_of(request.actor, person)
    context = {**_context(request, person), **shown, "words": words}
    return page(request, "people/choices.jinja", context, status=422 if wrong else 200)
