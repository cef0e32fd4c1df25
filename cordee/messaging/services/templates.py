"""The words of messages, changed by administration under the guard of the rules."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.selectors import places_named_in
from cordee.kernel.errors import DomainError
from cordee.messaging.alphabet import plain, segment_count
from cordee.messaging.models import Channel, MessageTemplate
from cordee.messaging.rules import template_faults
from cordee.messaging.wordings import SHIPPED, fields_in, in_force

LONGEST = 3  # segments, before its words are filled in


@action("messaging.write_template", on=None)
def write_template(
    *, actor: Actor, code: str, channel: Channel, subject: str, body: str, now: datetime
) -> MessageTemplate:
    """Give a message other words. Raises DomainError with every fault, in French."""
    if code not in SHIPPED:
        raise DomainError("messaging.unknown_template", "Ce modèle de message n’existe pas.")
    body, subject = body.strip(), " ".join(subject.split())
    fields = SHIPPED[code].fields
    faults = [
        fault
        for part in (body, *([subject] if channel == Channel.EMAIL else []))
        for fault in template_faults(
            part, fields=fields, places=[one.name for one in places_named_in(part)]
        )
    ]
    if channel == Channel.SMS:
        body = plain(body)
        if segment_count(body) > LONGEST:
            faults.append(f"Le texte dépasse {LONGEST} messages : raccourcissez-le.")
    missing = _needed(code, channel) - fields_in(body)
    faults += [
        f"Il manque {{{name}}} : sans lui on ne peut pas répondre." for name in sorted(missing)
    ]
    if faults:
        raise DomainError(
            "messaging.template_refused",
            "Ce modèle n’a pas été enregistré, l’ancien reste en service. " + " ".join(faults),
        )
    template, _ = MessageTemplate.objects.update_or_create(
        code=code,
        channel=channel,
        defaults={"body": body, "subject": subject if channel == Channel.EMAIL else ""},
    )
    return template


@action("messaging.write_template", on=None)
def reset_template(*, actor: Actor, code: str, channel: Channel, now: datetime) -> None:
    """Go back to the words that Cordée ships."""
    ours = in_force(code, channel, chosen=None)
    chosen = MessageTemplate.objects.filter(code=code, channel=channel)
    chosen.update(body=ours.body, subject=ours.subject)


def _needed(code: str, channel: Channel) -> set[str]:
    """Say which fields an addressee cannot do without: what they answer with."""
    shipped = SHIPPED[code]
    words = shipped.text if channel == Channel.SMS else shipped.mail
    return {name for name in ("service", "code", "lien") if f"{{{name}}}" in words}
