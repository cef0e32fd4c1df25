"""The circle of care: who is in, who joins, who leaves; relatives."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access.pages import page_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.http import reads
from cordee.people import forms, selectors, services
from cordee.people.models import CircleMember, Person
from cordee.people.policy import stays_one_may_end
from cordee.people.rules.sharing import Category
from cordee.people.views.persons import to_person


@require_GET
def circle_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who helps this person, and who did."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    members = list(selectors.circle_of(request.actor, person))
    context = {
        "person": person,
        "members": members,
        "leaving": stays_one_may_end(request.actor, person, members),
        "past": selectors.past_of(request.actor, person),
        "relatives": selectors.relatives_of(request.actor, person),
        "may_join": is_allowed(request.actor, "people.join", person),
    }
    return page_about(request, person, "people/_circle_panel.jinja", context)


@require_http_methods(["GET", "POST"])
def circle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let in a professional, a structure or a relative, chosen among those found."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "people.join", person)
    role = request.GET.get("role", "")
    chosen = request.POST.get("who", "")
    found = selectors.joinable(request.actor, person, chosen=chosen, role=role)
    form = forms.JoinForm(request.POST or None, initial={"role": role}, **found)
    if request.method == "POST" and form.is_valid():
        services.join_circle(
            actor=request.actor, person=person, joining=form.joining, now=request.now
        )
        return to_person(pk)
    return _circle_page(request, person, form, forms.SearchForm())


@require_POST
@reads
def joinable(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Look for a professional or a structure; the name typed stands in no address."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "people.join", person)
    looked_for = forms.SearchForm(request.POST)
    text = looked_for.cleaned_data["texte"] if looked_for.is_valid() else ""
    role = request.POST.get("role", "")
    found = selectors.joinable(request.actor, person, text, role=role)
    form = forms.JoinForm(initial={"role": role}, **found)
    response = _circle_page(request, person, form, looked_for, asked=bool(text.strip()))
    response.headers["Cache-Control"] = "no-store"
    return response


def _circle_page(
    request: HttpRequest,
    person: Person,
    form: forms.JoinForm,
    looked_for: forms.SearchForm,
    asked: bool = False,
) -> HttpResponse:
    context = {
        "person": person,
        "form": form,
        "for_gp": form["role"].value() == CircleMember.Role.GP,
        "looked_for": looked_for,
        "asked": asked,
        "relative_form": forms.RelativeForm(),
    }
    status = 422 if form.errors else 200
    part = "people/_joinable.jinja"
    return page_about(request, person, "people/circle.jinja", context, part=part, status=status)


@require_POST
def leave(request: HttpRequest, pk: UUID, member: UUID) -> HttpResponse:
    """End a stay: nothing is seen from this moment."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    stay = selectors.get_member(request.actor, person, member)
    services.leave_circle(actor=request.actor, member=stay, now=request.now)
    if selectors.is_in_circle(request.actor, person):
        return to_person(pk)
    return redirect("people:list")  # who sent themselves away sees nothing more


@require_POST
def enter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take up the request of somebody: the organisation enters the circle."""
    person = selectors.get_person(request.actor, pk)
    form = forms.AgreementForm(request.POST)
    agreed = form.agreement if form.is_valid() else None
    services.enter_circle(actor=request.actor, person=person, agreed=agreed, now=request.now)
    return to_person(pk)


@require_POST
def add_relative(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a relative down."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    form = forms.RelativeForm(request.POST)
    if not form.is_valid():
        context = {"person": person, "relative": None, "relative_form": form}
        return page_about(request, person, "people/relative.jinja", context, status=422)
    services.note_relative(actor=request.actor, person=person, said=form.said, now=request.now)
    return to_person(pk)


@require_http_methods(["GET", "POST"])
def edit_relative(request: HttpRequest, pk: UUID, relative: UUID) -> HttpResponse:
    """Correct what is written of a relative."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    require(request.actor, "people.note_relative", person)
    known = selectors.get_relative(request.actor, person, relative)
    form = forms.RelativeForm(request.POST or None, initial=vars(known) | {"seen": known.version})
    if request.method == "POST" and form.is_valid():
        typed = {"said": form.said, "seen": form.cleaned_data["seen"]}
        services.note_relative(
            actor=request.actor, person=person, relative=known, now=request.now, **typed
        )
        return to_person(pk)
    context = {"person": person, "relative": known, "relative_form": form}
    return page_about(
        request, person, "people/relative.jinja", context, status=422 if form.errors else 200
    )


@require_POST
def end_relative(request: HttpRequest, pk: UUID, relative: UUID) -> HttpResponse:
    """Take a relative away, with their access."""
    person = selectors.get_person(request.actor, pk, Category.COORDINATION)
    known = selectors.get_relative(request.actor, person, relative)
    services.end_relative(actor=request.actor, relative=known, now=request.now)
    return to_person(pk)
