"""What the desk sees of its messages, and the words that administration chooses."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import done, page
from cordee.messaging import selectors, services
from cordee.messaging.forms import OutboxFilter, TemplateForm
from cordee.messaging.models import Channel, Message

SHOWN = 50


@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """Show what left, what waits and what failed."""
    wanted = OutboxFilter(request.GET).wanted()
    found = selectors.outbox(request.actor, **wanted)
    shown = Paginator(found, SHOWN).get_page(request.GET.get("page"))
    persons = [message.person_id for message in shown if message.person_id]
    trace.listed(request.actor, "messaging.message", persons)
    context = {
        "shown": shown,
        "wanted": wanted,
        "states": Message.State.choices,
        "counts": selectors.counts(request.actor),
        "breaks": selectors.carriers(request.actor),
    }
    return page(request, "messaging/list.jinja", context, part="messaging/_rows.jinja")


@require_GET
def message(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one message, its history and what can still be done."""
    found = selectors.get_message(request.actor, pk)
    trace.read(request.actor, found)
    may_resend = is_allowed(request.actor, "messaging.resend", found)
    context = {"message": found, "may_resend": may_resend and found.state == Message.State.FAILED}
    return page(request, "messaging/message.jinja", context)


@require_POST
def resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a failed message again."""
    found = selectors.get_message(request.actor, pk)
    services.resend(actor=request.actor, message=found, now=request.now)
    back = reverse("messaging:message", args=[pk])
    return done(request, "Le message repart.", to=back)


@require_GET
def received(request: HttpRequest) -> HttpResponse:
    """Show the texts that came back."""
    unclear = "a-lire" in request.GET
    found = selectors.received(request.actor, unclear=unclear)
    shown = Paginator(found, SHOWN).get_page(request.GET.get("page"))
    return page(request, "messaging/received.jinja", {"shown": shown, "unclear": unclear})


@require_GET
def inbound(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one received text, and how it was read."""
    found = selectors.get_text(request.actor, pk)
    trace.read(request.actor, found)
    return page(request, "messaging/inbound.jinja", {"text": found})


@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    """Show every message Cordée writes, in the words in force."""
    require(request.actor, "messaging.write_template")
    return page(
        request, "messaging/templates.jinja", {"templates": selectors.templates(request.actor)}
    )


@require_http_methods(["GET", "POST"])
def write_template(request: HttpRequest, code: str, channel: str) -> HttpResponse:
    """Choose other words, or go back to the ones shipped."""
    require(request.actor, "messaging.write_template")
    words = _words(request, code, channel)
    typed = {"subject": words.subject, "body": words.body}
    form = TemplateForm(request.POST or None, initial=typed).for_words(words)
    if request.method == "POST" and form.is_valid() and _written(request, words, form):
        return done(request, "Ces mots sont en service.", to=reverse("messaging:templates"))
    status = 422 if form.errors else 200
    context = {"form": form, "words": words}
    return page(request, "messaging/template.jinja", context, status=status)


def _words(request: HttpRequest, code: str, channel: str) -> selectors.Template:
    found = [
        t for t in selectors.templates(request.actor) if (t.code, t.channel) == (code, channel)
    ]
    if not found:
        raise Http404
    return found[0]


def _written(request: HttpRequest, words: selectors.Template, form: TemplateForm) -> bool:
    said = {"subject": form.cleaned_data.get("subject", ""), "body": form.cleaned_data["body"]}
    try:
        services.write_template(
            actor=request.actor,
            code=words.code,
            channel=Channel(words.channel),
            now=request.now,
            **said,
        )
    except DomainError as refusal:
        form.add_error("body", refusal.message)
    return not form.errors


@require_POST
def reset_template(request: HttpRequest, code: str, channel: str) -> HttpResponse:
    """Go back to the words that Cordée ships."""
    words = _words(request, code, channel)
    services.reset_template(
        actor=request.actor, code=words.code, channel=Channel(words.channel), now=request.now
    )
    return done(request, "Les mots d’origine sont revenus.", to=reverse("messaging:templates"))
