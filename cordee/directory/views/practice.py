"""What a professional declares of herself, or tells the desk by phone."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from cordee.access.policy import is_allowed, require
from cordee.directory import forms, selectors, services
from cordee.directory.models import Practice
from cordee.directory.phones import show_phone
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """One's own practice; a first button opens it."""
    practitioner = selectors.get_practitioner(
        request.actor, request.actor.practitioner_id or UUID(int=0)
    )
    practice = selectors.practice_of(request.actor, practitioner)
    if practice is None:
        return page(request, "directory/begin.jinja", {"practitioner": practitioner})
    return _show(request, practice)


@require_GET
def practice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A declared practice, filled in by the desk for somebody on the phone."""
    found = selectors.get_practice(request.actor, pk)
    require(request.actor, "directory.declare_practice", found)
    return _show(request, found)


def _show(request: HttpRequest, found: Practice, status: int = 200, **given: Any) -> HttpResponse:
    context = {
        "practice": found,
        "own": found.practitioner_id == request.actor.practitioner_id,
        "ties": selectors.ties_of(request.actor, found),
        "may_resume": is_allowed(request.actor, "directory.resume_messages", found),
        **_said(found),
        **_proofs(found),
        **_forms(found),
        **given,
    }
    return page(request, "directory/practice.jinja", context, status=status)


def _forms(found: Practice) -> dict[str, Any]:
    fields = ("weekly_cap", "urgent_at_night", "ranking_objection")
    return {
        "kinds_form": forms.KindsForm(found),
        "week_form": forms.WeekForm(found),
        "absence_form": forms.AbsenceForm(),
        "place_form": forms.PlaceForm(),
        "mobile_form": forms.MobileForm(initial={"mobile": show_phone(found.mobile)}),
        "preferences_form": forms.PreferencesForm(
            initial={name: getattr(found, name) for name in fields}
        ),
    }


def _said(found: Practice) -> dict[str, Any]:
    groups = selectors.zone_choices(found)
    return {
        "practitioner": found.practitioner,
        "obstacles": selectors.obstacles_of(found),
        "groups": groups,
        "zone_map": selectors.zone_map(groups, found.communes),
        "residents": selectors.population_of(found.communes),
    }


def _proofs(found: Practice) -> dict[str, str]:
    """Where the code is asked for, and where the national sign-on confirms, if there is one."""
    national = bool(settings.CORDEE.oidc_rpps_claim)
    return {
        "code_url": _above("messaging:mobile_code", found),
        "sign_on_url": _above("web:tie_by_sign_on", found) if national else "",
        "sign_on_name": settings.CORDEE.oidc_name,
    }


def _above(name: str, found: Practice) -> str:
    """The address of a screen of a room above this one: the code by text, the sign-on."""
    try:
        return reverse(name, args=[found.pk])
    except NoReverseMatch:
        return ""


def _back(request: HttpRequest, found: Practice, said: str) -> HttpResponseRedirect:
    messages.success(request, said)
    own = found.practitioner_id == request.actor.practitioner_id
    where = (
        reverse("directory:my_practice") if own else reverse("directory:practice", args=[found.pk])
    )
    return HttpResponseRedirect(where, status=303)


@require_POST
def begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open a declared practice."""
    practitioner = selectors.get_practitioner(request.actor, pk)
    found = services.open_practice(actor=request.actor, practitioner=practitioner, now=request.now)
    return _back(request, found, "Votre exercice est ouvert : il reste à le décrire.")


