"""The pool lends what is warm, and nothing that died: a restart costs nobody an error page."""

from time import monotonic, sleep

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connections
from django.db.backends.signals import connection_created
from psycopg_pool.pool import AddConnection

from cordee.kernel.postgresql.base import FRESH, DatabaseWrapper

SIZE = 8
pytestmark = pytest.mark.django_db


@pytest.fixture
def pooled():
    """The database of the tests as production opens it: through a pool."""
    options = {"pool": {"min_size": 1, "max_size": SIZE, "timeout": 10}}
    database = DatabaseWrapper({**connections["default"].settings_dict, "OPTIONS": options})
    yield database
    database.close()
    database.close_pool()


@pytest.fixture
def database(pooled):
    """The same, already full."""
    pooled.pool.open()
    lent = [pooled.pool.getconn() for _ in range(SIZE)]
    for one in lent:
        pooled.pool.putconn(one)
    return pooled


def backend(database):
    """Who answers a page that begins and ends now."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    database.close()
    return pid


def kill(*pids):
    with psycopg.connect(settings.SERVER.superuser_url(), autocommit=True) as admin:
        for pid in pids:
            assert admin.execute("SELECT pg_terminate_backend(%s, 10000)", [pid]).fetchone()[0]


def test_one_page_after_the_other_meets_the_same_backend(database):
    assert len({backend(database) for _ in range(SIZE)}) == 1


def test_the_connection_that_was_given_back_last_is_lent_first(database):
    first, second = database.pool.getconn(), database.pool.getconn()
    database.pool.putconn(second)
    database.pool.putconn(first)
    assert database.pool.getconn() is first
    assert database.pool.getconn() is second
    database.pool.putconn(second)
    database.pool.putconn(first)


def test_a_server_that_stopped_and_started_costs_nobody_an_error_page(database):
    """Every connection of the pool was given back a moment ago, and none lives."""
    dead = {one.info.backend_pid for one in database.pool._pool}
    assert len(dead) == SIZE
    kill(*dead)
    assert backend(database) not in dead


def test_a_connection_that_rested_is_asked_whether_it_lives(database, monkeypatch):
    asked = []
    monkeypatch.setattr(database.pool, "_check", asked.append)
    warm = database.pool.getconn()
    assert not asked
    database.pool.putconn(warm)
    warm.rests_since -= 2 * FRESH
    assert database.pool.getconn() is warm
    assert asked == [warm]
    database.pool.putconn(warm)


def tries_to_come(pool):
    """When the pool looks for its server again: how slow this machine is changes nothing to it."""
    waiting = [one for one in list(pool._sched._queue) if one.action]
    return [one.time for one in waiting if isinstance(one.action.__self__, AddConnection)]


def test_a_server_that_was_away_is_met_as_soon_as_it_is_back(pooled):
    """The library waits twice as long after each try: away for a minute, the server was not looked
    for during the next one, while every page waited ten seconds and failed."""
    there, nowhere = pooled.pool.kwargs["port"], 1
    pooled.pool.kwargs["port"] = nowhere
    pooled.pool.open()
    with pytest.raises(psycopg.OperationalError):
        pooled.pool.getconn(timeout=0.1)
    sleep(3.9)  # tries after 0, 1 and 3 seconds; the next would come after seven
    while not (tries := tries_to_come(pooled.pool)):  # one is under way
        sleep(0.01)
    assert min(tries) - monotonic() < 1.2
    pooled.pool.kwargs["port"] = there
    assert backend(pooled)


def preparing(database):
    """A session that prepares what it is asked, at once."""
    database.pool.open()
    session = database.pool.getconn()
    session.prepare_threshold = 0
    return session


def ask(session, words, values):
    """What one statement gives, its values bound by the server."""
    return psycopg.Cursor(session).execute(words, values).fetchone()


def prepared(session):
    """The statements that the server keeps for a session."""
    return set(session.execute("SELECT name, statement FROM pg_prepared_statements", prepare=False))


def test_a_rollback_leaves_what_a_session_has_prepared(pooled):
    """The library forgot it all: whoever came after a refused gesture planned each anew."""
    session = preparing(pooled)
    ask(session, "SELECT 1 + %s::int", [1])
    kept = prepared(session)
    assert len(kept) == 1
    for way in ("savepoint", "transaction", "rollback"):
        with pytest.raises(psycopg.DataError):
            undone(session, way)
        assert prepared(session) == kept, way
        assert ask(session, "SELECT 1 + %s::int", [2]) == (3,)
    assert prepared(session) == kept
    session.execute("DISCARD ALL")
    assert prepared(session) == set()
    assert ask(session, "SELECT 1 + %s::int", [3]) == (4,)
    pooled.pool.putconn(session)


def undone(session, way):
    """Fail within a savepoint, a transaction, or one that is rolled back by hand."""
    if way == "rollback":
        session.autocommit = False
        try:
            session.execute("SELECT 1 / 0")
        finally:
            session.rollback()
            session.autocommit = True
    with session.transaction():
        if way == "transaction":
            session.execute("SELECT 1 / 0")
        session.execute("SAVEPOINT one")
        try:
            session.execute("SELECT 1 / 0")
        finally:
            session.execute("ROLLBACK TO SAVEPOINT one")


def test_what_a_session_has_prepared_of_a_table_that_changed_says_what_is_there_now(pooled):
    session = preparing(pooled)
    asked = "SELECT count(*) FROM test_passing WHERE %s::int IS NOT NULL"
    for rows in (1, 2):
        session.execute("CREATE TEMP TABLE test_passing AS SELECT generate_series(1, %s)", [rows])
        for _ in range(3):
            assert ask(session, asked, [0]) == (rows,)
        session.execute("DROP TABLE test_passing")
        assert not any("test_passing" in words for _, words in prepared(session))
    pooled.pool.putconn(session)


def test_a_connection_that_is_lent_again_is_made_ready_once(database):
    """Django makes each one ready at every page, as if it had just been opened."""
    made = []

    def make_ready(connection, **_):
        if connection is database:
            made.append(connection.connection)

    connection_created.connect(make_ready)
    try:
        pages = [backend(database) for _ in range(4)]
    finally:
        connection_created.disconnect(make_ready)
    assert len(set(pages)) == 1
    assert len(made) == 2  # by the first page, which sets all; and once it was met again


def test_each_connection_of_the_pool_is_made_ready(database):
    backend(database)
    backend(database)
    held = database.pool.getconn()
    made = []

    def make_ready(connection, **_):
        made.append(connection.connection)

    connection_created.connect(make_ready)
    try:
        backend(database)
    finally:
        connection_created.disconnect(make_ready)
        database.pool.putconn(held)
    assert len(made) == 1
    assert made[0] is not held


def test_a_page_that_ends_in_the_middle_leaves_nothing_to_the_next(database):
    """A transaction that nobody ended, and what was to be done once it was."""
    backend(database)
    done = []
    database.set_autocommit(False)
    database.run_on_commit.append((set(), lambda: done.append("late"), False))
    with database.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE test_left_over ()")
    database.in_atomic_block = database.needs_rollback = True
    database.savepoint_ids, database.atomic_blocks = ["one"], [object()]
    database.close()

    database.connect()
    assert database.get_autocommit()
    assert database.connection.autocommit
    assert not any((database.in_atomic_block, database.needs_rollback, database.errors_occurred))
    assert (database.savepoint_ids, database.atomic_blocks, database.run_on_commit) == ([], [], [])
    with database.cursor() as cursor:
        cursor.execute("SELECT to_regclass('test_left_over')")
        assert cursor.fetchone() == (None,)
    assert not done


def test_a_session_that_somebody_still_uses_is_lent_to_nobody_else(database):
    backend(database)
    database.ensure_connection()
    kept = database.connection
    database.close()
    kept.execute("BEGIN")  # by whoever kept what was given back
    with pytest.raises(ProgrammingError):
        database.ensure_connection()
    kept.rollback()
