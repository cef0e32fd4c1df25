"""« Je ne me sens pas en sécurité »: said by a helper of herself, answered by her service."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from cordee.access.policy import is_allowed, require
from cordee.directory.models import Organization
from cordee.directory.selectors import own_organization
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page, told
from cordee.vigilance import forms, selectors, services


@require_http_methods(["GET", "POST"])
def safety(request: HttpRequest) -> HttpResponse:
    """Say it in one press, and read what one’s service answered; who leads it answers."""
    organization = own_organization(request.actor)
    require(request.actor, "vigilance.read_safety", organization)
    form = forms.SafetyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.say_unsafe(
            actor=request.actor, organization=organization, fear=form.chosen, now=request.now
        )
        told(request, "C’est dit à votre service.")
        return redirect("vigilance:safety")
    context = _told_of(request, organization)
    return page(request, "vigilance/safety.jinja", context, status=422 if form.errors else 200)


def _told_of(request: HttpRequest, organization: Organization) -> dict[str, object]:
    return {
        "found": list(selectors.safety_alerts(request.actor)),
        "may_say": is_allowed(request.actor, "vigilance.say_unsafe", organization),
        "heard": selectors.is_heard(organization.pk, request.now),
        "fears": forms.SafetyForm.CHOICES,
    }


@require_POST
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what was done."""
    found = selectors.get_safety(request.actor, pk)
    form = forms.AnswerForm(request.POST)
    require(request.actor, "vigilance.answer_unsafe", found)
    if not form.is_valid():
        raise DomainError("vigilance.nothing_said", "Dites en quelques mots ce qui a été fait.")
    words = form.cleaned_data["words"]
    services.answer_unsafe(actor=request.actor, safety=found, words=words, now=request.now)
    told(request, "Votre collègue lira ce qui a été fait.")
    return redirect("vigilance:safety")
