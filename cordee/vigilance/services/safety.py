"""A helper says that she does not feel safe; who leads her service says what was done."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.records import insert_rows
from cordee.directory.models import Organization
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish, publish_many
from cordee.vigilance.facts import SafetyAnswered, SafetySaid
from cordee.vigilance.models import Device, SafetyAlert
from cordee.vigilance.rules import clock
from cordee.vigilance.rules.safety import Fear
from cordee.vigilance.rules.sent import Unfit, Unsafe
from cordee.vigilance.selectors import is_heard
from cordee.vigilance.services.recording import KNOWN, RECEIVED, Ack, once_each, put_aside, unfit

LONGEST = 300
UNHEARD = "unheard"
"""Said to a phone whose service nobody leads in the house: it is to call."""


@action("vigilance.say_unsafe", on="organization", lock=())
def say_unsafe(
    *, actor: Actor, organization: Organization, fear: Fear, now: datetime
) -> SafetyAlert:
    """Tell one’s service that one does not feel safe: nobody is named, no thread holds it."""
    made = SafetyAlert(
        organization=organization, helper_id=actor.signatory, fear=fear.value, said_at=now
    )
    made.save(force_insert=True)
    publish(SafetySaid(safety_id=made.pk, organization_id=organization.pk))
    return made


@action("vigilance.say_unsafe", on="organization", lock=())
def hear_unsafe(
    *,
    actor: Actor,
    organization: Organization,
    device: Device,
    batch: Sequence[Unsafe],
    sent_at: datetime,
    now: datetime,
) -> list[Ack]:
    """Keep what a phone held until it had a network: each once, however often it is sent.

    Another reason under the same identifier never overwrites: it is put aside for the service.
    Where nobody leads the service, the phone is answered so. Three queries.
    """
    once = once_each(batch)
    aside = [one for one in once if isinstance(one, Unfit)]
    fresh = {one.id: one for one in once if isinstance(one, Unsafe)}
    rows = [
        _row(one, actor, organization, clock.offset(sent_at, now), now) for one in fresh.values()
    ]
    made = insert_rows(SafetyAlert, rows, unless="ON CONFLICT (id) DO NOTHING").keys()
    publish_many([SafetySaid(safety_id=key, organization_id=organization.pk) for key in made])
    why = "" if is_heard(organization.pk, now) else UNHEARD
    acks = [Ack(str(key), RECEIVED, why) for key in made]
    for key in fresh.keys() - made:
        if _says(fresh[key], actor):
            acks.append(Ack(str(key), KNOWN, why))
        else:
            aside.append(unfit(fresh[key], "conflict"))
    return acks + put_aside(device, aside, now)


def _row(
    one: Unsafe, actor: Actor, organization: Organization, late: timedelta, now: datetime
) -> dict[str, Any]:
    return {
        "id": one.id,
        "organization_id": organization.pk,
        "helper_id": actor.signatory,
        "fear": one.fear.value,
        "said_at": clock.in_order([one.occurred_at], late, now)[0],
    }


def _says(one: Unsafe, actor: Actor) -> bool:
    rows = SafetyAlert.objects.filter(pk=one.id, helper_id=actor.signatory, fear=one.fear.value)
    return rows.exists()


@action("vigilance.answer_unsafe", on="safety")
def answer_unsafe(*, actor: Actor, safety: SafetyAlert, words: str, now: datetime) -> None:
    """Say what was done: the helper reads it. Raises DomainError (vigilance.nothing_said,
    vigilance.answered_already)."""
    said = words.strip()[:LONGEST]
    if not said:
        raise DomainError("vigilance.nothing_said", "Dites en quelques mots ce qui a été fait.")
    if safety.answered_at is not None:
        raise DomainError(
            "vigilance.answered_already", "Cette alerte a déjà été traitée\u00a0: relisez la page."
        )
    safety.answered_at, safety.answered_by_id, safety.answer = now, actor.signatory, said
    safety.save(update_fields=["answered_at", "answered_by", "answer", "updated_at"])
    publish(SafetyAnswered(safety_id=safety.pk, organization_id=safety.organization_id))
