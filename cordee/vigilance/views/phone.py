"""The phone: the page that opens without a network, its worker, and what it sends."""

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.policy import is_allowed
from cordee.access.sight import seen_by_found
from cordee.kernel.errors import DomainError
from cordee.kernel.templating import drawing_url
from cordee.vigilance import selectors, services, shell
from cordee.vigilance.rules.marks import LEVELS, MARKS, NEEDS, SIGNS
from cordee.vigilance.rules.safety import Fear
from cordee.vigilance.rules.sent import BATCH, Unsafe, moment, read_any
from cordee.vigilance.selectors import Sender
from cordee.vigilance.views.secret import by_its_secret
from cordee.vigilance.views.told import answered_to, told_to

DRAWINGS = ("visites-192.png", "visites-512.png", "logo.svg")


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The page of a phone: the same for everybody, it holds nothing of anybody."""
    # Lists of pairs: an object written as JSON would lose the order in which they are asked.
    fears = {code: f"{words[0].upper()}{words[1:]}" for code, words in Fear.choices()}
    pairs = {"marks": MARKS, "levels": LEVELS, "signs": SIGNS, "fears": fears}
    words = {name: list(some.items()) for name, some in pairs.items()} | {"needs": NEEDS}
    said = orjson.dumps(words).decode()
    context = {"words": said, "scripts": shell.scripts(), "styles": shell.styles()}
    answer = render(request, "vigilance/phone.jinja", context)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """What serves that page when there is no network."""
    keeps = shell.kept(
        reverse("vigilance:phone"),
        shell.digest(page(request).content.decode()),
        [drawing_url(one) for one in DRAWINGS],
    )
    answer = HttpResponse(shell.worker(keeps), content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What makes it an application of the home screen."""
    here = reverse("vigilance:phone")
    icons = [
        {"src": drawing_url(f"visites-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        | {"purpose": "any maskable"}
        for size in (192, 512)
    ]
    said: dict[str, Any] = {"name": "Cordée, mes visites", "short_name": "Visites", "lang": "fr"}
    said |= {"id": here, "start_url": here, "scope": here, "display": "standalone", "icons": icons}
    said |= {"background_color": "#f7f3ec", "theme_color": "#083f48"}
    return JsonResponse(said, content_type="application/manifest+json")


@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Say who is signed in; give the phone in hand its secret and its key."""
    if not request.actor.account_id:
        return JsonResponse({"state": "signed_out"}, status=401)
    if request.method == "POST":
        made = services.enrol(actor=request.actor, now=request.now)
        given = {"device": str(made.device.pk), "secret": made.secret, "key": made.key}
        given |= {"name": request.actor.name, "service": made.device.organization.name}
        return JsonResponse(given | _account(request))
    may = is_allowed(request.actor, "vigilance.enrol")
    said = {"state": "ready" if may else "other_role", "name": request.actor.name}
    return JsonResponse(said | _account(request) | {"csrf": get_token(request)})


@csrf_exempt
@require_POST
@by_its_secret
def sync(request: HttpRequest, found: Sender) -> HttpResponse:
    """Take what a phone sends, record by record; tell it what comes and what became of the rest."""
    body = _body(request)
    if body is None or len(body["records"]) > BATCH:
        return JsonResponse({"state": "unreadable"}, status=400)
    return JsonResponse(_taken(request, found, body))


def _taken(request: HttpRequest, found: Sender, body: dict[str, Any]) -> dict[str, Any]:
    about = {"actor": found.actor, "device": found.device, "now": request.now}
    if not found.may_send:
        records = selectors.handed_over(found.device, body["records"])
        acks = services.keep_aside(batch=[read_any(one) for one in records], **about)
        return {"state": "revoked", "acks": [ack.said() for ack in acks]}
    acks = _recorded(body, about)  # a gesture reads everything: the door tells who reads after it
    with seen_by_found(lambda: told_to(found.actor, request.now), lambda _: found.actor) as told:
        told |= _key(body, about)
        if body.get("awaits") is True:
            told["told"] += answered_to(found.actor)
        shown = dict.fromkeys(UUID(one["person"]) for one in told["visits"] + told["persons"])
        trace.listed(found.actor, "vigilance.plan", list(shown), refresh=True)
    return {"state": "open", "acks": [ack.said() for ack in acks]} | told


def _recorded(body: dict[str, Any], about: dict[str, Any]) -> list[services.Ack]:
    """Record what a helper says of herself, then what she says of visits."""
    batch = [read_any(one) for one in body["records"]]
    about = about | {"sent_at": moment(body.get("sent_at")) or about["now"]}
    unsafe = [one for one in batch if isinstance(one, Unsafe)]
    visits = [one for one in batch if not isinstance(one, Unsafe)]
    service = about["device"].organization
    acks = services.hear_unsafe(batch=unsafe, organization=service, **about) if unsafe else []
    return [*acks, *services.record_visits(batch=visits, **about)]


def _key(body: dict[str, Any], about: dict[str, Any]) -> dict[str, str]:
    """The key again, when the phone says that it forgot it; nothing when it is lost."""
    if body.get("forgot") is not True:
        return {}
    try:
        return {"key": services.give_key(**about)}
    except DomainError:
        return {"key": ""}


@csrf_exempt
@require_POST
@by_its_secret
def wiped(request: HttpRequest, found: Sender) -> HttpResponse:
    """The phone says that it is empty, after it was taken back."""
    services.wiped(actor=found.actor, device=found.device, now=request.now)
    return JsonResponse({"state": "wiped"})


def _body(request: HttpRequest) -> dict[str, Any] | None:
    try:
        said = orjson.loads(request.body)
    except ValueError:
        return None
    is_a_sending = isinstance(said, dict) and isinstance(said.get("records"), list)
    return said if is_a_sending else None


def _account(request: HttpRequest) -> dict[str, str]:
    """Who is signed in, and for which service: the same helper of two has two keys on a phone."""
    actor = request.actor
    return {"account": str(actor.account_id), "organization": str(actor.organization_id or "")}
