"""The queue, one request and the gestures on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.pages import page_about
from cordee.access.policy import is_allowed
from cordee.directory import selectors as directory
from cordee.intake import forms, rules, selectors, services
from cordee.intake.models import CareRequest, Document
from cordee.intake.policy import at_desk
from cordee.intake.rules import MAX_UPLOAD
from cordee.kernel.http import done, file_given, page
from cordee.kernel.pages import page_of
from cordee.people.selectors import get_person

PER_PAGE = 50
NOT_SEEN = -1  # no version: what one takes back is no more as one left it
MEASURED_OVER = timedelta(days=30)


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show the requests, the most pressing first."""
    context = _listing(request, refresh=request.htmx)
    since = request.now - MEASURED_OVER
    context["median"], context["measured"] = selectors.median_call(request.actor, since)
    return page(request, "intake/queue.jinja", context, part="intake/_rows.jinja")


@require_GET
def request_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open one request beside the list."""
    care = selectors.get_request(request.actor, pk)
    alone = bool(request.htmx) and not request.htmx.boosted
    trace.read(request.actor, care, refresh=alone)
    context = _opened(request, care) | ({} if alone else _listing(request, refresh=True))
    return page(request, "intake/request.jinja", context, part="intake/_request.jinja")


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was asked for one person, for the page of the person."""
    person = get_person(request.actor, pk)
    requests, has_more = selectors.requests_of_person(request.actor, person.pk)
    context = {"requests": requests, "has_more": has_more, "now": request.now}
    return page_about(request, person, "intake/_person_panel.jinja", context)


@require_POST
def act(request: HttpRequest, pk: UUID, gesture: str) -> HttpResponse:
    """Do one gesture on a request, through its form."""
    if gesture not in GESTURES:
        raise Http404
    care = selectors.get_request(request.actor, pk)
    chosen = GESTURES[gesture]
    form = chosen.form(request.POST, today=timezone.localdate(request.now))
    if not form.is_valid():
        context = _listing(request, refresh=True) | _opened(request, care)
        context["wrong"] = (gesture, form)
        return page_about(request, care, "intake/request.jinja", context, status=422)
    answer = chosen.do(request, care, form.cleaned_data)
    if isinstance(answer, HttpResponse):
        return answer
    return redirect("intake:request", getattr(answer, "pk", None) or care.pk)


@require_POST
def give_back(request: HttpRequest, pk: UUID, before: str) -> HttpResponse:
    """Undo "I follow it" or "confided": `before` is the account that had it, or "equipe"."""
    care = selectors.get_request(request.actor, pk)
    seen = care.version if request.GET.get("a") in (None, str(care.owner_id)) else NOT_SEEN
    holder = forms.holder_before(before)
    services.take(actor=request.actor, request=care, account_id=holder, seen=seen, now=request.now)
    to = reverse("intake:request", args=[pk])
    return done(request, "La demande est revenue où elle était.", to=to)


@require_POST
def add_document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a prescription that came after the call."""
    care = selectors.get_request(request.actor, pk)
    given = file_given(request, "ordonnance")
    if given is not None:
        services.add_document(
            actor=request.actor,
            request=care,
            name=given.name,
            content=given.read(MAX_UPLOAD + 1),
            now=request.now,
        )
    return redirect("intake:request", pk)


@require_GET
def document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a prescription back, byte for byte, in a box where nothing runs."""
    return served(request.actor, selectors.get_document(request.actor, pk))


def served(actor: Actor, kept: Document) -> HttpResponse:
    """Trace that a document is read, and serve it where nothing of it can run."""
    trace.read(actor, kept)
    response = HttpResponse(bytes(kept.content), content_type=kept.media_type)
    suffix = kept.media_type.rpartition("/")[2]
    response.headers["Content-Disposition"] = f'inline; filename="ordonnance.{suffix}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


# -- the gestures of the page ---------------------------------------------------------------------

Said = dict[str, Any]


@dataclass(frozen=True)
class Gesture:
    """A form, and what is done with what it says."""

    form: type[forms.GestureForm]
    do: Callable[[HttpRequest, CareRequest, Said], Any]


