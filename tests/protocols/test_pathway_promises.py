"""What the database keeps of pathways and ruptures, each promise broken on purpose."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from cordee.access.actor import SYSTEM
from cordee.kernel.errors import DomainError
from cordee.protocols import services
from cordee.protocols.models import Clock, Pathway, Rupture
from cordee.protocols.rules.outcomes import Cause, Leaving, Standing
from cordee.protocols.services import Settling
from tests.protocols.pathway_scene import set_around
from tests.support import NOW, arranging, facts, simultaneously

DAY = timedelta(days=1)
LATER = NOW + 5 * DAY


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


@pytest.fixture
def pathway(around):
    found = around.join()
    services.wake(actor=SYSTEM, pathway=found, now=LATER)
    return found


def test_a_pathway_is_open_once_per_person_and_protocol(around, pathway):
    name = "protocols_pathway_is_open_once_per_person_and_protocol"
    columns = ("person", "organization", "followed", "protocol", "entered_at", "joined_by")
    again = {column: getattr(pathway, column) for column in columns}
    breaks(name, lambda: Pathway.objects.create(**again))


@pytest.mark.parametrize("wrong", [{"left_at": NOW}, {"leaving": "done"}])
def test_an_end_is_dated_and_has_a_reason(around, wrong):
    pathway = around.join()
    breaks("protocols_pathway_end_is_dated_and_has_a_reason", changed(pathway, **wrong))


def test_a_rupture_is_told_once(pathway):
    one = Rupture.objects.get()
    columns = ("pathway", "of", "at", "standing", "expected", "role", "found_at")
    again = {column: getattr(one, column) for column in columns}
    breaks("protocols_rupture_is_told_once", lambda: Rupture.objects.create(**again))


@pytest.mark.parametrize("wrong", [{"ended_at": NOW}, {"standing": "repaired"}])
def test_the_end_of_a_rupture_is_dated(pathway, wrong):
    breaks("protocols_rupture_end_is_dated", changed(Rupture.objects.get(), **wrong))


@pytest.mark.parametrize("standing", ["waived", "accepted"])
def test_nobody_waives_or_accepts_without_a_reason(pathway, standing):
    name = "protocols_rupture_is_waived_or_accepted_with_a_reason"
    breaks(name, changed(Rupture.objects.get(), standing=standing, ended_at=NOW))


def test_a_pathway_is_not_left_while_a_rupture_waits(pathway):
    name = "protocols_pathway_is_left_without_ruptures"
    breaks(name, changed(pathway, left_at=NOW, leaving="done"))


def test_no_rupture_waits_on_a_pathway_that_was_left(around, pathway):
    services.leave(actor=around.coordinator, pathway=pathway, reason=Leaving.DONE, now=LATER)
    name = "protocols_rupture_waits_on_a_pathway"
    breaks(name, changed(Rupture.objects.get(), standing="late", ended_at=None))


# --- several at once -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_the_same_person_at_once_make_one_pathway():
    around = set_around()
    answers = simultaneously(around.join, around.join)
    assert sorted(type(one).__name__ for one in answers) == ["DomainError", "Pathway"]
    assert Pathway.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_wake_a_pathway_once():
    around = set_around()
    pathway = around.join()

    def wake():
        return services.wake(actor=SYSTEM, pathway=pathway, now=LATER)

    assert sorted(simultaneously(wake, wake)) == [False, True]
    assert len(facts("protocols.rupture_found")) == 1


@pytest.mark.django_db(transaction=True)
def test_who_leaves_while_a_rupture_is_found_leaves_none_that_waits():
    around = set_around()
    pathway = around.join()
    answers = simultaneously(
        lambda: services.wake(actor=SYSTEM, pathway=pathway, now=LATER),
        lambda: services.leave(
            actor=around.coordinator, pathway=pathway, reason=Leaving.DONE, now=LATER
        ),
    )
    assert not [one for one in answers if isinstance(one, Exception)]
    assert not Rupture.objects.open().exists()
    assert Clock.objects.get().wake_at is None


@pytest.mark.django_db(transaction=True)
def test_a_fact_written_while_a_person_enters_is_never_missed():
    """The entry holds the thread still: what comes after it finds the pathway."""
    from cordee.people.facts import Informed
    from cordee.protocols.jobs import hear
    from tests.protocols.pathway_scene import happens
    from tests.support import queued

    around = set_around()
    fact = Informed(person_id=around.person.pk, information_id=around.person.pk, notice="2026-11")
    simultaneously(around.join, lambda: happens(fact, NOW + timedelta(minutes=1)))
    for _, _, arguments, _ in queued("cordee.protocols.jobs.hear"):
        hear(**arguments)
    assert Clock.objects.get().state["steps"]["informer"][0]


@pytest.mark.django_db(transaction=True)
def test_two_who_settle_a_rupture_at_once_keep_one_reason():
    around = set_around()
    services.wake(actor=SYSTEM, pathway=around.join(), now=LATER)
    rupture = Rupture.objects.get()

    def settle(words):
        said = Settling(standing=Standing.ACCEPTED, cause=Cause.OVERLOAD, words=words)
        return lambda: services.settle(
            actor=around.coordinator, rupture=rupture, said=said, now=LATER
        )

    answers = simultaneously(settle("Vu ensemble."), settle("On attend."))
    (refused,) = [one for one in answers if isinstance(one, DomainError)]
    assert refused.code == "protocols.rupture_over"
    assert len(facts("protocols.rupture_waived")) == 1


def test_what_a_clock_remembers_leaves_no_history(pathway):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM access_previous_state WHERE table_name = 'protocols_clock'"
        )
        assert cursor.fetchone() == (0,)
