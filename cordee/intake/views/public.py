"""The public doors: a professional asks without an account; anyone with the link reads a status."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from django.forms import Form, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.directory import selectors as directory
from cordee.intake import rules, selectors, services
from cordee.intake.forms import AgainForm, CodeForm, KnockForm, OnlineForm
from cordee.intake.models import StatusLink
from cordee.kernel.errors import DomainError
from cordee.kernel.http import network_of, opens_nothing, page, told
from cordee.kernel.typography import said_hour
from cordee.messaging import services as messaging
from cordee.messaging.services import Verdict

DOOR, PROOF = "intake.door", "intake.proof"
PURPOSE = "intake/online"
HOUR = timedelta(hours=1)
# By hour: of a network (a hospital has one address for all its wards), of a contact from there.
LIMITS = {"network": 120, "contact": 6, "sent": 12, "file": 30}
TOO_MANY = "intake.too_many"


@require_http_methods(["GET", "POST"])
def knock(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a structure and where to send a one-time code."""
    known = {"organization_code": request.GET.get("structure", "")[:12]}
    form = KnockForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        with _said_on(form):
            _limit(request, form.cleaned_data["contact"])
            return _let_in(request, **form.cleaned_data)
    return _form_again(request, "intake/online_knock.jinja", form)


def _let_in(request: HttpRequest, organization_code: str, contact: str) -> HttpResponse:
    """Send a code where the structure is known, and go on with the same words where it is not."""
    partner = directory.organization_by_request_code(organization_code)
    if partner is not None:
        _send_code(request, contact)
    asked, too_many = _codes_asked(request, contact)
    request.session[DOOR] = {
        "partner": str(partner.pk) if partner else "",
        "contact": contact,
        "asked": asked,
        "too_many": too_many,
    }
    return redirect("intake:online_code")


def _codes_asked(request: HttpRequest, contact: str) -> tuple[list[str], bool]:
    """When this browser asked for the codes that count, and whether this one is too many. Counted
    as they are asked: as they are sent, the page would tell which structures exist."""
    door = request.session.get(DOOR, {})
    before = door.get("asked", []) if door.get("contact") == contact else []
    since = request.now - messaging.CODES_WITHIN
    recent = [one for one in before if datetime.fromisoformat(one) > since]
    if len(recent) >= messaging.MOST_CODES:
        return recent, True
    return [*recent, request.now.isoformat()], False


@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Check the one-time code; the same words whether the structure exists or not."""
    door = request.session.get(DOOR)
    if door is None:
        return redirect("intake:online")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with _said_on(form):
            verdict = _check(request, door, form.cleaned_data["code"])
            if verdict is Verdict.RIGHT and door["partner"]:
                request.session[PROOF] = _proof_of(request, door)
                return redirect("intake:online_form")
            form.add_error("code", WRONG_CODE)
    return _form_again(request, "intake/online_code.jinja", form, sent=_sent(door))


def _sent(door: dict[str, Any]) -> dict[str, Any]:
    """Say where a code may have left, and from when another may, where too many were asked."""
    again_at = None
    if door.get("too_many"):  # a visit begun before they were counted says nothing of it
        first = datetime.fromisoformat(door["asked"][0])
        after = first + messaging.CODES_WITHIN + timedelta(minutes=1)  # its seconds are not said
        again_at = said_hour(timezone.localtime(after))
    return {"contact": door["contact"], "again_at": again_at}


def _proof_of(request: HttpRequest, door: dict[str, Any]) -> dict[str, str]:
    kept = {"partner": door["partner"], "contact": door["contact"]}
    return kept | {"at": request.now.isoformat()}


WRONG_CODE = "Ce code n’est pas le bon, ou n’est plus valable. Vérifiez-le, ou recommencez."


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for somebody, once proved; the answer is the status page."""
    proof, wrong = _proved(request)
    if proof is None:
        return _ask_to_prove(request, wrong)
    form = _form_sent(request, proof)
    if request.method == "POST" and form.is_valid():
        with _said_on(form):
            if (service := _service(form)) is not None:
                return redirect("intake:status", _receive(request, service, proof, form))
            form.add_error("commune", NO_SERVICE)
        form.ask_for_the_file_again()
    return _form_again(request, "intake/online_form.jinja", form, wrong=422, partner=proof.partner)


