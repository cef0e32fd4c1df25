"""Protocols are written: begun, brought by a file, checked while one types, kept."""

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import file_given, page, reads
from cordee.protocols import forms, selectors, services
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.rules.headings import as_next_edition, heading_of
from cordee.protocols.rules.kinds import ROLES
from cordee.protocols.shipped import FIRST_LINES
from cordee.protocols.vocabulary import names_of_kinds


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft: from a version, under the next number that is free, or from a few lines."""
    require(request.actor, "protocols.begin")
    source = request.POST.get("source", "")
    drawn_from = selectors.get_source(request.actor, UUID(source)) if _is_id(source) else None
    text = drawn_from.text if drawn_from else FIRST_LINES
    taken = selectors.taken_editions(request.actor, heading_of(text).name)
    begun = services.begin(
        actor=request.actor,
        text=as_next_edition(text, taken),
        drawn_from=drawn_from,
        now=request.now,
    )
    return redirect("protocols:edit", begun.pk)


@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Read a file, keep it as a draft, and say all that has no place in a protocol."""
    require(request.actor, "protocols.begin")
    given = file_given(request, "fichier")
    if given is None:
        nothing = request.method == "POST"
        status = 422 if nothing else 200
        return page(request, "protocols/bring.jinja", {"nothing_given": nothing}, status=status)
    brought = forms.read_file(given.read(forms.MOST_BYTES + 1))
    begun = services.begin(actor=request.actor, text=brought.text, now=request.now)
    context = {"begun": begun, "left": brought.left, "troubles": selectors.troubles_of(begun.text)}
    return page(request, "protocols/bring.jinja", context)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write the text of a draft; keep it, alone while one types, or by the button."""
    found = selectors.get_version(request.actor, pk)
    require(request.actor, "protocols.save", found)
    if request.method == "GET":
        return _editor(request, found, found.text)
    try:
        kept = services.save(
            actor=request.actor, version=found, typed=_typed(request), now=request.now
        )
    except DomainError as refusal:
        return _not_kept(request, found, refusal)
    if "X-Autosave" in request.headers:
        return HttpResponse(status=204)
    return redirect("protocols:edit" if request.POST.get("suite") else "protocols:version", kept.pk)


@reads
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Say what is wrong with a text, while one types: nothing is kept."""
    require(request.actor, "protocols.begin")
    troubles = selectors.troubles_of(_text(request))
    return page(request, "protocols/_troubles.jinja", {"troubles": troubles})


def _typed(request: HttpRequest) -> services.Typed:
    window, read = request.POST.get("fenetre", ""), request.POST.get("lu", "")
    return services.Typed(
        _text(request),
        UUID(window) if _is_id(window) else uuid4(),
        int(read) if read.isascii() and read.isdigit() and len(read) < 9 else 0,
    )


def _text(request: HttpRequest) -> str:
    return str(request.POST.get("texte", "")).replace("\r\n", "\n").replace("\0", "")


def _not_kept(request: HttpRequest, found: ProtocolVersion, refusal: DomainError) -> HttpResponse:
    """Show both texts when somebody else wrote meanwhile; a page alone says the rest."""
    if "X-Autosave" in request.headers:
        return HttpResponse(status=409)
    if refusal.code != services.MEANWHILE:
        raise refusal
    return _editor(request, found, _text(request), refusal=refusal)


def _editor(
    request: HttpRequest, found: ProtocolVersion, text: str, refusal: DomainError | None = None
) -> HttpResponse:
    context = {
        "version": found,
        "text": text,
        "theirs": found.text if refusal else None,
        "refusal": refusal,
        "window": uuid4(),
        "troubles": selectors.troubles_of(text),
        "kinds": sorted(names_of_kinds().items()),
        "roles": ROLES,
        "may_propose": is_allowed(request.actor, "protocols.propose", found),
    }
    status = 409 if refusal else 200
    return page(request, "protocols/edit.jinja", context, status=status)


def _is_id(said: str) -> bool:
    try:
        UUID(said)
    except ValueError:
        return False
    return True
