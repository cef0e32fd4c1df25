"""A meeting about somebody whom a DAC follows, brought to where a test begins."""

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from cordee.meetings import services
from cordee.meetings.models import Decision, Meeting, Topic
from cordee.meetings.services import DecisionSaid, Minutes, Said, Where
from tests.factories.directory import MembershipFactory
from tests.plans.scene import Around
from tests.support import NOW, PARIS

STARTS = datetime(2026, 12, 3, 14, 30, tzinfo=PARIS)
AFTER = STARTS + timedelta(hours=2)


def set_team(around: Around) -> Around:
    """The coordinator is of the team, as the directory says it."""
    MembershipFactory(
        account_id=around.coordinator.account_id,
        organization=around.dac,
        role="coordinator",
        since=date(2026, 1, 5),
    )
    return around


def called(around: Around, **details: Any) -> Meeting:
    """A meeting that is planned, in ten days."""
    where = Where(**{"starts_at": STARTS, "place": "Salle du DAC"} | details)
    made: Meeting = services.call(
        actor=around.coordinator, person=around.person, where=where, now=NOW
    )
    return made


def held(around: Around, meeting: Meeting, **said: str) -> Meeting:
    """The same, once it was held: all who were asked came."""
    topics = {
        topic.pk: Said(said.get("topics", ""), topic.said)
        for topic in Topic.objects.filter(meeting=meeting, kept=True)
    }
    minutes = Minutes(
        there=frozenset(meeting.seats.values_list("pk", flat=True)),
        words=Said(said.get("words", ""), meeting.words),
        topics=topics,
    )
    actor = around.coordinator
    kept: Meeting = services.write(actor=actor, meeting=meeting, said=minutes, now=AFTER)
    return kept


def decided(around: Around, meeting: Meeting, **details: Any) -> Decision:
    """A decision that the person carries out herself."""
    said = DecisionSaid(
        **{
            "words": "Appeler la mairie",
            "doer": {"by_person": True},
            "due_on": AFTER.date() + timedelta(days=7),
        }
        | details
    )
    actor = around.coordinator
    made: Decision = services.decide(actor=actor, meeting=meeting, said=said, now=AFTER)
    return made


def at(name: str, *args: Any) -> str:
    """An address of the room."""
    return reverse(f"meetings:{name}", args=args)
