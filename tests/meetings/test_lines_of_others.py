"""Nobody writes under the protected line of somebody else, who would read it without the right."""

import pytest

from cordee.kernel.errors import DomainError
from cordee.meetings import services
from cordee.meetings.models import Decision, Topic
from cordee.meetings.rules.states import Phase
from cordee.meetings.services import Minutes, Said
from tests.factories.directory import AccountFactory
from tests.factories.people import SharingFactory
from tests.meetings.scene import AFTER, at, called, decided, held, set_team
from tests.plans.scene import set_around
from tests.support import Browser, arranging

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    """The person consents: the coordinator reads the line, that another wrote."""
    found = set_team(set_around())
    SharingFactory(
        person=found.person, category="mental_health", audience="coordination", choice="consented"
    )
    return found


def anothers(**more):
    return more | {"category": "mental_health", "author": AccountFactory(name="Claire Imbert")}


def test_a_line_that_one_may_not_read_is_not_judged():
    around = set_team(set_around())
    meeting = called(around)
    with arranging():
        topic = Topic.objects.create(
            **anothers(meeting=meeting), words="Son humeur", reason="review", origin="plans/goal/x"
        )
    with pytest.raises(DomainError) as found:
        services.judge(
            actor=around.coordinator,
            meeting=meeting,
            origin=topic.origin,
            kept=False,
            today=AFTER.date(),
            now=AFTER,
        )
    assert found.value.code == "meetings.not_proposed"
    topic.refresh_from_db()
    assert topic.kept


def test_what_was_said_is_not_written_on_the_protected_line_of_another(around):
    meeting = called(around)
    with arranging():
        topic = Topic.objects.create(
            **anothers(meeting=meeting), words="Son humeur", reason="review"
        )
    client = Browser().as_(around.coordinator)
    client.now = AFTER
    page = client.get(at("write", meeting.pk)).text
    assert f't{topic.pk.hex}"' not in page
    assert "ligne protégée" in page
    there = frozenset(meeting.seats.values_list("pk", flat=True))
    said = Minutes(there=there, words=Said("", ""), topics={topic.pk: Said("Elle pleure", "")})
    with pytest.raises(DomainError) as found:
        services.write(actor=around.coordinator, meeting=meeting, said=said, now=AFTER)
    assert found.value.code == "meetings.author"
    topic.refresh_from_db()
    assert topic.said == ""
    answer = client.post(at("write", meeting.pk), {"there": [str(one) for one in there]})
    assert answer.status_code == 302


def test_the_protected_decision_of_another_is_settled_without_words(around):
    meeting = held(around, called(around))
    decision = decided(around, meeting)
    with arranging():
        Decision.objects.filter(pk=decision.pk).update(**anothers())
    decision.refresh_from_db()
    page = Browser().as_(around.coordinator).get(at("meeting", meeting.pk)).text
    assert "abandonnée sans motif" in page
    dropped = {"decision": decision, "phase": Phase.DROPPED, "now": AFTER}
    with pytest.raises(DomainError) as found:
        services.settle(actor=around.coordinator, outcome="Elle pleure", **dropped)
    assert found.value.code == "meetings.author"
    kept = services.settle(actor=around.coordinator, outcome="", **dropped)
    assert (kept.phase, kept.outcome) == ("dropped", "")