def _plain(service: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """Make a gesture of a service that takes some fields as they are said."""

    def do(request: HttpRequest, care: CareRequest, said: Said) -> Any:
        given = {name: said[name] for name in ("seen", *names)}
        return service(actor=request.actor, request=care, now=request.now, **given)

    return do


def _unseen(service: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """Make a gesture that holds whatever the page showed: safety does not wait for a reload."""

    def do(request: HttpRequest, care: CareRequest, said: Said) -> Any:
        given = {name: said[name] for name in names}
        service(actor=request.actor, request=care, now=request.now, **given)

    return do


def _take(request: HttpRequest, care: CareRequest, said: Said) -> Any:
    holder = said["account_id"] or request.actor.account_id
    before = care.owner_id or forms.TEAM
    taken = services.take(
        actor=request.actor, request=care, account_id=holder, seen=said["seen"], now=request.now
    )
    mine = holder == request.actor.account_id
    text = "Vous suivez cette demande." if mine else f"Confiée à {taken.owner.name}."
    undo = reverse("intake:give_back", args=[care.pk, before], query={"a": holder})
    return done(request, text, to=reverse("intake:request", args=[care.pk]), undo=undo)


def _tell(request: HttpRequest, care: CareRequest, said: Said) -> Any:
    told = services.Told(said["how"], said["result"], said["words"], said["after"])
    services.tell(actor=request.actor, request=care, said=told, seen=said["seen"], now=request.now)


def _hand_on(request: HttpRequest, care: CareRequest, said: Said) -> Any:
    to = services.HandOn(
        organization=directory.get_organization(request.actor, said["organization"]),
        reason=said["reason"],
        words=said["words"],
        criteria=said["criteria"],
        spoken_with=said["spoken_with"],
    )
    services.hand_on(actor=request.actor, request=care, to=to, seen=said["seen"], now=request.now)


def _correct_caller(request: HttpRequest, care: CareRequest, said: Said) -> Any:
    names = ("name", "phone", "email", "seen")
    to = services.Requester(*(said[f"caller_{name}"] for name in names))
    has_left = services.correct_caller(
        actor=request.actor, request=care, to=to, seen=said["seen"], now=request.now
    )
    sent = " Un nouveau lien de suivi lui est envoyé." if has_left else ""
    text = f"Le demandeur est corrigé.{sent}"
    return done(request, text, to=reverse("intake:request", args=[care.pk]))


def _renew_link(request: HttpRequest, care: CareRequest, said: Said) -> Any:
    has_left = services.renew_link(actor=request.actor, request=care, now=request.now)
    return done(
        request, RENEWED if has_left else LEFT_ALREADY, to=reverse("intake:request", args=[care.pk])
    )


RENEWED = "Un nouveau lien de suivi est envoyé. Ceux d’avant n’ouvrent plus rien."
LEFT_ALREADY = "Un lien de suivi vient déjà de partir. Aucun autre n’est envoyé."

GESTURES = {
    "suivre": Gesture(forms.TakeForm, _take),
    "qualifier": Gesture(forms.GestureForm, _plain(services.qualify)),
    "chercher": Gesture(forms.GestureForm, _plain(services.ask_search)),
    "delai": Gesture(forms.DelayForm, _plain(services.set_delay, "delay")),
    "confirmer": Gesture(forms.ConfirmForm, _plain(services.confirm, "first_visit_on")),
    "rappeler": Gesture(forms.TellForm, _tell),
    "clore": Gesture(forms.GestureForm, _plain(services.close)),
    "refuser": Gesture(forms.RefuseForm, _plain(services.refuse, "reason", "words")),
    "annuler": Gesture(forms.CancelForm, _plain(services.cancel, "reason", "words")),
    "transmettre": Gesture(forms.HandOnForm, _hand_on),
    "samu": Gesture(forms.GestureForm, _unseen(services.hold_for_samu)),
    "reprendre": Gesture(forms.ReleaseForm, _unseen(services.release, "reason")),
    "demandeur": Gesture(forms.CallerForm, _correct_caller),
    "lien": Gesture(forms.GestureForm, _renew_link),
}


def _listing(request: HttpRequest, *, refresh: object) -> dict[str, Any]:
    """The list, alone or beside the request that is opened; whom it shows is traced."""
    shown = selectors.Filter.read(request.GET)
    found = selectors.queue(request.actor, shown, request.now)
    requests = page_of(found, request.GET.get("page"), PER_PAGE)
    counts = selectors.queue_counts(request.actor, request.now)
    persons = [one.person_id for one in requests if one.person_id]
    trace.listed(request.actor, "intake.carerequest", persons, refresh=refresh)
    return {
        "requests": requests,
        "shown": shown,
        "counts": counts,
        "now": request.now,
        "takes_calls": at_desk(request.actor, request.actor.organization_id),
    }


def _opened(request: HttpRequest, care: CareRequest) -> dict[str, Any]:
    return {
        "care": care,
        "clock": selectors.clock_of(care, request.now),
        "words": selectors.words_of(care),
        "history": selectors.history(request.actor, care),
        "unreachable": selectors.is_unreachable(care),
        "may_act": is_allowed(request.actor, "intake.take", care),
        "actor_id": request.actor.account_id,
        "offered": rules.offered(care.facts),
        "documents": selectors.documents_of(request.actor, care),
        "wishes": selectors.wishes_said(request.actor, care),
        "colleagues": selectors.colleagues(care.organization_id, request.now),
        "destinations": selectors.destinations(request.actor, care),
        "forms": _forms(request, care),
    }


def _forms(request: HttpRequest, care: CareRequest) -> dict[str, forms.GestureForm]:
    today = timezone.localdate(request.now)
    initial = {"seen": care.version, "after": care.tellings.count()}
    initial |= forms.known_caller(care.caller)
    return {name: one.form(initial=initial, today=today) for name, one in GESTURES.items()}
