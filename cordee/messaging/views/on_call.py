"""The mobile of who is on call: given, proved by a code, taken away; its owner's page alone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from cordee.access.policy import require
from cordee.directory import selectors as directory
from cordee.directory import services as in_directory
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page, told
from cordee.messaging import services
from cordee.messaging.forms import CallMobileForm, CodeForm
from cordee.messaging.services import Verdict


@require_http_methods(["GET", "POST"])
def mobile(request: HttpRequest) -> HttpResponse:
    """Give the number, which a code is sent to at once."""
    require(request.actor, "directory.give_call_mobile")
    form = CallMobileForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _is_sent(request, form):
        return redirect("messaging:call_mobile")
    return _show(request, form, CodeForm())


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Check the code; when it is right, alerts reach that mobile while on call."""
    require(request.actor, "directory.give_call_mobile")
    form, found = CodeForm(request.POST), directory.own_call_mobile(request.actor)
    if found and form.is_valid() and _is_proved(request, found, form):
        told(request, "Ce mobile est prouvé\u00a0: il sera prévenu pendant vos astreintes.")
        return redirect("messaging:call_mobile")
    return _show(request, CallMobileForm(), form)


@require_POST
def take_away(request: HttpRequest) -> HttpResponse:
    """Take the number away: no text leaves to it any more."""
    in_directory.take_call_mobile_away(actor=request.actor, now=request.now)
    told(request, "Votre mobile est retiré\u00a0: aucun SMS d’astreinte ne vous sera envoyé.")
    return redirect("messaging:call_mobile")


@require_POST
def give_up(request: HttpRequest) -> HttpResponse:
    """Give up the number that waits for its code; the one in use stays."""
    in_directory.give_up_asked_mobile(actor=request.actor, now=request.now)
    told(request, "Ce numéro est oublié\u00a0: aucun code n’est plus attendu.")
    return redirect("messaging:call_mobile")


def _is_sent(request: HttpRequest, form: CallMobileForm) -> bool:
    number = form.cleaned_data["mobile"]
    try:
        services.send_call_code(actor=request.actor, number=number, now=request.now)
    except DomainError as refused:
        form.add_error("mobile", refused.message)
        return False
    told(request, "Le code part par SMS. Il est valable dix minutes.")
    return True


def _is_proved(request: HttpRequest, found, form: CodeForm) -> bool:  # type: ignore[no-untyped-def]
    code = form.cleaned_data["code"]
    verdict = services.prove_call_mobile(
        actor=request.actor, mobile=found, code=code, now=request.now
    )
    if verdict is not Verdict.RIGHT:
        form.add_error("code", verdict.sentence)
    return verdict is Verdict.RIGHT


def _show(request: HttpRequest, form: CallMobileForm, code_form: CodeForm) -> HttpResponse:
    context = {
        "mobile": directory.own_call_mobile(request.actor),
        "form": form,
        "code_form": code_form,
    }
    wrong = form.errors or code_form.errors
    return page(request, "messaging/on_call.jinja", context, status=422 if wrong else 200)
