"""What a stencil asks is made ready once, however long, and says the same."""

from uuid import UUID

import pytest
from django.db import DataError, NotSupportedError, OperationalError, connection, transaction

from cordee.kernel.memory import Lately
from cordee.kernel.postgresql.base import Planned
from cordee.kernel.prepared import Asked, _numbered, run, run_in_one_trip

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("room", ["", " " * 5_000])  # the library keeps no text that long
def test_values_go_where_they_are_marked_and_a_percent_stays_one(room):
    sql = f"SELECT %s::int, '100 %%', %s::text{room} WHERE %s LIKE 'a%%'"
    with connection.cursor() as cursor:
        cursor.execute(sql, [1, "%s $1", "ab"])
        told = cursor.fetchall()

    assert run(sql, [1, "%s $1", "ab"]) == told == [(1, "100 %", "%s $1")]
    assert run(sql, [1, "%s $1", "ba"]) == []


def test_a_text_is_made_ready_once():
    sql = "SELECT %s::int"
    assert _numbered(sql) is _numbered(sql)
    assert _numbered(sql) == b"SELECT $1::int"


def test_a_statement_without_values_is_sent_as_it_is_written():
    assert run("SELECT '10 %%'", []) == [("10 %",)]


def test_what_is_prepared_says_the_same_in_both_writings():
    asked = "SELECT %s::uuid, %s::int[], %s::text, now() IS NOT NULL"
    one = UUID(int=7)
    told = [run(asked, [one, [1, 2], None], binary=binary) for binary in (True, False) * 4]

    assert told == [[(one, [1, 2], None, True)]] * 8
    assert run("SELECT %s::int WHERE false", [1]) == []


def test_what_is_prepared_fails_as_any_statement_does_and_goes_on():
    for _ in range(4):
        with pytest.raises(DataError), transaction.atomic():
            run("SELECT 1 / %s::int", [0])
        assert run("SELECT 1 / %s::int", [1]) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_each_statement_is_one_of_its_own():
    asked = "SELECT pg_current_xact_id()::text || %s"
    assert len({run(asked, ["."])[0][0] for _ in range(6)}) == 6
    with transaction.atomic():
        assert len({run(asked, ["."])[0][0] for _ in range(6)}) == 1
        assert connection.in_atomic_block


def the_server_hangs_up():
    """What serves this session is killed by another."""
    ((number,),) = run("SELECT pg_backend_pid()", [])
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [number])
    other.close()


@pytest.mark.django_db(transaction=True)
def test_a_server_that_hangs_up_is_an_error_of_the_connection_and_the_next_one_answers():
    asked = "SELECT %s::int"
    for _ in range(4):
        run(asked, [1])
    the_server_hangs_up()
    with pytest.raises(OperationalError):
        run(asked, [1])
    connection.close()
    assert run(asked, [2]) == [(2,)]


def ready(*asked):
    """The same statements, prepared by this session."""
    for _ in range(4):
        for one in asked:
            run(*one)
    return list(asked)


def test_statements_of_one_trip_give_what_each_gives_alone_and_wrappers_see_one():
    one = UUID(int=7)
    asked = ready(
        Asked("SELECT %s::uuid, '%%'", [one], True),
        Asked("SELECT g, now() IS NOT NULL FROM generate_series(1, %s::int) g", [3], False),
        Asked("SELECT %s::int[] WHERE false", [[1]], True),
        Asked("SELECT %s::jsonb", ['{"a": [1]}'], True),
    )
    seen = []

    def noting(execute, sql, parameters, many, context):
        seen.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(noting):
        given = run_in_one_trip(asked)

    assert given == [run(*each) for each in asked]
    assert given[0] == [(one, "%")]
    assert given[3] == [({"a": [1]},)]
    assert len(given[1]) == 3
    assert len(seen) == 1
    assert all(each.sql in seen[0] for each in asked)
    assert run_in_one_trip([]) == []


def test_what_is_not_prepared_is_left_to_be_run():
    (known,) = ready(Asked("SELECT %s::int + 1", [1], True))
    met_first = Asked("SELECT %s::int + 2", [1], True)
    assert run_in_one_trip([met_first, known]) == [None, [(2,)]]
    assert run_in_one_trip([met_first]) == [None]


