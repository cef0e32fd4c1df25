"""The person’s choices: what they were told, what they share, what their data serve."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access.pages import page_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import Forbidden
from cordee.kernel.http import page
from cordee.people import selectors, services
from cordee.people.forms import choices as forms
from cordee.people.models import Person
from cordee.people.policy import may_read_choices, speaks_for
from cordee.people.rules import notices
from cordee.people.rules.sharing import Category
from cordee.people.views.persons import today

FORMS: dict[str, type[forms.ToldForm]] = {
    "told_form": forms.InformForm,
    "sharing_form": forms.SharingForm,
    "processing_form": forms.ProcessingForm,
    "emergency_form": forms.EmergencyChoiceForm,
    "hint_form": forms.HintForm,
}


@require_GET
def choices_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the person chose, in one table. A page asks for it whoever reads: no refusal to tell."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    if not may_read_choices(request.actor, person):
        raise Http404
    return page_about(request, person, "people/_choices_panel.jinja", _context(request, person))


@require_GET
def choices(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down what the person chooses."""
    person = _known(request, pk)
    require(request.actor, "people.share", person)
    return _page(request, person)


@require_POST
def inform(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that the notice was given."""
    return _written(request, pk, "told_form", services.inform)


@require_POST
def share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Oppose, consent, or take either back."""
    return _written(request, pk, "sharing_form", services.choose_sharing)


@require_POST
def process(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept or refuse a use of the data."""
    return _written(request, pk, "processing_form", services.choose_processing)


@require_POST
def emergency_choice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse emergency access beforehand, or no longer."""
    return _written(request, pk, "emergency_form", services.choose_emergency)


@require_POST
def hint_choice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Allow it to be said that what is shown may be partial, or no longer."""
    return _written(request, pk, "hint_form", services.choose_hint)


@require_GET
def notice(request: HttpRequest, version: str) -> HttpResponse:
    """A version of the notice, as it was given."""
    if version not in notices.NOTICES:
        raise Http404
    context = {"version": version, "notice": notices.notice(version), "current": notices.CURRENT}
    return page(request, "people/notice.jinja", context)


def _known(request: HttpRequest, pk: UUID) -> Person:
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    if not may_read_choices(request.actor, person):
        raise Forbidden("people.share")
    return person


def _written(request: HttpRequest, pk: UUID, name: str, write: Callable) -> HttpResponse:
    """Write down what one form says, or show it again with what is to correct."""
    person = _known(request, pk)
    form = FORMS[name](request.POST, **_told(request, person))
    if not form.is_valid():
        return _page(request, person, **{name: form})
    write(actor=request.actor, person=person, now=request.now, **form.said)
    # A refusal of coordination may just have closed this very page to who wrote it down.
    if selectors.persons(request.actor, Category.COORDINATION).filter(pk=pk).exists():
        return redirect("people:choices", pk)
    return redirect("people:list")


def _told(request: HttpRequest, person: Person) -> dict[str, Any]:
    """Who may speak here, and to whom the notice is still to be given."""
    given = selectors.notices_given(request.actor, person)
    legal = selectors.legal_state_told(request.actor, person, today(request))
    return {
        "relatives": list(selectors.relatives_of(request.actor, person)),
        "own": speaks_for(request.actor, person) and request.actor.role == "person",
        "to_tell": notices.to_tell(legal, person.represented, given),
    }


def _context(request: HttpRequest, person: Person) -> dict:
    return {
        "person": person,
        "chosen": selectors.choices_of(request.actor, person, today(request)),
        "may_choose": is_allowed(request.actor, "people.share", person),
        "hint": selectors.hint_of(request.actor, person, today(request)),
        "version": notices.CURRENT,
        "notice": notices.notice(notices.CURRENT),
    }


def _page(request: HttpRequest, person: Person, **wrong: forms.ToldForm) -> HttpResponse:
    told = _told(request, person)
    shown = {name: wrong.get(name) or kind(**told) for name, kind in FORMS.items()}
    words = selectors.words_of(request.actor, person)
    context = {**_context(request, person), **shown, "words": words, "own": told["own"]}
    return page_about(
        request, person, "people/choices.jinja", context, status=422 if wrong else 200
    )
