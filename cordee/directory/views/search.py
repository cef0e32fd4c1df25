"""The directory as one looks things up in it."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from cordee.access.policy import is_allowed
from cordee.directory import selectors
from cordee.directory.forms import SearchForm, TieForm
from cordee.kernel.http import page, reads

PAGE = 40


@require_http_methods(["GET", "POST"])
@reads
def listing(request: HttpRequest) -> HttpResponse:
    """Professionals, by name, trade and place; a name travels by POST, never in an address."""
    form = SearchForm(request.POST if request.method == "POST" else request.GET or None)
    given = form.cleaned_data if form.is_valid() else {}
    found = selectors.practitioners_matching(
        request.actor,
        given.get("q", ""),
        profession=given.get("profession", ""),
        communes=form.communes() if given else (),
    )
    return _show(request, "directory/list.jinja", "directory/_rows.jinja", form, found)


@require_http_methods(["GET", "POST"])
@reads
def structures(request: HttpRequest) -> HttpResponse:
    """Organisations, by name, kind and place."""
    form = SearchForm(request.POST if request.method == "POST" else request.GET or None)
    given = form.cleaned_data if form.is_valid() else {}
    found = selectors.organizations_matching(
        request.actor,
        given.get("q", ""),
        kind=given.get("kind", ""),
        communes=form.communes() if given else (),
    )
    return _show(request, "directory/structures.jinja", "directory/_structures.jinja", form, found)


def _show(request: HttpRequest, whole: str, part: str, form: Any, found: Any) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    shown = Paginator(found, PAGE).get_page(given.get("page"))
    context = {"form": form, "page": shown, "extractions": selectors.extractions(request.actor)}
    context["may_read_coverage"] = is_allowed(request.actor, "directory.read_coverage")
    return page(request, whole, context, part=part)


@require_GET
def practitioner(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One professional: places, what she declared, whether she may be asked and why not."""
    found = selectors.get_practitioner(request.actor, pk)
    practice = selectors.practice_of(request.actor, found)
    context = {
        "practitioner": found,
        "practice": practice,
        "colleagues": selectors.colleagues_of(found)[:12],
        "may_open": practice is None
        and found.closed_on is None
        and is_allowed(request.actor, "directory.open_practice", found),
        **_tie(request, practice),
    }
    return page(request, "directory/practitioner.jinja", context)


def _tie(request: HttpRequest, practice: Any) -> dict[str, Any]:
    """What the confirming call needs: the numbers known elsewhere, past confirmations."""
    if practice is None:
        return {"obstacles": [], "ties": [], "numbers": [], "zone": [], "may_confirm": False}
    return {
        "obstacles": selectors.obstacles_of(practice),
        "ties": selectors.ties_of(request.actor, practice),
        "numbers": selectors.known_numbers(practice.practitioner),
        "zone": list(selectors.communes_by_code(practice.communes).values()),
        "may_confirm": is_allowed(request.actor, "directory.confirm_tie", practice),
        "tie_form": TieForm(),
    }


@require_GET
def to_confirm(request: HttpRequest) -> HttpResponse:
    """Who proved a mobile and waits for the confirming call."""
    context = {
        "practices": selectors.practitioners_awaiting_tie(request.actor),
        "may_read_coverage": is_allowed(request.actor, "directory.read_coverage"),
    }
    return page(request, "directory/to_confirm.jinja", context)


@require_GET
def communes(request: HttpRequest) -> HttpResponse:
    """Communes that begin like this, to choose from while typing."""
    found = selectors.communes_matching(request.GET.get("place", "")[:80])
    return page(request, "directory/_communes.jinja", {"communes": found})
