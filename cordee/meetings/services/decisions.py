"""What a meeting decides: given to somebody, for a day; then done, or dropped."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import Fact, publish
from cordee.meetings.facts import DecisionMade, DecisionSettled, DecisionToFollow
from cordee.meetings.models import Decision, Meeting, Topic
from cordee.meetings.rules.states import Phase, local
from cordee.meetings.selectors import is_told
from cordee.meetings.services.writing import require_no_words_on_another
from cordee.people.models import CircleMember
from cordee.people.rules.sharing import Category


@dataclass(frozen=True)
class DecisionSaid:
    """One decision: the columns that name who does it, until when, about which line."""

    words: str
    doer: dict[str, Any]
    due_on: date
    topic: Topic | None = None
    category: Category = Category.COORDINATION


@action("meetings.decide", on="meeting")
def decide(*, actor: Actor, meeting: Meeting, said: DecisionSaid, now: datetime) -> Decision:
    """Write down a decision. It tells what its line tells. Raises DomainError (meetings.not_held,
    meetings.due_day)."""
    if not meeting.is_held:
        raise DomainError(
            "meetings.not_held", "Une décision se note une fois la réunion tenue. Rien n’est perdu."
        )
    if said.due_on < local(meeting.starts_at).date():
        raise DomainError("meetings.due_day", "Ce jour vient avant la réunion : choisissez-en un.")
    decision = Decision(
        meeting=meeting,
        topic=said.topic,
        category=said.topic.category if said.topic else said.category.value,
        author_id=actor.signatory,
        words=said.words.strip()[:600],
        due_on=said.due_on,
        **said.doer,
    )
    decision.save(force_insert=True)
    _tell(
        decision,
        DecisionMade(
            person_id=meeting.person_id,
            meeting_id=meeting.pk,
            decision_id=decision.pk,
            organization_id=meeting.organization_id,
            due_on=decision.due_on,
        ),
    )
    return decision


@action("meetings.settle", on="decision", lock=("meeting", "decision"))
def settle(
    *, actor: Actor, decision: Decision, phase: Phase, outcome: str, now: datetime
) -> Decision:
    """Say that a decision is done, or dropped and why; a protected one of another, without words.

    Raises DomainError (meetings.settled, meetings.outcome, meetings.author).
    """
    if not decision.is_open:
        raise DomainError(
            "meetings.settled", "Cette décision vient d’être conclue. Rien n’est à refaire."
        )
    own = require_no_words_on_another(actor, decision, outcome.strip())
    if own and phase == Phase.DROPPED and not outcome.strip():
        raise DomainError(
            "meetings.outcome", "Dites pourquoi elle est abandonnée : la décision reste écrite."
        )
    return settled(decision, phase, outcome, now)


@action("meetings.follow_stay", on="decision", lock=("meeting", "decision"))
def follow_stay(
    *, actor: Actor, decision: Decision, member: CircleMember, now: datetime
) -> Decision:
    """Give a decision to the same professional or structure, in the circle of its record now."""
    if member.person_id == decision.meeting.person_id:
        decision.member = member
        decision.save(update_fields=["member", "updated_at"])
        publish(DecisionToFollow(decision_id=decision.pk))
    return decision


@action("meetings.give", on="decision", lock=("meeting", "decision"))
def give(*, actor: Actor, decision: Decision, now: datetime) -> Decision:
    """Have those of her circle who may read a protected decision follow it, in place of a structure
    where nobody does. Twice is once; what is settled is left alone."""
    if decision.given_at is None and decision.is_open:
        decision.given_at = now
        decision.save(update_fields=["given_at", "updated_at"])
        publish(DecisionToFollow(decision_id=decision.pk))
    return decision


@action("meetings.take_back", on="decision", lock=("meeting", "decision"))
def take_back(*, actor: Actor, decision: Decision, now: datetime) -> Decision:
    """Forget that a decision was given: its structure may read it again, and follows it. What was
    given once is not given for ever. Twice is once."""
    if decision.given_at is not None:
        decision.given_at = None
        decision.save(update_fields=["given_at", "updated_at"])
    return decision


def settled(decision: Decision, phase: Phase, outcome: str, now: datetime) -> Decision:
    """Conclude a decision, and say so."""
    decision.phase, decision.settled_at = phase.value, now
    decision.outcome = outcome.strip()[:300]
    decision.save(update_fields=["phase", "settled_at", "outcome", "updated_at"])
    _tell(
        decision,
        DecisionSettled(
            person_id=decision.meeting.person_id,
            meeting_id=decision.meeting_id,
            decision_id=decision.pk,
            organization_id=decision.meeting.organization_id,
            phase=phase.value,
        ),
    )
    return decision


def _tell(decision: Decision, fact: Fact) -> None:
    """Say on her thread what became of a decision; of a protected one, that it moved, of nobody."""
    publish(fact if is_told(decision) else DecisionToFollow(decision_id=decision.pk))
