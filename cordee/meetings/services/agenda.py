"""The agenda: what is proposed is kept or left out by somebody, and the rest is added."""

from dataclasses import dataclass
from datetime import date, datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.meetings.models import Meeting, Topic
from cordee.meetings.rules.agenda import Reason
from cordee.meetings.rules.states import State
from cordee.meetings.selectors import proposals_for
from cordee.people.rules.sharing import Category


@dataclass(frozen=True)
class TopicSaid:
    """A line that is added to the agenda, and what it tells."""

    words: str
    category: Category = Category.COORDINATION


@action("meetings.judge", on="meeting")
def judge(
    *, actor: Actor, meeting: Meeting, origin: str, kept: bool, today: date, now: datetime
) -> Topic:
    """Keep a line that is proposed, or leave it out; once judged, it may be judged again.

    Raises DomainError (meetings.ended, meetings.not_proposed).
    """
    _require_open(meeting)
    seen = Topic.objects.visible_to(actor).filter(meeting=meeting, origin=origin)
    topic: Topic | None = seen.first()
    if topic is not None:
        topic.kept = kept
        topic.save(update_fields=["kept", "updated_at"])
        return topic
    for one in proposals_for(actor, meeting, today):
        if one.line.origin == origin:
            topic = Topic(
                meeting=meeting,
                category=one.line.category,
                author_id=one.line.author,
                words=one.words,
                reason=one.reason.value,
                origin=origin,
                kept=kept,
            )
            topic.save(force_insert=True)
            return topic
    raise DomainError(
        "meetings.not_proposed",
        "Cette ligne n’est plus proposée : elle a changé dans le plan. Rien n’a été modifié.",
    )


@action("meetings.add_topic", on="meeting")
def add_topic(*, actor: Actor, meeting: Meeting, said: TopicSaid, now: datetime) -> Topic:
    """Add a line to the agenda. Raises DomainError (meetings.ended)."""
    _require_open(meeting)
    topic = Topic(
        meeting=meeting,
        category=said.category.value,
        author_id=actor.signatory,
        words=said.words.strip()[:600],
        reason=Reason.TYPED.value,
    )
    topic.save(force_insert=True)
    return topic


def _require_open(meeting: Meeting) -> None:
    """Once held, what was talked about besides may still be added."""
    if meeting.state == State.CANCELLED:
        raise DomainError("meetings.ended", "Cette réunion est annulée : elle ne change plus.")
