"""What becomes of a visit: seen, answered; and of what was put aside."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.vigilance.facts import RefusedAnswered, VisitAnswered, VisitSeen
from cordee.vigilance.models import RefusedVisit, Visit

LONGEST = 300


@action("vigilance.see", on="visit")
def see(*, actor: Actor, visit: Visit, now: datetime) -> None:
    """Say that coordination saw it: the helper reads by whom and when. Once; again does nothing."""
    if visit.status != Visit.Status.RECEIVED:
        return
    seen = {"seen_at": now, "seen_by_id": actor.signatory}
    Visit.objects.filter(pk=visit.pk).update(status=Visit.Status.SEEN, **seen)
    publish(
        VisitSeen(
            person_id=visit.person_id, visit_id=visit.pk, organization_id=visit.organization_id
        )
    )


@action("vigilance.answer", on="visit")
def answer(
    *, actor: Actor, visit: Visit, words: str, now: datetime, seen: int | None = None
) -> None:
    """Tell the helper what was done; `seen`, the version of the visit that was read: an answer
    is never written over unread.

    Raises DomainError (vigilance.nothing_said, vigilance.answered_already).
    """
    said = words.strip()[:LONGEST]
    if not said:
        raise DomainError("vigilance.nothing_said", "Dites en quelques mots ce qui a été fait.")
    if visit.answer == said and visit.status == Visit.Status.CLOSED:
        return
    if visit.answer and seen != visit.version:
        raise DomainError(
            "vigilance.answered_already",
            "Quelqu’un a déjà répondu\u00a0: lisez sa réponse, plus haut, et complétez-la. Vos mots"
            " sont gardés ci-dessous.",
        )
    signed = {"seen_at": visit.seen_at or now, "seen_by_id": visit.seen_by_id or actor.signatory}
    closed = {"status": Visit.Status.CLOSED, "answer": said, "answered_at": now}
    Visit.objects.filter(pk=visit.pk).update(**signed, **closed)
    publish(
        VisitAnswered(
            person_id=visit.person_id, visit_id=visit.pk, organization_id=visit.organization_id
        )
    )


@action("vigilance.answer_refused", on="refused")
def answer_refused(*, actor: Actor, refused: RefusedVisit, words: str, now: datetime) -> None:
    """Say what was done with what could not be taken. Raises DomainError: answered already."""
    if refused.answered_at is not None:
        raise DomainError(
            "vigilance.answered_already", "Cet envoi a déjà été traité : relisez ce qui est écrit."
        )
    RefusedVisit.objects.filter(pk=refused.pk).update(
        answered_at=now, answered_by_id=actor.signatory, answer=words.strip()[:LONGEST]
    )
    publish(RefusedAnswered(device_id=refused.device_id, organization_id=refused.organization_id))
