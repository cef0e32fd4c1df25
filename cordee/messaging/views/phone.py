"""The test phone: in demonstration, the texts as a nurse sees them, and her answers.

In production this page does not exist.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cordee.access.actor import Origin
from cordee.kernel.http import page
from cordee.messaging import selectors, services
from cordee.messaging.forms import AnswerForm
from cordee.messaging.models import Message
from cordee.messaging.services import Heard


def in_demonstration(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page exist in demonstration only."""

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.CORDEE.is_demonstration:
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist:
            raise Http404 from None

    return shown


@require_GET
@in_demonstration
def phone(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """Pick up a phone: the one asked for, else the last to have rung."""
    phones = selectors.phones()
    held = selectors.phone(pk) if pk else next(iter(phones), None)
    return _phone(request, phones, held, AnswerForm())


def _phone(
    request: HttpRequest, phones: list[Message], held: Message | None, form: AnswerForm
) -> HttpResponse:
    context = {
        "phones": [(one, selectors.opened(one)) for one in phones],
        "held": held,
        "form": form,
        "answered": request.method == "POST" and not form.is_bound,
        "bubbles": selectors.conversation(held.to) if held else [],
        "quick": selectors.quick_answers(held.to) if held else [],
    }
    return page(request, "messaging/phone.jinja", context, part="messaging/_screen.jinja")


@require_POST
@in_demonstration
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer as the holder of the phone."""
    held, form = selectors.phone(pk), AnswerForm(request.POST)
    if not form.is_valid():
        return _phone(request, selectors.phones(), held, form)
    services.receive_text(
        actor=replace(request.actor, origin=Origin.TEXT),
        heard=Heard(held.to, form.cleaned_data["text"]),
        now=request.now,
    )
    if request.htmx:
        return _phone(request, selectors.phones(), held, AnswerForm())
    return HttpResponse(status=303, headers={"Location": reverse("messaging:phone_of", args=[pk])})


@require_GET
@in_demonstration
def letters(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """Read the e-mails that the demonstration wrote, and that left nowhere."""
    context: dict[str, object] = {"letters": selectors.letters(), "letter": None, "pieces": []}
    if pk:
        context["letter"], context["pieces"] = selectors.letter(pk)
    return page(request, "messaging/letters.jinja", context)
