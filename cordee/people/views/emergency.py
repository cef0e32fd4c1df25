"""Emergency access: attest, read, shut; tell the person; read it again."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.policy import is_allowed, require
from cordee.access.sight import seen_by
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page
from cordee.people import forms, selectors, services
from cordee.people.models import EmergencyGrant
from cordee.people.policy import attestations_told, in_emergency
from cordee.people.rules.emergency import Outcome
from cordee.people.rules.sharing import Category


@require_http_methods(["GET", "POST"])
def emergency(request: HttpRequest) -> HttpResponse:
    """Attest, and open a sight of two hours. Unknown, several or refused: one same answer."""
    require(request.actor, "people.open_emergency")
    form = forms.ClaimForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, form, 422 if form.errors else 200)
    try:
        services.count_attempt(actor=request.actor, now=request.now)
        grant = services.open_emergency(actor=request.actor, claim=form.claim, now=request.now)
    except DomainError as refusal:
        trace.refused(request.actor, "people.open_emergency", reason=refusal.code)
        form.add_error(None, refusal.message)
        return _page(request, form, STATUS.get(refusal.code, 409))
    return redirect("people:emergency_record", grant.pk)


STATUS = {"people.emergency_too_many": 429}


def _page(request: HttpRequest, form: forms.ClaimForm, status: int) -> HttpResponse:
    context = {"form": form, "grants": selectors.own_open_grants(request.actor)}
    return page(request, "people/emergency.jinja", context, status=status)


@require_GET
def emergency_record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the emergency opens: read-only, traced as such."""
    looking = in_emergency(request.actor)
    grant = selectors.get_grant(request.actor, pk)
    with seen_by(looking):
        person = selectors.get_person(looking, grant.person_id, Category.CARE)
        trace.read(looking, person)
        context = {
            "grant": grant,
            "person": person,
            "members": selectors.circle_of(looking, person),
            "relatives": selectors.relatives_of(looking, person),
            "thread": selectors.thread_of(looking, person),
        }
        return page(request, "people/emergency_record.jinja", context)


@require_POST
def end_emergency(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shut the access before its time."""
    grant = selectors.get_grant(request.actor, pk)
    services.end_emergency(actor=request.actor, grant=grant, now=request.now)
    return redirect("people:emergency")


@require_GET
def emergencies(request: HttpRequest) -> HttpResponse:
    """Accesses that nobody has read again."""
    grants = list(selectors.grants_to_review(request.actor))
    context = {"grants": grants, "told": attestations_told(request.actor, grants)}
    return page(request, "people/emergencies.jinja", context)


@require_http_methods(["GET", "POST"])
def emergency_review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read an access again, and conclude."""
    grant = selectors.get_grant(request.actor, pk)
    form = forms.ReviewForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _review_page(request, grant, form)
    services.review_emergency(
        actor=request.actor,
        grant=grant,
        outcome=Outcome(form.cleaned_data["outcome"]),
        words=form.cleaned_data["words"],
        now=request.now,
    )
    return redirect("people:emergency_review", pk)


def _review_page(
    request: HttpRequest, grant: EmergencyGrant, form: forms.ReviewForm
) -> HttpResponse:
    trace.read(request.actor, grant)
    context = {
        "grant": grant,
        "told_why": grant.pk in attestations_told(request.actor, [grant]),
        "form": form,
        "tell_form": forms.TellForm(),
        "may_review": is_allowed(request.actor, "people.review_emergency", grant),
        "may_tell": is_allowed(request.actor, "people.tell_emergency", grant),
    }
    status = 422 if form.errors else 200
    return page(request, "people/emergency_review.jinja", context, status=status)


@require_POST
def tell(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that the person, or their representative, was told."""
    grant = selectors.get_grant(request.actor, pk)
    form = forms.TellForm(request.POST)
    how = form.cleaned_data["how"] if form.is_valid() else ""
    services.tell_emergency(actor=request.actor, grant=grant, how=how, now=request.now)
    return redirect("people:emergency_review", pk)
