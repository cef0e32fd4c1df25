"""The answer by link: no account; the identity first, then what is asked, then two buttons."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.access.policy import is_allowed
from cordee.broker import forms, selectors, services
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.policy import as_professional
from cordee.broker.views.answering import LATER, NO, YES, Form, has_read, replies, said
from cordee.kernel.errors import DomainError
from cordee.kernel.http import opens_nothing, page
from cordee.messaging import services as messaging

SESSION_SECONDS = 30 * 60
SALT = "broker.answer"


@never_cache
@require_GET
def answer(request: HttpRequest, secret: str) -> HttpResponse:
    """Show what the link opens, according to what is known of who opened it."""
    return _page(request, secret, _invitation(request, secret))


@require_POST
def send_code(request: HttpRequest, secret: str) -> HttpResponse:
    """Send a code to the known, tied number."""
    invitation = _of_her_phone(_invitation(request, secret))
    messaging.issue_phone_code(
        actor=_guest(invitation),
        to=invitation.phone,
        origin=_origin(invitation),
        organization_id=invitation.solicitation.organization_id,
        now=request.now,
    )
    return redirect(f"{request.path.removesuffix('code/')}?code=1")


@require_POST
def check_code(request: HttpRequest, secret: str) -> HttpResponse:
    """Check the code; from then on, for half an hour, this browser is the professional's."""
    invitation = _of_her_phone(_invitation(request, secret))
    form, guest = forms.CodeForm(request.POST), _guest(invitation)
    try:
        _checked(form, guest, invitation, request)
    except DomainError as error:
        form.add_error("code", error.message)
    if form.errors:
        return _page(request, secret, invitation, code_form=form, status=422)
    services.confirm_identity(actor=guest, invitation=invitation, now=request.now)
    response = redirect("broker:answer", secret)
    _remember(response, invitation)
    return response


@require_POST
def say_yes(request: HttpRequest, secret: str) -> HttpResponse:
    """Say yes; the page that follows says what became of it."""
    return _gesture(request, secret, *said(YES, request.POST))


@require_POST
def say_no(request: HttpRequest, secret: str) -> HttpResponse:
    """Say no, with a coded reason or none."""
    return _gesture(request, secret, *said(NO, request.POST))


@require_POST
def say_later(request: HttpRequest, secret: str) -> HttpResponse:
    """Say from when one could come."""
    return _gesture(request, secret, *said(LATER, request.POST))


@require_POST
def first_visit(request: HttpRequest, secret: str) -> HttpResponse:
    """State the date of the first visit, of the need that was shown."""
    if not has_read(request, _invitation(request, secret).solicitation):
        return redirect("broker:answer", secret)
    return _gesture(request, secret, services.confirm_care, forms.FirstVisitForm(request.POST))


@require_POST
def withdraw(request: HttpRequest, secret: str) -> HttpResponse:
    """Take the yes back."""
    return _gesture(request, secret, services.withdraw)


def _gesture(
    request: HttpRequest, secret: str, gesture: Callable, form: Form | None = None
) -> HttpResponse:
    invitation = _invitation(request, secret)
    actor = _known(request, invitation)
    if actor is None or not _answers_what_was_shown(request, secret):
        return redirect("broker:answer", secret)
    if form is not None and not form.is_valid():
        return _page(request, secret, invitation, wrong=form, status=422)
    typed = form.cleaned_data if form else {}
    gesture(actor=actor, invitation=invitation, now=request.now, **typed)
    return _back(request, secret, actor, invitation)


def _back(request: HttpRequest, secret: str, actor: Actor, invitation: Invitation) -> HttpResponse:
    """Show the page again; who proved her number stays known where the link leads from now on."""
    response, there = redirect("broker:answer", secret), _invitation(request, secret)
    if actor.role is Role.GUEST and there != invitation:
        _remember(response, there)
    return response


def _page(
    request: HttpRequest, secret: str, invitation: Invitation, status: int = 200, **more: object
) -> HttpResponse:
    actor = _known(request, invitation)
    place = told_of_the_place(actor, invitation)
    shown = _shown(secret) or invitation.solicitation
    context = {
        "invitation": invitation,
        "solicitation": shown,
        "is_known": actor is not None,
        "is_open": selectors.is_wanted_of(invitation, shown, request.now),
        "has_place_by_call": selectors.has_place_by_call(invitation, shown),
        "code_sent": "code" in request.GET or "code_form" in more,
    }
    if actor is not None and place["has_won"]:
        trace.read(actor, invitation)
    context |= place | _addresses(secret) | _forms(invitation, more.pop("wrong", None)) | more
    return page(request, "broker/answer.jinja", context, status=status)


