"""Records that look alike: the list, both side by side, one person or two."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import Forbidden
from cordee.kernel.http import page
from cordee.people import selectors, services
from cordee.people.models import Candidate
from cordee.people.policy import MERGING
from cordee.people.rules.sharing import Category
from cordee.people.views.persons import to_person


@require_GET
def pairs(request: HttpRequest) -> HttpResponse:
    """The pairs that wait for somebody."""
    _only_who_judges(request)
    found = selectors.pairs_to_judge(request.actor)
    both = [pk for pair in found for pk in (pair.one_id, pair.other_id)]
    trace.listed(request.actor, "people.person", both)
    context = {
        "pairs": found,
        "unattended": selectors.is_unattended(request.actor),
    }
    return page(request, "people/pairs.jinja", context)


@require_GET
def compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Two records side by side."""
    candidate = selectors.get_pair(request.actor, pk)
    for person in (candidate.one, candidate.other):
        trace.read(request.actor, person)
    context = {
        "pair": selectors.compared(request.actor, candidate),
        "may_merge": is_allowed(request.actor, "people.merge", candidate),
    }
    return page(request, "people/compare.jinja", context)


@require_POST
def merge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring the two records together, with the traits chosen."""
    candidate = selectors.get_pair(request.actor, pk)
    chosen = {name for name, side in request.POST.items() if side == "absorbed"}
    made = services.merge_persons(
        actor=request.actor,
        candidate=candidate,
        from_absorbed=frozenset(chosen),
        seen=request.POST.get("seen", ""),
        now=request.now,
    )
    messages.success(request, "Les deux fiches sont réunies. Vous pouvez annuler à tout moment.")
    return to_person(made.survivor_id)


@require_POST
def tell_apart(request: HttpRequest, pk: UUID) -> HttpResponse:
    """They are two persons."""
    candidate = selectors.get_pair(request.actor, pk)
    services.tell_apart(actor=request.actor, candidate=candidate, now=request.now)
    messages.success(request, "C’est noté : ce sont deux personnes.")
    return redirect("people:pairs")


@require_POST
def judge_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """They may be one person after all."""
    candidate = selectors.get_pair(request.actor, pk)
    services.judge_again(actor=request.actor, candidate=candidate, now=request.now)
    return redirect("people:compare", pk)


@require_GET
def merged(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where a merge is read again, and undone: beside what looks like the record that was kept."""
    return redirect("people:alike", selectors.get_merge(request.actor, pk).survivor_id)


@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Part two records again."""
    made = selectors.get_merge(request.actor, pk)
    left = services.undo_merge(actor=request.actor, merge=made, now=request.now)
    told = (
        "La réunion est annulée. Ce qui a été écrit depuis reste sur cette fiche, choix "
        "compris\u00a0: demandez à chacune ce qu’elle veut."
    )
    if left:
        told += f" {left} changement(s) modifié(s) depuis restent comme ils sont."
    messages.success(request, told)
    return to_person(made.survivor_id)


@require_GET
def alike(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who may be the same person as this one; any of them can be compared."""
    person = selectors.get_person(request.actor, pk)
    require(request.actor, "people.compare", person)
    found = selectors.possible_duplicates(request.actor, person.traits, but=person.pk)
    trace.listed(request.actor, "people.person", [pk, *(one.person.pk for one in found)])
    context = {
        "person": person,
        "found": found,
        "comparable": selectors.comparable(request.actor, found),
        "merges": selectors.merges_of(request.actor, person),
    }
    return page(request, "people/alike.jinja", context)


@require_POST
def propose(request: HttpRequest, pk: UUID, other: UUID) -> HttpResponse:
    """Put two records side by side."""
    person = selectors.get_person(request.actor, pk)
    second = selectors.get_person(request.actor, other, Category.COORDINATION)
    pair: Candidate = services.propose_pair(
        actor=request.actor, person=person, other=second, now=request.now
    )
    return redirect("people:compare", pair.pk)


def _only_who_judges(request: HttpRequest) -> None:
    if request.actor.role not in MERGING:
        raise Forbidden("people.compare")
