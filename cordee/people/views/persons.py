"""Finding somebody, entering them, correcting them; their identity as a panel."""

from datetime import date, datetime, time
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import get_template
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from markupsafe import Markup

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.pages import page_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page, reads, told
from cordee.kernel.patterns import Pattern
from cordee.people import forms, selectors, services
from cordee.people.models import Person
from cordee.people.rules.identity import Event
from cordee.people.rules.notices import CURRENT
from cordee.people.rules.traits import Destination, WhyAlive

NOT_DISCHARGED = (
    "La sortie n’est pas notée : écrivez le jour ainsi, 27/11/2026, et dites vers où. Rien d’autre "
    "n’a changé."
)

NOT_CHECKED = (
    "La vérification n’est pas notée\u00a0: dites ce qui a été vérifié, le papier ou la réponse du "
    "téléservice. Rien n’a changé."
)

SAID_AGAIN = (
    "Cette hospitalisation était déjà notée, depuis le {:%d/%m/%Y}. Ce qui a été demandé depuis, "
    "pour le retour, continue\u00a0: annulez-le sur la demande si personne ne doit plus venir."
)


def today(request: HttpRequest) -> date:
    """The day of the request, in France."""
    day: date = request.now.astimezone(forms.PARIS).date()
    return day


def to_person(pk: UUID) -> HttpResponse:
    """Go back to the page of the person."""
    return redirect("web:person", pk)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The search, empty: nobody is listed before being asked for."""
    context = {"form": forms.SearchForm(), "found": [], "asked": False, **_rights(request)}
    return page(request, "people/list.jinja", context)


@require_POST
@reads
def search(request: HttpRequest) -> HttpResponse:
    """Find somebody; the names typed stand in no address and are kept nowhere."""
    form = forms.SearchForm(request.POST)
    text = form.cleaned_data["texte"] if form.is_valid() else ""
    found = selectors.search(request.actor, text)
    trace.listed(request.actor, "people.person", [one.person.pk for one in found])
    context = {"form": form, "found": found, "asked": bool(text.strip()), **_rights(request)}
    context["is_cut"] = len(found) == selectors.SHOWN
    response = page(request, "people/list.jinja", context, part="people/_rows.jinja")
    response.headers["Cache-Control"] = "no-store"
    return response


def _rights(request: HttpRequest) -> dict[str, bool]:
    return {
        "may_create": is_allowed(request.actor, "people.create"),
        "may_attest": is_allowed(request.actor, "people.open_emergency"),
    }


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Enter somebody, after a look at who may be the same person."""
    require(request.actor, "people.create")
    form = forms.IdentityForm(request.POST or None, today=today(request))
    if request.method == "GET" or not form.is_valid():
        return _identity_page(request, form)
    alike = selectors.possible_duplicates(request.actor, form.traits)
    if alike and not form.cleaned_data["sure"]:
        trace.listed(request.actor, "people.person", [one.person.pk for one in alike])
        return _identity_page(request, form, alike=alike)
    person = services.create_person(actor=request.actor, identity=form.identity, now=request.now)
    return _saved(request, person)


def _identity_page(request: HttpRequest, form: forms.IdentityForm, **more) -> HttpResponse:  # noqa: ANN003
    status = 422 if form.errors else 200
    context = {"form": form, "person": form.person, "alike": [], **more}
    return page(request, "people/identity.jinja", context, status=status)


@require_POST
@reads
def duplicates(request: HttpRequest) -> HttpResponse:
    """While one types: who may be the same person, side by side."""
    require(request.actor, "people.create")
    form = forms.IdentityForm(request.POST, today=today(request))
    form.is_valid()
    alike = selectors.possible_duplicates(request.actor, form.traits)
    trace.listed(request.actor, "people.person", [one.person.pk for one in alike])
    context = {"form": form, "alike": alike}
    return page(request, "people/_duplicates.jinja", context)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct identity and contacts."""
    person = selectors.get_person(request.actor, pk)
    require(request.actor, "people.update", person)
    form = _correcting(request, person)
    if request.method == "GET" or not form.is_valid():
        trace.read(request.actor, person)
        return _identity_page(request, form)
    typed = {"identity": form.identity, "seen": form.cleaned_data["seen"]}
    saved = services.update_person(actor=request.actor, person=person, now=request.now, **typed)
    return _saved(request, saved)


def _correcting(request: HttpRequest, person: Person) -> forms.IdentityForm:
    """What is known of somebody, to be corrected, as far as one may see it."""
    return forms.IdentityForm(
        request.POST or None,
        today=today(request),
        person=person,
        edition=selectors.edition_of(request.actor, person),
        withheld=selectors.withheld(request.actor, person),
    )


def _saved(request: HttpRequest, person: Person) -> HttpResponse:
    """Go to the person; what looks wrong in the number is said, and stops nobody."""
    if person.doubts and "ins" not in selectors.withheld(request.actor, person):
        found = " ".join(doubt.label for doubt in person.doubts)
        messages.warning(request, f"Enregistré. Le matricule INS est à relire\u00a0: {found}")
    return to_person(person.pk)


@require_POST
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a paper was seen, or that the national service answered."""
    person = selectors.get_person(request.actor, pk)
    require(request.actor, "people.check_identity", person)
    form = forms.CheckForm(request.POST)
    if not form.is_valid():
        raise DomainError("people.check", NOT_CHECKED)
    event = Event(form.cleaned_data["event"])
    services.check_identity(actor=request.actor, person=person, event=event, now=request.now)
    return to_person(pk)