def told_of_the_place(actor: Actor | None, invitation: Invitation) -> dict[str, bool]:
    """Say whether the place is theirs, and what the person lets them read of her."""
    asked = {
        "has_won": "broker.read_place",
        "tells_contact": "broker.read_contact",
        "tells_care": "broker.read_care",
    }
    return {
        name: actor is not None and is_allowed(actor, verb, invitation)
        for name, verb in asked.items()
    }


def _addresses(secret: str) -> dict[str, str]:
    names = {
        "documents_url": "web:winner_documents",
        "visit_url": "broker:answer_first_visit",
        "withdraw_url": "broker:answer_withdraw",
    }
    return {"secret": secret} | {key: reverse(name, args=[secret]) for key, name in names.items()}


def _forms(invitation: Invitation, wrong: Any) -> dict[str, object]:
    visit = wrong if isinstance(wrong, forms.FirstVisitForm) else forms.FirstVisitForm()
    return {
        "code_form": forms.CodeForm(),
        "visit_form": visit,
        "replies": replies(invitation.pk, wrong),
    }


def _invitation(request: HttpRequest, secret: str) -> Invitation:
    found, _ = selectors.invitation_of_link(secret)
    if found is None:
        raise opens_nothing(request)
    return found


def _shown(secret: str) -> Solicitation | None:
    return selectors.invitation_of_link(secret)[1]


def _answers_what_was_shown(request: HttpRequest, secret: str) -> bool:
    """Another search may have taken up the need since the page was shown: it is shown first."""
    shown = _shown(secret)
    return shown is None or request.POST.get("of", str(shown.pk)) == str(shown.pk)


def _of_her_phone(invitation: Invitation) -> Invitation:
    """A phone that was stolen, given away or replaced since it was written to proves nothing."""
    if not selectors.is_phone_hers(invitation):
        raise DomainError(
            "broker.another_phone",
            "Ce numéro n’est plus celui que nous connaissons pour vous. Rien n’a changé\u00a0: "
            "appelez le service qui vous a écrit.",
        )
    return invitation


def _guest(invitation: Invitation) -> Actor:
    return Actor(
        role=Role.GUEST,
        practitioner_id=invitation.practitioner_id,
        purpose=Purpose.CARE,
        origin=Origin.LINK,
    )


def _known(request: HttpRequest, invitation: Invitation) -> Actor | None:
    """Who acts, once known: the professional's account, or the code to the known number."""
    actor = request.actor
    if actor.role is Role.PRACTITIONER and actor.practitioner_id == invitation.practitioner_id:
        return actor
    kept = request.get_signed_cookie(
        _cookie(invitation), default=None, salt=SALT, max_age=SESSION_SECONDS
    )
    proved = kept == str(invitation.pk) and invitation.identity_confirmed_at is not None
    return _guest(invitation) if proved and selectors.is_phone_hers(invitation) else None


def winner_of(request: HttpRequest, secret: str) -> tuple[Invitation, Actor]:
    """Give the invitation of a link and who opened it, once they are known and have won.

    Doors of upper rooms show them more under their own rights. Raises Http404 for anybody else.
    """
    invitation = _invitation(request, secret)
    actor = _known(request, invitation)
    if actor is None or not is_allowed(actor, "broker.read_place", invitation):
        trace.refused(request.actor, "broker.read_place", invitation)
        raise Http404
    return invitation, as_professional(actor, invitation)


def _remember(response: HttpResponse, invitation: Invitation) -> None:
    response.set_signed_cookie(
        _cookie(invitation),
        str(invitation.pk),
        salt=SALT,
        max_age=SESSION_SECONDS,
        path="/r/",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _cookie(invitation: Invitation) -> str:
    return f"cordee_r_{invitation.pk.hex}"


def _origin(invitation: Invitation) -> str:
    return f"broker/invitation/{invitation.pk}"


def _checked(
    form: forms.CodeForm, guest: Actor, invitation: Invitation, request: HttpRequest
) -> None:
    if not form.is_valid():
        return
    verdict = messaging.check_phone_code(
        actor=guest,
        to=invitation.phone,
        origin=_origin(invitation),
        code=form.cleaned_data["code"],
        now=request.now,
    )
    if verdict is not messaging.Verdict.RIGHT:
        form.add_error("code", verdict.sentence)
