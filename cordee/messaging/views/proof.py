"""The code that proves a mobile: sent to it, typed back here."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cordee.access.policy import require
from cordee.directory.models import Practice
from cordee.directory.selectors import get_practice
from cordee.kernel.http import page
from cordee.messaging import services
from cordee.messaging.forms import CodeForm
from cordee.messaging.services import Verdict


@require_GET
def code(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the code, then type it."""
    return _show(request, _practice(request, pk), CodeForm())


def _practice(request: HttpRequest, pk: UUID) -> Practice:
    practice = get_practice(request.actor, pk)
    require(request.actor, "directory.prove_mobile", practice)
    return practice


def _show(request: HttpRequest, practice: Practice, form: CodeForm) -> HttpResponse:
    own = practice.practitioner_id == request.actor.practitioner_id
    desk_page = reverse("directory:practice", args=[practice.pk])
    back = reverse("directory:my_practice") if own else desk_page
    context = {"practice": practice, "form": form, "own": own, "back": back}
    return page(request, "messaging/proof.jinja", context, status=422 if form.is_bound else 200)


@require_POST
def send(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the code to the mobile that was given."""
    practice = _practice(request, pk)
    services.send_mobile_code(actor=request.actor, practice=practice, now=request.now)
    messages.success(request, "Le code part par texto. Il est valable dix minutes.")
    return HttpResponseRedirect(reverse("messaging:mobile_code", args=[pk]), status=303)


@require_POST
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Check the code; when it is right, the mobile is proved."""
    practice, form = _practice(request, pk), CodeForm(request.POST)
    if not form.is_valid():
        return _show(request, practice, form)
    typed = form.cleaned_data["code"]
    verdict = services.prove_mobile(
        actor=request.actor, practice=practice, code=typed, now=request.now
    )
    if verdict is not Verdict.RIGHT:
        form.add_error("code", verdict.sentence)
        return _show(request, practice, form)
    messages.success(request, "Ce mobile est prouvé. Il reste à confirmer le lien par un appel.")
    where = reverse("directory:practitioner", args=[practice.practitioner_id])
    return HttpResponseRedirect(where, status=303)
