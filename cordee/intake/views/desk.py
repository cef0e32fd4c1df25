"""The call desk: one page, one form; everything typed is kept as a draft."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.policy import require
from cordee.directory import selectors as directory
from cordee.intake import selectors, services
from cordee.intake.call import as_kept
from cordee.intake.forms import SEARCH, CallForm
from cordee.intake.models import CareRequest, Draft
from cordee.intake.rules import MAX_UPLOAD, State
from cordee.kernel.errors import DomainError
from cordee.kernel.http import done, file_given, page, reads, toast, told
from cordee.kernel.identifiers import uuid7
from cordee.people import selectors as people
from cordee.people.rules.notices import CURRENT


@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Open an empty desk; its draft exists once something is typed."""
    if request.method == "POST":
        return _send(request)
    _service(request)
    return _desk(request, uuid7(), _form(request, initial={"tell_caller": True}), {})


@require_GET
def draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on with a call left open, by a dropped line or for a request that came online."""
    kept = selectors.get_draft(request.actor, pk)
    if kept.ended_at is not None and kept.request_id is not None:
        return redirect("intake:request", kept.request_id)
    initial = {name: values[-1] if values else "" for name, values in kept.content.items()}
    initial |= {
        name: kept.content.get(name, []) for name in ("other_kinds", "visit_times", "risks")
    }
    initial["caller_seen"] = selectors.requester_said(kept.request).as_seen
    return _desk(request, kept.pk, _form(request, initial=initial), kept.content, kept)


@require_POST
def save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what is typed: called by the page itself, or by the button without scripts."""
    _saved(request, pk)
    if request.htmx or request.headers.get("X-Autosave"):
        return HttpResponse(status=204)
    return redirect("intake:draft", pk)


@reads
@require_POST
def summary(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what the answer looks like so far."""
    _service(request)
    context = _answer(request, pk, dict(request.POST.lists()))
    return page(request, "intake/_summary.jinja", context)


@require_POST
def samu(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One key: the call goes to the 15, it is written down, the search is held."""
    kept = _saved(request, pk)
    signs = [name[2:] for name in request.POST if name.startswith("q_")]
    kept = services.hold_call(actor=request.actor, draft=kept, signs=signs, now=request.now)
    if request.htmx:
        holds = selectors.holds_of_draft(request.actor, kept)
        context = {"holds": holds, "kept": kept, "draft_id": pk}
        return toast(page(request, "intake/_samu.jinja", context), "Transfert au 15 noté.")
    return redirect("intake:draft", pk)


@require_POST
def attach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a prescription as soon as it is chosen."""
    kept = _saved(request, pk)
    _attach(request, kept)
    if request.htmx:
        context = {"documents": selectors.draft_documents(request.actor, kept.pk)}
        return toast(page(request, "intake/_documents.jinja", context), "Ordonnance gardée.")
    return redirect("intake:draft", pk)


@require_POST
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a draft aside."""
    kept = selectors.get_draft(request.actor, pk)
    services.discard_draft(actor=request.actor, draft=kept, now=request.now)
    undo = reverse("intake:restore", args=[pk])
    return done(request, "L’appel est écarté.", to=reverse("intake:desk"), undo=undo)


@require_POST
def take_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on with a call that a colleague had to leave."""
    kept = selectors.get_draft(request.actor, pk)
    services.take_draft(actor=request.actor, draft=kept, now=request.now)
    return redirect("intake:draft", pk)


@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Undo "put aside"."""
    kept = selectors.get_draft(request.actor, pk)
    services.restore_draft(actor=request.actor, draft=kept, now=request.now)
    return done(request, "L’appel est de retour.", to=reverse("intake:draft", args=[pk]))


def _service(request: HttpRequest) -> Any:
    """Give the service whose calls the actor takes; nobody else opens a desk."""
    organization = directory.get_organization(request.actor, request.actor.organization_id)
    require(request.actor, "intake.save_draft", organization)
    return organization


def _send(request: HttpRequest) -> HttpResponse:
    pk = _draft_id(request)
    kept = _saved(request, pk)
    form = _form(request, request.POST)
    try:
        _attach(request, kept)  # first of all: a browser does not give a file twice
        if form.is_valid() and (call := _call(request, form, kept)) is not None:
            return _to_request(request, kept, _received(request, kept, call))
    except DomainError as refused:
        if refused.code == "intake.requester_corrected":
            form = _form(request, _as_corrected(request, pk))
        form.add_error(ABOUT.get(refused.code), refused.message)
    return _desk(request, pk, form, dict(form.data.lists()), kept, status=422)


def _as_corrected(request: HttpRequest, pk: UUID) -> QueryDict:
    """What was typed, with the requester as a colleague has corrected them meanwhile."""
    known = selectors.requester_said(selectors.get_draft(request.actor, pk).request)
    typed = request.POST.copy()
    for name, said in {**known.typed, "caller_seen": [known.as_seen]}.items():
        typed.setlist(name, said)
    return typed


def _received(request: HttpRequest, kept: Draft, call: Any) -> Any:
    """Make the request; whom another service follows is told that this desk came across it."""
    try:
        return services.receive(actor=request.actor, draft=kept, call=call, now=request.now)
    except DomainError as refused:
        if refused.code == "intake.live_elsewhere":
            met = people.get_person(request.actor, call.person.person_id)
            services.meet(actor=request.actor, person=met, kinds=call.need.kinds, now=request.now)
        raise


def _to_request(request: HttpRequest, kept: Draft, care: CareRequest) -> HttpResponse:
    """Go to the request; of a call that was saved already, say what became of this sending."""
    was_saved = kept.ended_at is not None and kept.request_id is not None
    waits = care.state == State.RECEIVED and not (care.held_at or care.is_light)
    if was_saved and kept.content != as_kept(_typed(request)):
        told(request, HELD_AGAIN if care.held_at else SENT_AGAIN, tone="attention")
    elif was_saved and waits and request.POST.get("geste") == SEARCH:
        told(request, NOT_SOUGHT, tone="attention")
    return redirect("intake:request", care.pk)


def _call(request: HttpRequest, form: CallForm, kept: Draft) -> Any:
    said = selectors.of_whom(request.actor, form.cleaned_data)
    wishes, doubts = selectors.wishes_of(request.actor, said)
    call = form.call(wishes, search_now=request.POST.get("geste") == SEARCH)
    typed = dict(request.POST.lists())
    to_create = call.person.is_new and kept.ended_at is None
    if to_create and selectors.doubles(request.actor, typed, request.now):
        doubts["person_id"] = WHO
    for name, sentence in doubts.items():
        form.add_error(name, sentence)
    return None if doubts else call


def _draft_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("draft_id", ""))
    except ValueError:
        return uuid7()


