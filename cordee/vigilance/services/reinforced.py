"""Somebody enters reinforced follow-up, and leaves it: rules propose, somebody decides."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.models import Person
from cordee.vigilance.facts import ReinforcedBegun, ReinforcedEnded, ReinforcedReviewed
from cordee.vigilance.models import ReinforcedFollowUp
from cordee.vigilance.rules.reinforced import Ground, Outcome
from cordee.vigilance.services.near import require_near


@action("vigilance.reinforce", on="person")
def reinforce(
    *, actor: Actor, person: Person, ground: Ground, review_on: date, now: datetime
) -> ReinforcedFollowUp:
    """Follow somebody more closely. Raises DomainError (vigilance.deceased, vigilance.structure,
    vigilance.reinforced_already, vigilance.due_day)."""
    if person.deceased_on is not None:
        raise DomainError("vigilance.deceased", "Cette personne est notée décédée.")
    if actor.organization_id is None:
        raise DomainError("vigilance.structure", "Choisissez la structure qui suivra la personne.")
    require_near(review_on, now)
    made = ReinforcedFollowUp(
        person=person,
        organization_id=actor.organization_id,
        ground=ground,
        started_at=now,
        started_by_id=actor.signatory,
        review_on=review_on,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(
            "vigilance.reinforced_already",
            "Cette personne est déjà en suivi renforcé dans votre structure. Rien n’a été créé"
            "\u00a0: il est sur sa page.",
        ) from error
    publish(ReinforcedBegun(**_told(made)))
    return made


@action("vigilance.review_reinforced", on="followup")
def review(*, actor: Actor, followup: ReinforcedFollowUp, review_on: date, now: datetime) -> None:
    """Say that the point was made, and when the next one is. Raises DomainError
    (vigilance.reinforced_ended, vigilance.due_day)."""
    require_near(review_on, now)
    standing = _held(followup)
    standing.review_on = review_on
    standing.save(update_fields=["review_on", "updated_at"])
    publish(ReinforcedReviewed(**_told(standing)))


@action("vigilance.end_reinforced", on="followup")
def end_reinforced(
    *, actor: Actor, followup: ReinforcedFollowUp, outcome: Outcome, now: datetime
) -> None:
    """End it, and say how. Raises DomainError (vigilance.reinforced_ended)."""
    standing = _held(followup)
    standing.ended_at, standing.ended_by_id, standing.outcome = now, actor.signatory, outcome
    standing.save(update_fields=["ended_at", "ended_by", "outcome", "updated_at"])
    publish(ReinforcedEnded(**_told(standing)))


def _held(followup: ReinforcedFollowUp) -> ReinforcedFollowUp:
    rows = ReinforcedFollowUp.objects.select_for_update(of=("self",))
    found: ReinforcedFollowUp = rows.get(pk=followup.pk)
    if found.ended_at is not None:
        raise DomainError(
            "vigilance.reinforced_ended",
            "Ce suivi renforcé a été terminé entre-temps\u00a0: rien n’a été modifié.",
        )
    return found


def _told(followup: ReinforcedFollowUp) -> dict[str, UUID]:
    return {
        "person_id": followup.person_id,
        "followup_id": followup.pk,
        "organization_id": followup.organization_id,
    }