@require_POST
def death(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that the person died: searches stop."""
    person = selectors.get_person(request.actor, pk)
    form = forms.DeathForm(request.POST)
    if not form.is_valid():
        return _panel(request, person, death_form=form, status=422)
    services.declare_death(
        actor=request.actor,
        person=person,
        deceased_on=form.cleaned_data["deceased_on"],
        now=request.now,
    )
    return to_person(pk)


@require_POST
def alive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back a death that was written down by mistake."""
    person = selectors.get_person(request.actor, pk)
    form = forms.AliveForm(request.POST)
    if not form.is_valid():
        return _panel(request, person, status=422)
    why = WhyAlive(form.cleaned_data["why"])
    services.deny_death(actor=request.actor, person=person, why=why, now=request.now)
    return to_person(pk)


@require_POST
def admission(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that the person is in hospital: searches stop, but those for her return."""
    person = selectors.get_person(request.actor, pk)
    services.admit_person(actor=request.actor, person=person, organization=None, now=request.now)
    stay = selectors.stay_going_on(request.actor, person)
    if stay and stay.entered_at and stay.said_again_at == request.now:
        told(request, SAID_AGAIN.format(stay.entered_at.astimezone(forms.PARIS)), tone="attention")
    return to_person(pk)


@require_POST
def discharge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that the person left hospital, and for where."""
    person = selectors.get_person(request.actor, pk)
    require(request.actor, "people.discharge", person)
    form = forms.DischargeForm(request.POST, now=request.now)
    if not form.is_valid():
        raise DomainError("people.discharge", NOT_DISCHARGED)
    services.discharge_person(
        actor=request.actor,
        person=person,
        destination=Destination(form.cleaned_data["destination"]),
        left_at=form.left_at,
        now=request.now,
    )
    return to_person(pk)


@require_GET
def identity_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who the person is, how to reach them."""
    return _panel(request, selectors.get_person(request.actor, pk))


def _panel(
    request: HttpRequest,
    person: Person,
    *,
    death_form: forms.DeathForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    context = {
        "person": person,
        "in_circle": selectors.is_in_circle(actor, person),
        "withheld": selectors.withheld(actor, person),
        "hint": selectors.hint_of(actor, person, today(request)),
        "may_update": is_allowed(actor, "people.update", person),
        "may_act": is_allowed(actor, "people.declare_death", person),
        "may_compare": is_allowed(actor, "people.compare", person),
        "may_enter": is_allowed(actor, "people.enter_circle", person),
        **_agreement(actor, person),
        "life": partial(_life, person, today(request), death_form),
    }
    return page_about(request, person, "people/_identity_panel.jinja", context, status=status)


def _agreement(actor: Actor, person: Person) -> dict[str, object]:
    asked = is_allowed(actor, "people.agree", person) and selectors.awaits_agreement(person.pk)
    return {
        "agreement_form": forms.AgreementForm() if asked else None,
        "notice_version": CURRENT,
        "declared": selectors.declared_measure(person.pk),
    }


LIFE = ("check", "admission", "discharge", "death", "alive")
_LIFE = Pattern("people/_life.jinja", "csrf_input", *LIFE)


def _life(person: Person, day: date, death_form: forms.DeathForm | None, token: str) -> Markup:
    """What one writes down of a life, folded on each page: its forms are written once a day."""
    words: dict[str, Any] = {one: reverse(f"people:{one}", args=[person.pk]) for one in LIFE}
    words["csrf_input"] = Markup(str(token))  # noqa: S704 — Django’s own
    shape: dict[str, Any] = {"is_dead": person.deceased_on is not None, "today": day}
    shape |= {"forms": _life_forms, "death_form": death_form}
    if death_form is not None:  # what was typed is of this person alone
        return Markup(get_template(_LIFE.template).render(words | shape))  # noqa: S704 — ours
    return Markup(_LIFE.write(words, **shape))  # noqa: S704 — a template of ours


def _life_forms(day: date) -> dict[str, Form]:
    now = datetime.combine(day, time(12), tzinfo=forms.PARIS)
    return {
        "check": forms.CheckForm(),
        "discharge": forms.DischargeForm(now=now),
        "death": forms.DeathForm(),
        "alive": forms.AliveForm(),
    }