def _form(request: HttpRequest, data: Any = None, **options: Any) -> CallForm:
    grid = selectors.grid_in_use(request.actor.organization_id)
    today = timezone.localdate(request.now)
    return CallForm(data, grid=grid, today=today, use_required_attribute=False, **options)


def _saved(request: HttpRequest, pk: UUID) -> Draft:
    return services.save_draft(
        actor=request.actor,
        organization=_service(request),
        draft_id=pk,
        content=_typed(request),
        caller_seen=request.POST.get("caller_seen"),
        now=request.now,
    )


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    """Give what was typed, without what the page itself sends."""
    return {name: said for name, said in request.POST.lists() if name not in NOT_KEPT}


WHO = (
    "quelqu’un de connu lui ressemble. Choisissez la personne, ou dites que ce n’est aucune "
    "de celles qui sont montrées. Rien n’a été créé ; ce que vous avez saisi est gardé."
)
HELD_AGAIN = (
    "Transférez au 15\u00a0: la recherche est retenue, les signes cochés sont notés. Cet appel "
    "était déjà enregistré\u00a0: le reste de ce que vous avez changé n’est pas repris, modifiez "
    "la demande."
)
SENT_AGAIN = (
    "Cet appel était déjà enregistré\u00a0: ce que vous avez changé depuis n’est pas repris. "
    "Modifiez la demande."
)
NOT_SOUGHT = (
    "Cet appel était déjà enregistré, sans recherche\u00a0: personne n’est encore sollicité. "
    "Lancez la recherche d’ici."
)
ABOUT = {  # beside what would mend it
    "people.not_agreed": "agreed",
    "people.speaker": "agreed_by",
    "intake.requester_corrected": "caller_phone",
}
NOT_KEPT = ("csrfmiddlewaretoken", "draft_id", "geste", "caller_seen")


def _attach(request: HttpRequest, kept: Draft) -> None:
    given = file_given(request, "ordonnance")
    if given is not None:
        content = given.read(MAX_UPLOAD + 1)
        services.attach(
            actor=request.actor, draft=kept, name=given.name, content=content, now=request.now
        )


def _answer(request: HttpRequest, pk: UUID, typed: dict[str, Any]) -> dict[str, Any]:
    grid = selectors.grid_in_use(request.actor.organization_id)
    answer = selectors.summary(request.actor, typed, grid, request.now)
    shown = [*(found.person for found in answer.found), *filter(None, [answer.chosen])]
    trace.listed(request.actor, "people.person", [one.pk for one in shown])
    return {"answer": answer, "draft_id": pk}


def _desk(
    request: HttpRequest,
    pk: UUID,
    form: CallForm,
    typed: dict[str, Any],
    kept: Draft | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "kept": kept,
        "actor_id": request.actor.account_id,
        "asks_agreement": people.asks_agreement(),
        "notice_version": CURRENT,
        "drafts": selectors.unfinished_drafts(request.actor, request.now),
        "documents": selectors.draft_documents(request.actor, pk) if kept else [],
        "holds": selectors.holds_of_draft(request.actor, kept) if kept else [],
        **_answer(request, pk, typed),
    }
    return page(request, "intake/desk.jinja", context, status=status)
