"""A meeting is held: who was there, and what was said of each line. Two who write lose nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.meetings.facts import MeetingHeld
from cordee.meetings.models import Decision, Meeting, Seat, Topic
from cordee.meetings.rules.states import State, may_be_held
from cordee.plans.rules.lines import may_rewrite


@dataclass(frozen=True)
class Said:
    """What was written of one line, and the words that were read there before."""

    words: str
    read: str

    @property
    def is_new(self) -> bool:
        """Whether words were typed that were not read there."""
        return self.words.strip() not in ("", self.read.strip())


@dataclass(frozen=True)
class Minutes:
    """Who was there, what was said line by line, and what comes out of it."""

    there: frozenset[UUID]
    words: Said
    topics: Mapping[UUID, Said] = field(default_factory=dict)
    seats: Mapping[UUID, bool] = field(default_factory=dict)
    """Whom the page showed, and who was read there as present."""


@action("meetings.write", on="meeting")
def write(*, actor: Actor, meeting: Meeting, said: Minutes, now: datetime) -> Meeting:
    """Write what a meeting said; the first time says that it was held.

    What somebody else wrote meanwhile is not written over: nothing is, and `where` names the line;
    nor is anything when words are under a line that somebody set aside meanwhile.
    Raises DomainError (meetings.ended, meetings.too_early, meetings.nobody, meetings.changed,
    meetings.author).
    """
    _require_may_be_written(meeting, said, now)
    meeting.words = _merged(meeting.words, said.words, "words")
    _write_topics(actor, meeting, said)
    _write_who_was_there(meeting, said)
    is_news = meeting.is_planned
    if is_news:
        meeting.state, meeting.ended_at = State.HELD.value, now
    meeting.save(update_fields=["words", "state", "ended_at", "updated_at"])
    if is_news:
        publish(
            MeetingHeld(
                person_id=meeting.person_id,
                meeting_id=meeting.pk,
                organization_id=meeting.organization_id,
            ),
            happened_at=meeting.starts_at,
        )
    return meeting


class Changed(DomainError):
    """Somebody else wrote the same words meanwhile: `where` names them, `stands` is what does."""

    def __init__(self, where: str, stands: str, message: str = "") -> None:
        super().__init__(
            "meetings.changed",
            message
            or f"Quelqu’un d’autre a écrit ici entre-temps : «\u00a0{stands}\u00a0». Rien n’a été "
            "enregistré ; vos mots sont gardés. Enregistrez de nouveau pour les mettre à la place.",
        )
        self.where, self.stands = where, stands


SET_ASIDE = (
    "Cette ligne a été écartée de l’ordre du jour entre-temps. Rien n’a été enregistré\u00a0; vos "
    "mots sont gardés. Reprenez-les sous une autre ligne et effacez-les ici, ou retenez de nouveau "
    "cette ligne, puis enregistrez."
)


def _write_who_was_there(meeting: Meeting, said: Minutes) -> None:
    """Write who was ticked or unticked since the page was read: the rest is as others say.

    Of whom nobody said anything yet, what the page showed is written. Who was added since it was
    read is left alone.
    """
    for seat in Seat.objects.filter(meeting=meeting).order_by("pk"):
        is_there, was_read = seat.pk in said.there, said.seats.get(seat.pk, False)
        is_first_said = seat.was_there is None and seat.pk in said.seats
        if (is_there != was_read or is_first_said) and seat.was_there != is_there:
            seat.was_there = is_there
            seat.save(update_fields=["was_there", "updated_at"])


def _merged(stands: str, said: Said, where: str) -> str:
    words = said.words.strip()
    if words == said.read.strip():  # not touched: what stands stays
        return stands
    if stands not in (said.read.strip(), words):
        raise Changed(where, stands)
    return words


def _write_topics(actor: Actor, meeting: Meeting, said: Minutes) -> None:
    rows = Topic.objects.filter(meeting=meeting, pk__in=said.topics).order_by("pk")
    for topic in rows.select_for_update(of=("self",)):
        typed = said.topics[topic.pk]
        if not topic.kept:
            if typed.is_new:
                raise Changed(str(topic.pk), topic.said, SET_ASIDE)
            continue
        words = _merged(topic.said, typed, str(topic.pk))
        if words != topic.said:
            require_no_words_on_another(actor, topic, words)
            topic.said = words
            topic.save(update_fields=["said", "updated_at"])


def require_no_words_on_another(actor: Actor, line: Topic | Decision, words: str) -> bool:
    """Say whether words are the actor’s to write here: their author reads a protected line.

    Raises DomainError (meetings.author) for words under the protected line of another.
    """
    own = may_rewrite(line.category, line.author_id, actor.account_id)
    if words and not own:
        raise DomainError(
            "meetings.author",
            "Cette ligne est d’une autre personne, qui lirait vos mots sans y avoir droit. Rien "
            "n’a été modifié\u00a0: recommencez sans rien y écrire, ou ajoutez une ligne à vous.",
        )
    return own


def _require_may_be_written(meeting: Meeting, said: Minutes, now: datetime) -> None:
    if meeting.state == State.CANCELLED:
        raise DomainError("meetings.ended", "Cette réunion est annulée : elle ne change plus.")
    if not may_be_held(meeting.starts_at, now):
        raise DomainError(
            "meetings.too_early",
            "Cette réunion n’a pas commencé. Si elle s’est tenue plus tôt, déplacez-la d’abord.",
        )
    if not said.there:
        raise DomainError(
            "meetings.nobody", "Cochez qui était là. Si personne n’est venu, annulez la réunion."
        )