def _form_sent(request: HttpRequest, proof: services.Proof) -> OnlineForm:
    """The form as it was sent; past the limit, its file is not looked at, and the rest stays."""
    today, files = timezone.localdate(request.now), request.FILES or None
    try:
        if files:
            _count(request, [(f"file:{proof.contact}", LIMITS["file"])])
    except DomainError:
        form = OnlineForm(request.POST, today=today)
        said = TOO_MANY_FILES.format(_next_window(request))
        form.add_error("ordonnance", ValidationError(said, code=TOO_MANY))
        return form
    return OnlineForm(request.POST or None, files, today=today)


TOO_MANY_FILES = (
    "Trop de fichiers depuis une heure\u00a0: celui-ci n’a pas été lu. Envoyez la demande sans "
    "lui, le service pourra vous le demander\u00a0; ou choisissez-le de nouveau à partir de {}."
)
NO_SERVICE = "Aucun service d’orientation ne répond pour cette commune. Rien n’a été envoyé."


def _ask_to_prove(request: HttpRequest, wrong: str) -> HttpResponse:
    """Send to the door. Who was more than an hour at writing keeps what they wrote, and proves who
    they are beside it: a page that goes away is a request that is lost.

    `wrong`: what is said of the code that was typed; another leaves where nothing is."""
    was = _kept_proof(request)
    if request.method != "POST" or was is None:
        return redirect("intake:online")
    form = OnlineForm(request.POST, today=timezone.localdate(request.now))
    form.is_valid()  # finds the commune
    is_sent = not wrong and _send_code(request, was.contact)
    code_form = AgainForm(request.POST if wrong else None)
    if wrong:
        code_form.add_error("code", wrong)
    again = {"contact": was.contact, "is_sent": is_sent, "is_refused": not (wrong or is_sent)}
    context = {"partner": was.partner, "code_form": code_form, "again": again}
    context |= {"form": form, "shut": False, "numbers": selectors.services_to_call(_commune(form))}
    return page(request, "intake/online_form.jinja", context, status=422)


