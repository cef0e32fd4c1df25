"""A helper says that she does not feel safe; who leads her service says what was done."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.models import Organization
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.vigilance.facts import SafetyAnswered, SafetySaid
from cordee.vigilance.models import SafetyAlert
from cordee.vigilance.rules.safety import Fear

LONGEST = 300


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