def test_what_trips_ask_is_kept_while_others_come(monkeypatch):
    """A session keeps a hundred: those that were asked lately, by a trip as by themselves."""
    (often,) = ready(Asked("SELECT %s::int + 3", [1], True))
    monkeypatch.setattr(connection.connection._prepared, "prepared_max", 8)
    for number in range(12):
        ready(Asked(f"SELECT %s::int + {number} + 10", [1], True))
        assert run_in_one_trip([often]) == [[(4,)]]


def test_a_trip_fails_as_what_fails_in_it_and_the_session_goes_on():
    asked = ready(Asked("SELECT 1 / %s::int", [1], True), Asked("SELECT %s::int", [5], True))
    wrong = asked[0]._replace(values=[0])
    with pytest.raises(DataError), transaction.atomic():
        run_in_one_trip([asked[1], wrong, asked[1]])
    ready(*asked)  # the library forgets what it prepared where something is rolled back
    assert run_in_one_trip(asked) == [[(1,)], [(5,)]]
    assert run(*asked[1]) == [(5,)]


@pytest.mark.django_db(transaction=True)
def test_a_server_that_hangs_up_during_a_trip_is_an_error_of_the_connection():
    asked = ready(Asked("SELECT %s::int", [1], True))
    the_server_hangs_up()
    with pytest.raises(OperationalError):
        run_in_one_trip(asked)
    connection.close()
    assert run(*asked[0]) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_a_trip_outside_a_transaction_leaves_none_open():
    asked = ready(Asked("SELECT %s::int", [1], True))
    assert run_in_one_trip(asked * 3) == [[(1,)]] * 3
    ((state,),) = run("SELECT pg_current_xact_id_if_assigned() IS NULL", [])
    assert state
    assert connection.connection.pgconn.transaction_status == 0


@pytest.mark.parametrize("way", [run, lambda *asked: run_in_one_trip([Asked(*asked)])[0]])
def test_rows_that_say_the_same_are_made_once_and_others_each(way):
    made = []

    def make(_, read, place):
        made.append(read(place))
        return made[-1]

    met = Lately(make, most=10, seconds=60)
    asked = "SELECT one, two FROM (VALUES (%s::int, %s::text), (3, null), (3, '')) AS t (one, two)"
    ready(Asked(asked, [1, "a"], True, met))
    told = [way(asked, [1, two], True, met) for two in "aba"]

    assert told == [[(1, two), (3, None), (3, "")] for two in "aba"]
    assert made == [(1, "a"), (3, None), (3, ""), (1, "b")]
    again = way(asked, [1, "a"], True, met)
    assert [one is other for one, other in zip(again, told[0], strict=True)] == [True] * 3


def test_the_same_octets_of_another_type_are_another_row():
    met = Lately(lambda _, read, place: read(place), most=10, seconds=60)
    assert run("SELECT 97::int2", [], True, met) == [(97,)]
    assert run("SELECT chr(0 + %s::int) || 'a'", [1], True, met) == [("\x01a",)]
    assert run("SELECT 353::int2", [], True, met) == [(353,)]  # 01 61, as that text


def altered_elsewhere():
    """As a migration does from another session: the tag of a block tells this one nothing."""
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN ALTER TABLE shown ALTER one TYPE text; END $$")


@pytest.fixture
def shown(db, monkeypatch):
    """A table, and what reads it, prepared by a session as those of the pool are."""
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection._prepared, "__class__", Planned)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE shown AS SELECT 1 AS one")
    yield ready(Asked("SELECT * FROM shown WHERE %s::bool", [True], True))[0]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE shown")


WAYS = [lambda asked: run(*asked), lambda asked: run_in_one_trip([asked])]


def meets_another_type(shown, way):
    assert run(*shown) == [(1,)]
    altered_elsewhere()
    with pytest.raises(NotSupportedError), transaction.atomic():
        way(shown)
    assert run_in_one_trip([shown]) == [None]
    (again,) = ready(shown)
    assert run(*again) == [("1",)]
    assert run_in_one_trip([again]) == [[("1",)]]
    named = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"
    assert run(named, ["SELECT * FROM shown%"]) == [(1,)]


@pytest.mark.parametrize("way", WAYS)
def test_what_gives_another_type_since_fails_once(shown, way):
    meets_another_type(shown, way)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", WAYS)
def test_it_does_so_outside_a_transaction(transactional_db, shown, way):
    assert run(*shown) == [(1,)]
    altered_elsewhere()
    with pytest.raises(NotSupportedError):
        way(shown)
    assert run(*shown) == [("1",)]
