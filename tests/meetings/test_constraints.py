"""What the database keeps of meetings and dilemmas, each promise broken on purpose."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from cordee.kernel.errors import DomainError
from cordee.meetings import services
from cordee.meetings.models import Decision, Dilemma, DilemmaSeat, Meeting, Seat, Topic
from cordee.meetings.services import TopicSaid
from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.factories.meetings import dilemma_of
from tests.factories.people import joins_circle
from tests.meetings.scene import AFTER, called, decided, held
from tests.plans.scene import set_around
from tests.support import NOW, arranging, simultaneously

DAY = date(2026, 12, 10)


def breaks(name, make):
    """Expect the database to refuse, naming its promise."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), arranging():
        make()


def changed(row, **columns):
    """What writes columns of a row as a hurried update would."""
    return lambda: type(row).objects.filter(pk=row.pk).update(**columns)


@pytest.fixture
def around(db):
    return set_around()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("meetings_meeting_says_where", {"place": ""}),
        ("meetings_meeting_lasts_some_time", {"minutes": 0}),
        ("meetings_meeting_is_dated_once_held_or_cancelled", {"state": "held"}),
        ("meetings_meeting_is_dated_once_held_or_cancelled", {"ended_at": NOW}),
    ],
)
def test_a_meeting_is_whole(around, name, wrong):
    breaks(name, changed(called(around), **wrong))


def test_a_reference_names_one_meeting(around):
    meeting, other = called(around), called(around)
    name = "meetings_meeting_has_its_own_reference"
    breaks(name, changed(other, reference=meeting.reference))


def test_what_was_held_stays_so(around):
    meeting = held(around, called(around))
    breaks("meetings_meeting_ends_once", changed(meeting, state="cancelled"))
    breaks("meetings_meeting_ends_once", changed(meeting, state="planned", ended_at=None))


def test_a_seat_is_of_one_somebody_once(around):
    meeting = called(around)
    member = joins_circle(around.person, practitioner=PractitionerFactory())
    outside, account = PractitionerFactory(), AccountFactory()

    def seat(**who):
        return lambda: Seat.objects.create(meeting=meeting, **who)

    breaks("meetings_seat_is_exactly_one_kind", seat())
    breaks("meetings_seat_is_exactly_one_kind", seat(member=member, account=account))
    breaks("meetings_seat_is_exactly_one_kind", seat(is_person=True, member=member))
    breaks("meetings_seat_from_outside_was_accepted_by_the_person", seat(practitioner=outside))
    for name, who in (
        ("meetings_seat_of_the_person_is_one", {"is_person": True}),
        ("meetings_seat_has_each_member_once", {"member": member}),
        (
            "meetings_seat_has_each_practitioner_once",
            {"practitioner": outside, "is_accepted": True},
        ),
        ("meetings_seat_has_each_account_once", {"account": account}),
    ):
        with arranging():
            seat(**who)()
        breaks(name, seat(**who))


def test_a_line_says_something_and_a_line_of_the_plan_is_judged_once(around):
    meeting = called(around)
    said = TopicSaid("Les repas du soir")
    topic = services.add_topic(actor=around.coordinator, meeting=meeting, said=said, now=NOW)
    breaks("meetings_topic_says_something", changed(topic, words=""))
    again = {"meeting": meeting, "author_id": around.coordinator.account_id, "words": "Encore"}
    again |= {"reason": "late", "origin": "plans/action/1"}
    with arranging():
        Topic.objects.create(**again)
    name = "meetings_topic_is_judged_once_per_line_of_the_plan"
    breaks(name, lambda: Topic.objects.create(**again))


def test_a_decision_is_whole(around):
    decision = decided(around, held(around, called(around)))
    breaks("meetings_decision_says_something", changed(decision, words=""))
    breaks("meetings_decision_names_who_does_it", changed(decision, by_person=False))
    account = AccountFactory()
    breaks("meetings_decision_names_who_does_it", changed(decision, account=account))
    breaks("meetings_decision_is_dated_once_settled", changed(decision, phase="done"))
    breaks("meetings_decision_is_dated_once_settled", changed(decision, settled_at=NOW))


def test_nothing_is_decided_in_a_meeting_that_was_not_held(around):
    meeting = called(around)
    row = {"meeting": meeting, "author_id": around.coordinator.account_id, "words": "Trop tôt"}
    row |= {"by_person": True, "due_on": DAY}
    breaks("meetings_decision_is_of_a_meeting_held", lambda: Decision.objects.create(**row))


def test_a_dilemma_asks_something_says_why_and_names_each_once(around):
    nurse = AccountFactory()
    dilemma = dilemma_of(around.person, AccountFactory(), nurse)
    breaks("meetings_dilemma_asks_something", changed(dilemma, question=""))
    breaks("meetings_dilemma_choice_says_why", changed(dilemma, choice="Attendre"))
    breaks(
        "meetings_dilemma_names_each_participant_once",
        lambda: DilemmaSeat.objects.create(dilemma=dilemma, account=nurse),
    )
    assert Dilemma.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_cancelled_and_written_at_the_same_moment_a_meeting_ends_once():
    around = set_around()
    meeting = called(around)

    def cancels():
        services.cancel(
            actor=around.coordinator, meeting=Meeting.objects.get(), why="Neige", now=AFTER
        )

    outcomes = simultaneously(cancels, lambda: held(around, Meeting.objects.get(pk=meeting.pk)))
    refused = [one for one in outcomes if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [DomainError]
    meeting.refresh_from_db()
    assert meeting.state in ("held", "cancelled")