@require_POST
def zone(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the communes that are ticked."""
    found = selectors.get_practice(request.actor, pk)
    services.declare_zone(
        actor=request.actor,
        practice=found,
        communes=request.POST.getlist("communes"),
        now=request.now,
    )
    return _back(request, found, "Votre zone est enregistrée.")


@require_POST
def widen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add the communes around one; several of the same name are shown to choose from."""
    found = selectors.get_practice(request.actor, pk)
    form = forms.PlaceForm(request.POST)
    if not form.is_valid():
        return _show(request, found, 422, place_form=form)
    named = form.cleaned_data["place"]
    services.widen_zone(actor=request.actor, practice=found, commune=named, now=request.now)
    return _back(request, found, f"Les communes autour de {named.name} sont ajoutées.")


def _declare(
    request: HttpRequest, pk: UUID, name: str, form: Callable[[Practice], Any], keep: Any
) -> HttpResponse:
    """Check what was typed, keep it, say it; or show it again with what is to be corrected."""
    found = selectors.get_practice(request.actor, pk)
    filled = form(found)
    if not filled.is_valid():
        return _show(request, found, 422, **{name: filled})
    try:
        said = keep(found, filled)
    except DomainError as error:
        filled.add_error(None, error.message)
        return _show(request, selectors.get_practice(request.actor, pk), 422, **{name: filled})
    return _back(request, found, said)


@require_POST
def kinds(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the kinds of care."""

    def keep(found: Practice, form: forms.KindsForm) -> str:
        wanted = form.cleaned_data["kinds"]
        services.declare_kinds(actor=request.actor, practice=found, kinds=wanted, now=request.now)
        return "Vos soins sont enregistrés."

    return _declare(
        request, pk, "kinds_form", lambda found: forms.KindsForm(found, request.POST), keep
    )


@require_POST
def week(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the usual week."""

    def keep(found: Practice, form: forms.WeekForm) -> str:
        services.declare_week(
            actor=request.actor, practice=found, week=form.week(), now=request.now
        )
        return "Votre semaine est enregistrée."

    return _declare(
        request, pk, "week_form", lambda found: forms.WeekForm(found, request.POST), keep
    )


@require_POST
def preferences(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the cap, the agreement for nights, the objection."""

    def keep(found: Practice, form: forms.PreferencesForm) -> str:
        services.declare_preferences(
            actor=request.actor, practice=found, preferences=form.preferences(), now=request.now
        )
        return "Vos préférences sont enregistrées."

    return _declare(
        request, pk, "preferences_form", lambda _: forms.PreferencesForm(request.POST), keep
    )


@require_POST
def mobile(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the mobile; another number is to be proved and confirmed again."""

    def keep(found: Practice, form: forms.MobileForm) -> str:
        given = form.cleaned_data["mobile"]
        services.give_mobile(actor=request.actor, practice=found, mobile=given, now=request.now)
        return "Votre mobile est enregistré : il reste à le prouver par un code."

    return _declare(request, pk, "mobile_form", lambda _: forms.MobileForm(request.POST), keep)


@require_POST
def absent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a pause or a holiday."""

    def keep(found: Practice, form: forms.AbsenceForm) -> str:
        begins, ends = form.span(request.now)
        kind = form.cleaned_data["kind"]
        services.add_absence(
            actor=request.actor,
            practice=found,
            kind=kind,
            begins_at=begins,
            ends_at=ends,
            now=request.now,
        )
        return "C’est noté : vous ne serez pas dérangée pendant ce temps."

    return _declare(request, pk, "absence_form", lambda _: forms.AbsenceForm(request.POST), keep)


@require_POST
def back_to_work(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a pause or a holiday now, or cancel one to come."""
    absence = selectors.get_absence(request.actor, pk)
    services.end_absence(
        actor=request.actor, practice=absence.practice, absence=absence, now=request.now
    )
    return _back(request, absence.practice, "Cette période est terminée.")


@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop every message."""
    found = selectors.get_practice(request.actor, pk)
    services.stop_messages(actor=request.actor, practice=found, now=request.now)
    return _back(request, found, "Plus aucun message ne vous sera envoyé.")


@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let messages come again."""
    found = selectors.get_practice(request.actor, pk)
    services.resume_messages(actor=request.actor, practice=found, now=request.now)
    return _back(request, found, "Les messages reprennent.")


@require_POST
def confirm_tie(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that the known number was called and that the phone is hers."""
    found = selectors.get_practice(request.actor, pk)
    said = [request.POST.get(name, "") for name in ("phone_called", "number_found")]
    services.confirm_tie(
        actor=request.actor, practice=found, how="call", call=services.Call(*said), now=request.now
    )
    messages.success(request, "Le lien est confirmé : cette personne peut être sollicitée.")
    return redirect("directory:practitioner", pk=found.practitioner_id)


@require_POST
def suspend_tie(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Suspend the tie when a doubt arises."""
    found = selectors.get_practice(request.actor, pk)
    services.suspend_tie(actor=request.actor, practice=found, now=request.now)
    messages.success(request, "Le lien est suspendu : aucune demande ne partira vers ce mobile.")
    return redirect("directory:practitioner", pk=found.practitioner_id)