@require_GET
def status(request: HttpRequest, secret: str) -> HttpResponse:
    """Say where a request stands, and nothing about health."""
    care = _link(request, secret).request
    line = rules.public_line(
        rules.State(care.state),
        care.end_reason,
        light=care.is_light,
        searched=care.searching_at is not None,
    )
    tried = selectors.is_unreachable(care)
    context = {"line": line, "care": care, "steps": rules.STEPS, "tried": tried, "secret": secret}
    context["to_read"] = rules.is_read_by_link(care.facts)
    context["unread_until"] = selectors.unread_until(care, request.now)
    response = page(request, "intake/status.jinja", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def status_read(request: HttpRequest, secret: str) -> HttpResponse:
    """The requester says that they read what became of the request."""
    link, shown = _link(request, secret), str(request.POST.get("shown", ""))
    services.read_status(actor=request.actor, link=link, shown=shown, now=request.now)
    if shown != link.request.state:
        told(request, "La réponse n’est plus la même\u00a0: lisez celle-ci.", "warn")
    return redirect("intake:status", secret)


def _link(request: HttpRequest, secret: str) -> StatusLink:
    link = selectors.link_by_secret(secret, request.now)
    if link is None:
        raise opens_nothing(request)
    return link


def _send_code(request: HttpRequest, contact: str) -> bool:
    """Send a code, if one more may be. At the door a refusal stays unsaid: it would tell that the
    structure exists."""
    with suppress(DomainError):
        messaging.issue_phone_code(actor=request.actor, to=contact, origin=PURPOSE, now=request.now)
        return True
    return False


def _limit(request: HttpRequest, contact: str) -> None:
    """Count by contact and network: a stranger elsewhere shuts the door to nobody."""
    network = network_of(request)
    keys = [
        (f"network:{network}", LIMITS["network"]),
        (f"contact:{network}:{contact}", LIMITS["contact"]),
    ]
    _count(request, keys)


def _count(request: HttpRequest, keys: list[tuple[str, int]]) -> None:
    within = [
        services.knock(actor=request.actor, key=key, limit=limit, window=HOUR, now=request.now)
        for key, limit in keys
    ]
    if not all(within):
        raise DomainError(
            TOO_MANY,
            "Trop d’essais depuis une heure. Rien n’est perdu\u00a0: recommencez à partir de "
            f"{_next_window(request)}, ou appelez le service.",
        )


def _next_window(request: HttpRequest) -> str:
    """When visits are counted anew: at the next hour."""
    start = request.now.replace(minute=0, second=0, microsecond=0)
    return said_hour(timezone.localtime(start + HOUR))


@contextmanager
def _said_on(form: Form) -> Iterator[None]:
    """A refusal is said on the form, which keeps what was typed."""
    try:
        yield
    except DomainError as refused:
        form.add_error(None, ValidationError(refused.message, code=refused.code))


def _form_again(
    request: HttpRequest, template: str, form: Form, *, wrong: int = 200, **shown: Any
) -> HttpResponse:
    """Show a form, with whom to call instead where a limit shuts the door for a while."""
    errors = [one for listed in form.errors.as_data().values() for one in listed]
    is_shut = any(one.code == TOO_MANY for one in errors)
    numbers = selectors.services_to_call(_commune(form)) if is_shut else []
    status = 409 if is_shut else wrong if errors else 200
    said = {"form": form, "shut": is_shut, "numbers": numbers}
    return page(request, template, said | shown, status=status)


def _commune(form: Form) -> str:
    return getattr(form, "cleaned_data", {}).get("commune_code", "")


def _check(request: HttpRequest, door: dict[str, str], typed: str) -> Verdict:
    contact = door["contact"]
    _count(request, [(f"code:{network_of(request)}:{contact}", LIMITS["contact"] * 5)])
    if not door["partner"]:  # no code was sent from here: another's, at that contact, is not tried
        return Verdict.WRONG
    return messaging.check_phone_code(
        actor=request.actor, to=contact, origin=PURPOSE, code=typed, now=request.now
    )


def _proof(request: HttpRequest) -> services.Proof | None:
    kept = _kept_proof(request)
    return kept if kept and request.now - kept.proved_at < HOUR else None


def _kept_proof(request: HttpRequest) -> services.Proof | None:
    """What was proved here, however long ago."""
    kept = request.session.get(PROOF)
    partner = selectors.partner(kept["partner"]) if kept else None
    if kept is None or partner is None:
        return None
    return services.Proof(partner, kept["contact"], datetime.fromisoformat(kept["at"]))


def _proved(request: HttpRequest) -> tuple[services.Proof | None, str]:
    """What is proved, and what is wrong with the code that was typed beside the request. Nothing is
    where none is open any more: another is to leave."""
    proof, kept = _proof(request), request.session.get(PROOF)
    typed = request.POST.get("code", "").strip()
    if proof or not kept or not typed:
        return proof, ""
    try:
        verdict = _check(request, kept, typed[:12])
    except DomainError as refused:  # too many tries: the page stays, with what was written
        return None, refused.message
    if verdict is Verdict.RIGHT:
        request.session[PROOF] = _proof_of(request, kept)
    return _proof(request), WRONG_CODE if verdict is Verdict.WRONG else ""


def _service(form: OnlineForm) -> Any:
    return selectors.service_of(form.cleaned_data["commune_code"])


def _receive(request: HttpRequest, service: Any, proof: services.Proof, form: OnlineForm) -> str:
    _count(request, [(f"sent:{proof.contact}", LIMITS["sent"])])
    asked = form.asked(dict(request.POST.lists()))
    return services.receive_online(
        actor=request.actor, service=service, proof=proof, asked=asked, now=request.now
    )
