"""The home service: its phones, its planning, what was put aside."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.policy import is_allowed, require
from cordee.directory.selectors import own_organization
from cordee.kernel.http import file_given, page, told
from cordee.kernel.paper import printable
from cordee.vigilance import forms, selectors, services
from cordee.vigilance.models import PlannedVisit
from cordee.vigilance.rules.planning import read_csv, read_ics
from cordee.vigilance.rules.sent import WHY
from cordee.vigilance.rules.silence import silence_on
from cordee.vigilance.views.moment import today

CSV, ICS = PlannedVisit.Source.CSV.value, PlannedVisit.Source.ICS.value


@require_GET
def phones(request: HttpRequest) -> HttpResponse:
    """The phones that one may take back, and how long marking takes, as measured in use."""
    require(request.actor, "vigilance.look_at_phones")
    trace.counted(request.actor, "vigilance.device")
    found = [
        (one, is_allowed(request.actor, "vigilance.revoke", one))
        for one in selectors.phones_of(request.actor)
    ]
    context = {"phones": found, "marking": selectors.marking(request.actor, request.now)}
    context["silence"] = silence_on(today(request))
    return page(request, "vigilance/phones.jinja", context)


@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a phone back."""
    device = selectors.get_phone(request.actor, pk)
    services.revoke(actor=request.actor, device=device, now=request.now)
    told(
        request, "Téléphone retiré. À son prochain contact, il remet ce qu’il garde puis s’efface."
    )
    return redirect("vigilance:phones")


@require_GET
def aside(request: HttpRequest) -> HttpResponse:
    """What phones sent and could not be taken, to answer for."""
    require(request.actor, "vigilance.look_at_phones")
    listed = selectors.aside(request.actor)
    named = [pk for one in listed for pk in one.of_whom]
    trace.counted(request.actor, "vigilance.refusedvisit")
    trace.listed(request.actor, "vigilance.refusedvisit", named)
    may_answer = partial(is_allowed, request.actor, "vigilance.answer_refused")
    found = [(one, WHY[one.refused.why], may_answer(one.refused)) for one in listed]
    return page(request, "vigilance/aside.jinja", {"aside": found, "form": forms.AnswerForm()})


@require_POST
def answer_aside(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what was done with it."""
    found = selectors.get_refused(request.actor, pk)
    require(request.actor, "vigilance.answer_refused", found)
    form = forms.AnswerForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data["words"]
        services.answer_refused(actor=request.actor, refused=found, words=words, now=request.now)
        told(request, "C’est dit à l’aide à domicile.")
    else:
        told(request, "Dites en quelques mots ce qui a été fait.", tone="warn")
    return redirect("vigilance:aside")


@require_GET
def leaf(request: HttpRequest) -> HttpResponse:
    """A leaf to leave at somebody’s: how to raise a need without an account. It names nobody."""
    require(request.actor, "vigilance.give_leaf")
    organization = own_organization(request.actor)
    code = organization.request_code or ""
    door = request.build_absolute_uri(reverse("intake:online"))
    context = {"organization": organization, "code": code, "door": door}
    context["link"] = f"{door}?structure={code}"
    return printable(request, "vigilance/leaf.jinja", context, name="signaler-un-besoin")


@require_http_methods(["GET", "POST"])
def planning(request: HttpRequest) -> HttpResponse:
    """Bring the planning of a home service."""
    own = selectors.own_services(request.actor)
    require(request.actor, "vigilance.plan", own[0] if own else None)
    form = forms.PlanningForm(request.POST or None, request.FILES or None, services=own)
    context = {"form": form, "services": own, "wrong": None, "planned": None}
    if request.method == "POST" and form.is_valid():
        context |= _brought(request, form.chosen, file_given(request, "file"))
    return page(request, "vigilance/planning.jinja", context, status=422 if form.errors else 200)


def _brought(request: HttpRequest, service, given) -> dict[str, object]:  # type: ignore[no-untyped-def]
    is_table = given.name.lower().endswith(".csv")
    lines = (read_csv if is_table else read_ics)(given.read())
    read = selectors.found(request.actor, service, lines, request.now)
    planned = services.plan(
        actor=request.actor,
        organization=service,
        visits=read.visits,
        source=CSV if is_table else ICS,
        now=request.now,
    )
    wrong = sorted([*read.wrong, *planned.wrong], key=lambda one: one.number)
    return {"wrong": wrong, "planned": planned, "services": [service]}
