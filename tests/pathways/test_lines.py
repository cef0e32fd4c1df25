"""The lines of the worklist: written once for what they say, and never shown as they were."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordee.pathways import lines
from cordee.pathways.models import Task
from cordee.pathways.selectors import Line
from cordee.people.models import Person
from tests.factories.directory import OrganizationFactory
from tests.factories.pathways import TaskFactory
from tests.pathways.team import known_person, works_at
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db
HOME = "/a-faire"
LATER = NOW + timedelta(days=2)


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def nurse(desk):
    return works_at(desk, "Claire Roux")


@pytest.fixture
def task(desk):
    person = known_person(desk, birth_name="Lefèvre")
    due = {"since_at": NOW - timedelta(hours=2), "due_at": NOW + timedelta(minutes=14)}
    return TaskFactory(organization=desk, person=person, kind="call_back", **due)


@pytest.fixture
def counted(monkeypatch):
    """The lines that were written, by what they say."""
    wrote, write = [], lines.PATTERN.write_named

    def counting(words, **shape):
        wrote.append(words["who"])
        return write(words, **shape)

    monkeypatch.setattr(lines.PATTERN, "write_named", counting)
    return wrote


def shown(client, later=timedelta()):
    client.now = NOW + later
    return client.get(HOME).text


def test_a_line_that_says_the_same_is_not_written_again(nurse, task, client, counted):
    client.as_(nurse)
    assert shown(client).count("LEFÈVRE") == shown(client).count("LEFÈVRE") == 1
    assert len(counted) == 1


def changed_person(task, **columns):
    with arranging():
        Person.objects.filter(pk=task.person_id).update(**columns)


def changed_task(task, **columns):
    with arranging():
        Task.objects.filter(pk=task.pk).update(**columns)


CHANGES = {
    "her name": (lambda task: changed_person(task, birth_name="Autrenom"), "AUTRENOM"),
    "the name she uses": (lambda task: changed_person(task, used_name="Usuel"), "née LEFÈVRE"),
    "her sex": (lambda task: changed_person(task, used_name="B", sex="I"), "né·e LEFÈVRE"),
    "what is asked": (lambda task: changed_task(task, kind="read_text"), "Lire"),
    "how urgent it is": (lambda task: changed_task(task, urgency=0), "urgency--now"),
    "when it is wanted": (
        lambda task: changed_task(task, due_at=NOW + timedelta(minutes=41)),
        "dans 41\u00a0min",
    ),
    "that nobody waits for it": (lambda task: changed_task(task, due_at=None), "17:25"),
    "its place": (
        lambda task: changed_task(task, sorts_at=LATER),
        f"{LATER.timestamp():017.6f}",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_somebody_changed_is_shown_at_once(nurse, task, client, change):
    client.as_(nurse)
    change_it, told = CHANGES[change]
    assert told not in shown(client)
    change_it(task)
    assert told in shown(client)


def test_who_has_it_is_shown_at_once(nurse, task, client, desk):
    client.as_(nurse)
    assert "Équipe</" in shown(client)
    changed_task(task, assignee=nurse.account_id)
    assert "Claire Roux</" in shown(client)


def test_time_goes_by_on_a_line_that_was_written(nurse, task, client):
    client.as_(nurse)
    assert "dans 14\u00a0min" in shown(client)
    for minutes, told in [
        (1, "dans 13"),
        (13, "dans 1\u00a0"),
        (14, "à l’instant"),
        (26, "il y a 12\u00a0min"),
    ]:
        assert told in shown(client, timedelta(minutes=minutes))
    assert "à 19:39" in shown(client, timedelta(hours=3))
    assert "hier 19:39" in shown(client, timedelta(hours=24))


def test_a_line_becomes_late_to_the_second(nurse, task, client):
    client.as_(nurse)
    due = timedelta(minutes=14)
    assert "clock--late" not in shown(client, due)
    assert "clock--late" in shown(client, due + timedelta(seconds=1))
    assert "clock--soon" not in shown(client, due - timedelta(minutes=15))
    assert "clock--soon" in shown(client, due - timedelta(minutes=15) + timedelta(seconds=1))


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SPANS = st.sampled_from([0, 1, 59, 60, 61, 899, 900, 3599, 3600, 86_399, 86_400, 90_000])
SHIFTS = st.builds(
    lambda span, sign, some: timedelta(seconds=sign * span, microseconds=some),
    SPANS | st.integers(0, 400_000),
    st.sampled_from([-1, 1]),
    st.sampled_from([-1, 0, 0, 1]),
)


@settings(max_examples=400, deadline=None)
@given(moment=MOMENTS, far=SHIFTS, later=SHIFTS, is_due=st.booleans())
def test_a_line_says_at_each_moment_what_it_would_say_if_it_were_written_then(
    moment, far, later, is_due
):
    def line():
        told = {"pk": UUID(int=7), "kind": "call_back", "urgency": 1, "since_at": moment}
        told |= {"due_at": moment if is_due else None, "sorts_at": moment}
        return Line(**dict.fromkeys(Line._fields) | told)

    kept = line()
    lines.written([kept], moment + far, ())
    then = moment + far + later
    assert lines.written([kept], then, ()) == lines.written([line()], then, ())


def test_whoever_may_no_longer_see_her_is_shown_no_line_though_it_was_written(nurse, task, client):
    client.as_(nurse)
    assert "LEFÈVRE" in shown(client)
    with arranging():
        task.person.circle.all().update(until=NOW)
    assert "LEFÈVRE" not in shown(client)
