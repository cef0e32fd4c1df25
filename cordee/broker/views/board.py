"""The team's pages: the board, a search, its gestures, fairness."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.pages import page_about
from cordee.access.policy import is_allowed, require
from cordee.broker import forms, selectors, services
from cordee.broker.models import Call, Invitation, Solicitation
from cordee.broker.views import outcomes
from cordee.directory.selectors import numbers_to_call
from cordee.kernel.http import page, toast, told
from cordee.people.policy import knows
from cordee.people.selectors import get_person

WIDE = "La recherche couvre maintenant toute l’intercommunalité."
STOPPED = (
    "Recherche arrêtée. Les personnes en attente sont prévenues\u00a0; qui devait venir et ne peut "
    "l’être à temps par SMS est à appeler, dans votre liste."
)


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show every need that is not settled."""
    require(request.actor, "broker.board")
    listed = selectors.open_solicitations(request.actor)
    trace.listed(request.actor, "broker.solicitation", [one.person_id for one in listed])
    context = {"solicitations": listed}
    return page(request, "broker/board.jinja", context, part="broker/_rows.jinja")


@require_GET
def search(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a search: attempts, ranking explained, gestures."""
    solicitation = selectors.get_solicitation(request.actor, pk)
    return _search_page(request, solicitation)


def _search_page(
    request: HttpRequest, solicitation: Solicitation, **wrong: forms.forms.Form
) -> HttpResponse:
    """`wrong`: the form that was typed amiss, with its errors, in the place of an empty one."""
    trace.read(request.actor, solicitation, refresh=request.htmx or wrong)
    detail = selectors.detail(request.actor, solicitation, request.now)
    context = {
        "detail": detail,
        "solicitation": solicitation,
        "stop_form": forms.StopForm(initial={"seen": solicitation.state}),
        "call_form": forms.CallForm(practitioners=detail.callable),
        "visit_form": forms.FirstVisitForm(initial=_offered(solicitation)),
        "may_act": is_allowed(request.actor, "broker.relaunch", solicitation),
    } | wrong
    status, part = 422 if wrong else 200, "broker/_search.jinja"
    return page(request, "broker/search.jinja", context, part=part, status=status)


def _offered(solicitation: Solicitation) -> dict:
    """The later date that waits for the team, as the form that accepts it shows it."""
    offered = solicitation.first_visit_at if solicitation.offers_later else None
    return {"first_visit_at": offered}


def _invitation(request: HttpRequest, pk: UUID) -> Invitation:
    """An invitation of a search that the team may see: being invited does not open the search."""
    invitation = selectors.get_invitation(request.actor, pk)
    solicitation = selectors.get_solicitation(request.actor, invitation.solicitation_id)
    invitation.solicitation = solicitation
    return invitation


def _back(
    request: HttpRequest, solicitation: Solicitation, said: str, tone: str = "good"
) -> HttpResponse:
    if not request.htmx:
        told(request, said, tone)
        return redirect("broker:search", solicitation.pk)
    fresh = selectors.get_solicitation(request.actor, solicitation.pk)
    return toast(_search_page(request, fresh), said, tone=tone)


@require_POST
def relaunch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the next wave now."""
    solicitation = selectors.get_solicitation(request.actor, pk)
    latest = services.launch_next_wave(
        actor=request.actor, solicitation=solicitation, now=request.now
    )
    return _back(request, latest, *outcomes.of_a_step(solicitation, latest, request.now))


@require_POST
def widen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Look in the whole intercommunality."""
    solicitation = selectors.get_solicitation(request.actor, pk)
    latest = services.widen(actor=request.actor, solicitation=solicitation, now=request.now)
    said, tone = outcomes.of_a_step(solicitation, latest, request.now)
    return _back(request, latest, f"{WIDE} {said}", tone)


@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop the search, with its reason."""
    solicitation = selectors.get_solicitation(request.actor, pk)
    form = forms.StopForm(request.POST)
    if not form.is_valid():
        return _search_page(request, solicitation, stop_form=form)
    typed = form.cleaned_data
    services.cancel(actor=request.actor, solicitation=solicitation, now=request.now, **typed)
    return _back(request, solicitation, STOPPED)


@require_POST
def call(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a call and its outcome."""
    solicitation = selectors.get_solicitation(request.actor, pk)
    detail = selectors.detail(request.actor, solicitation, request.now)
    form = forms.CallForm(request.POST, practitioners=detail.callable)
    if not form.is_valid():
        return _search_page(request, solicitation, call_form=form)
    made = services.CallMade(**form.call())
    answered = services.record_call(
        actor=request.actor, solicitation=solicitation, call=made, now=request.now
    )
    return _back(request, solicitation, *outcomes.of_a_call(made.outcome, answered))


@require_POST
def take_offer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take « oui, mais à partir de… », or confirm a yes by text, after a call."""
    invitation = _invitation(request, pk)
    made = services.CallMade(invitation.practitioner, Call.Outcome.YES)
    answered = services.record_call(
        actor=request.actor, solicitation=invitation.solicitation, call=made, now=request.now
    )
    return _back(request, invitation.solicitation, *outcomes.of_a_call(made.outcome, answered))


@require_POST
def send_link(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Text a fresh link to the winner, who said yes on the phone or lost hers."""
    invitation = _invitation(request, pk)
    services.send_link(actor=request.actor, invitation=invitation, now=request.now)
    return _back(
        request, invitation.solicitation, "Le lien part vers son mobile. Un code le suivra."
    )


@require_POST
def first_visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """State the first visit on behalf of the winner, who said it on the phone."""
    invitation = _invitation(request, pk)
    form = forms.FirstVisitForm(request.POST)
    if not form.is_valid():
        return _search_page(request, invitation.solicitation, visit_form=form)
    visit = form.cleaned_data["first_visit_at"]
    services.confirm_care(
        actor=request.actor, invitation=invitation, first_visit_at=visit, now=request.now
    )
    return _back(request, invitation.solicitation, "Soins confirmés.")


@require_POST
def withdrawal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that the winner takes the yes back."""
    return _reopen(request, pk, services.withdraw)


@require_POST
def dismiss(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that the person does not want the winner."""
    return _reopen(request, pk, services.decline_winner)


def _reopen(request: HttpRequest, pk: UUID, gesture) -> HttpResponse:  # noqa: ANN001
    invitation = _invitation(request, pk)
    was_left = invitation.answer in Invitation.SETTLED
    following = gesture(actor=request.actor, invitation=invitation, now=request.now)
    said = outcomes.of_a_place_left(was_left, following)
    return _back(request, following or invitation.solicitation, *said)


@require_GET
def called_off(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show whom to call so that they do not come; the person, only to who may know of her."""
    invitation = selectors.called_off(request.actor, pk)
    trace.read(request.actor, invitation)
    person = invitation.solicitation.person
    context = {
        "invitation": invitation,
        "numbers": numbers_to_call([invitation.practitioner_id]).get(invitation.practitioner_id),
        "person": person if knows(request.actor, person.pk) else None,
    }
    return page(request, "broker/called_off.jinja", context)


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The searches of one person, for the page of the person."""
    person = get_person(request.actor, pk)
    context = {"searches": selectors.searches_of_person(request.actor, person.pk)}
    return page_about(request, person, "broker/_person_panel.jinja", context)


@require_GET
def fairness(request: HttpRequest) -> HttpResponse:
    """Show how solicitations follow declared availability."""
    require(request.actor, "broker.board")
    form = forms.ToleranceForm(request.GET or {"x": "20"})
    tolerance = form.cleaned_data["x"] if form.is_valid() else 20
    measured = selectors.fairness(request.actor, request.now, tolerance / 100)
    shown = selectors.fairness_page(request.actor, measured, request.GET.get("page"))
    context = {"fairness": measured, "page": shown, "tolerance": tolerance, "form": form}
    return page(request, "broker/fairness.jinja", context)
