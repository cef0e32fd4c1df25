"""One lock, one rule, one trace, one commit; and records that count their versions."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DataError, ProgrammingError
from django.test.utils import CaptureQueriesContext

from cordee.access.actor import Role
from cordee.access.models import PreviousState
from cordee.kernel.errors import DomainError, Forbidden, Unruled
from tests.access.thing import Thing, make, make_two, rename, unruled
from tests.support import NOW, actor, arranging, owner, simultaneously, traces


@pytest.fixture
def thing(transactional_db):
    with owner() as database:
        database.execute(
            """CREATE TABLE IF NOT EXISTS test_thing (id uuid PRIMARY KEY, name varchar(100),
            created_at timestamptz, updated_at timestamptz, version int)"""
        )
        database.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON test_thing TO cordee_app")
        database.execute("SELECT access_arm('test_thing')")
    with arranging():
        thing = Thing.objects.create(name="avant")
    yield thing
    with owner() as database:
        database.execute("DROP TABLE test_thing")


coordinator, nurse = actor(Role.COORDINATOR), actor(Role.PRACTITIONER)


def test_a_gesture_changes_traces_and_keeps_the_previous_state(thing):
    rename(actor=coordinator, thing=thing, name="après", now=NOW)

    thing.refresh_from_db()
    assert (thing.name, thing.version) == ("après", 2)
    kept = PreviousState.objects.get(record_id=thing.pk)
    assert kept.state["name"] == "avant"
    assert kept.version == 1
    assert kept.gesture["verb"] == "test.rename"
    assert kept.gesture["actor"]["account"] == str(coordinator.account_id)
    assert [(t["verb"], t["subject_id"]) for t in traces("act")] == [("test.rename", str(thing.pk))]


def test_a_refused_gesture_changes_nothing_and_is_traced(thing):
    with pytest.raises(Forbidden):
        rename(actor=nurse, thing=thing, name="après", now=NOW)

    thing.refresh_from_db()
    assert (thing.name, thing.version) == ("avant", 1)
    assert [t["verb"] for t in traces("refused")] == ["test.rename"]
    assert traces("act") == []


def test_a_verb_without_a_rule_is_shut(thing):
    with pytest.raises(Unruled):
        unruled(actor=coordinator, thing=thing, now=NOW)


@pytest.mark.parametrize(
    "write",
    [
        lambda thing: Thing.objects.create(name="x"),
        lambda thing: Thing.objects.filter(pk=thing.pk).update(name="x"),
        lambda thing: Thing.objects.filter(pk=thing.pk).delete(),
    ],
    ids=["insert", "update", "delete"],
)
def test_the_database_refuses_a_record_written_outside_of_a_gesture(thing, write):
    rename(actor=coordinator, thing=thing, name="entre", now=NOW)  # leaves no permission behind

    with pytest.raises(ProgrammingError, match="only be written by an action"):
        write(thing)


@pytest.mark.parametrize("claimed", [0, 7])
def test_a_new_record_begins_at_its_first_version_whatever_it_claims(thing, claimed):
    with arranging():
        other = Thing.objects.create(name="autre", version=claimed)

    other.refresh_from_db()
    assert other.version == 1


def test_a_gesture_does_not_lend_its_name_to_what_follows_in_the_same_transaction(thing):
    with transaction.atomic():
        rename(actor=coordinator, thing=thing, name="entre", now=NOW)
        with pytest.raises(ProgrammingError), transaction.atomic():
            Thing.objects.filter(pk=thing.pk).update(name="x")


def test_saving_the_same_thing_again_makes_no_version(thing):
    rename(actor=coordinator, thing=thing, name="avant", now=NOW)

    thing.refresh_from_db()
    assert thing.version == 1
    assert not PreviousState.objects.exists()


def test_what_changes_says_when_however_it_was_written(thing):
    long_ago = NOW - timedelta(days=9)
    with arranging():
        Thing.objects.filter(pk=thing.pk).update(updated_at=long_ago)
        Thing.objects.filter(pk=thing.pk).update(name="avant")
    thing.refresh_from_db()
    assert thing.updated_at == long_ago  # nothing changed

    with arranging():
        Thing.objects.filter(pk=thing.pk).update(name="après")
    thing.refresh_from_db()
    assert (thing.version, thing.updated_at) == (2, NOW)
    with arranging():
        Thing.objects.filter(pk=thing.pk).update(name="encore")
    assert Thing.objects.get(pk=thing.pk).updated_at > thing.updated_at


def test_simultaneous_gestures_leave_every_state_once(thing):
    answers = simultaneously(
        *[
            lambda n=n: rename(actor=coordinator, thing=thing, name=f"n{n}", now=NOW)
            for n in range(8)
        ]
    )

    assert [a for a in answers if isinstance(a, Exception)] == []
    thing.refresh_from_db()
    assert thing.version == 9
    versions = list(PreviousState.objects.order_by("version").values_list("version", flat=True))
    assert versions == list(range(1, 9))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_previous_state SET state = '{}'",
        "DELETE FROM access_previous_state",
        "UPDATE access_trace SET verb = 'x'",
        "DELETE FROM access_trace",
        "DELETE FROM access_seal",
        "INSERT INTO access_previous_state (table_name) VALUES ('x')",
        "INSERT INTO access_seal (number) VALUES (1)",
    ],
)
def test_the_application_may_not_rewrite_what_was_seen_or_was(thing, statement):
    rename(actor=coordinator, thing=thing, name="après", now=NOW)

    with pytest.raises(ProgrammingError, match="permission denied"):
        connection.cursor().execute(statement)


def test_an_error_of_the_database_is_not_hidden_by_the_frame(thing):
    with pytest.raises(DataError, match="too long|trop longue"):
        rename(actor=coordinator, thing=thing, name="x" * 101, now=NOW)

    thing.refresh_from_db()
    assert thing.name == "avant"


def verbs(kind="act"):
    return [line["verb"] for line in traces(kind)]


def test_a_gesture_about_nothing_yet_is_told_and_traced_by_one_statement(thing):
    with CaptureQueriesContext(connection) as asked:
        made = make(actor=coordinator, name="née", now=NOW)
    assert [one["sql"].split()[0] for one in asked] == ["BEGIN", "WITH", "INSERT", "COMMIT"]
    assert verbs() == ["test.make"]
    rename(actor=coordinator, thing=made, name="après", now=NOW)
    assert PreviousState.objects.get(record_id=made.pk).gesture["verb"] == "test.rename"


def test_a_gesture_about_nothing_that_is_refused_leaves_its_refusal_alone(thing):
    with pytest.raises(Forbidden):
        make(actor=nurse, name="née", now=NOW)
    assert (verbs(), verbs("refused")) == ([], ["test.make"])
    with pytest.raises(ProgrammingError, match="only be written by an action"):
        Thing.objects.create(name="x")


def test_a_part_asks_no_savepoint_and_what_it_refuses_undoes_the_gesture_around_it(thing):
    with CaptureQueriesContext(connection) as asked:
        make_two(actor=coordinator, names=("une", "deux"), now=NOW)
    assert not [one["sql"] for one in asked if "SAVEPOINT" in one["sql"]]
    assert verbs() == ["test.make_two", "test.make_part"]
    with pytest.raises(DomainError), transaction.atomic():
        make_two(actor=coordinator, names=("trois", ""), now=NOW)
    assert sorted(Thing.objects.values_list("name", flat=True)) == ["avant", "deux", "une"]
    assert verbs() == ["test.make_two", "test.make_part"]
