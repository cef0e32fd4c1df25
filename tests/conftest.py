"""A real PostgreSQL, the application's role, and nothing beyond loopback."""

import gc
import hashlib
import os
import socket
import time
from datetime import UTC, timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as searches

from tests import bases, support

pytest_plugins = ["tests.telling"]
ROOT = Path(__file__).resolve().parent.parent

# No test asserts a time: a busy machine is slow, not wrong.
searches.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
searches.load_profile("house")


def _digest_of_schema() -> str:
    from cordee.people.policy import CATEGORY_OF_FACT

    digest = hashlib.sha256()
    for pattern in (
        "cordee/*/migrations/*.py",
        "cordee/*/sql/*.sql",
        "cordee/kernel/prepare.py",
        "cordee/kernel/folding.py",
        "cordee/kernel/sketching.py",
        "cordee/people/policy/lines.py",
        "cordee/*/models.py",
        "cordee/*/models/*.py",
        "requirements/run.txt",
        "cordee/*/data/*",
    ):
        for path in sorted(ROOT.glob(pattern)):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    digest.update(repr(sorted(CATEGORY_OF_FACT.items())).encode())  # it is armed with them
    return digest.hexdigest()[:16]


def _point_at(url: str) -> None:
    from config.settings import database
    from cordee.access.sight import house_from_the_start

    connection.close()
    connection.settings_dict.update(
        {key: value for key, value in database(url).items() if key != "OPTIONS"}
    )
    house_from_the_start()  # a test sets its scene as the house; each door then names who reads


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """Copy a migrated template; make it first, as the owner, when migrations have changed."""
    server, name = settings.SERVER, settings.TEST_DATABASE
    template = f"cordee_template_{_digest_of_schema()}"
    with psycopg.connect(server.superuser_url(), autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(20261122)")
        exists = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        if not exists.fetchone():
            server.ensure_database(f"{template}_draft")
            with django_db_blocker.unblock():
                _point_at(server.owner_url(f"{template}_draft"))
                _migrate(server)
                connection.close()
            admin.execute(f"ALTER DATABASE {template}_draft RENAME TO {template}")
        bases.copy(template)
        with psycopg.connect(server.owner_url(name)) as owner:
            owner.execute("SELECT kernel_make_months(3)")  # a template may be months old
        admin.execute("SELECT pg_advisory_unlock(20261122)")
    _point_at(server.app_url(name))
    gc.freeze()  # the states of the migrations too
    yield
    with django_db_blocker.unblock():
        bases.drop()


def _migrate(server) -> None:
    from cordee.kernel.folding import fold_migrations
    from cordee.kernel.prepare import arm

    with fold_migrations():
        call_command("migrate", interactive=False, verbosity=0)
    arm(application="cordee_app", retention="cordee_retention")


# A test that commits is cleaned up by the owner: the application may not truncate.
TransactionTestCase._fixture_teardown = lambda self: support.empty_the_database()


@pytest.fixture(autouse=True, scope="session")
def _loopback_only():
    """A socket beyond this machine is a failure."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(
            ("127.", "::1", "localhost")
        ):
            raise AssertionError(f"a test reached for {address[0]}")
        return connect(self, address)

    socket.socket.connect = guarded
    yield
    socket.socket.connect = connect


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """The rate of partners is kept in the memory of a process, and so are their keys: however fast
    tests go, each begins with empty buckets and no key fetched."""
    from cordee.partners import flow
    from cordee.partners.oauth import keys

    flow.forget()
    keys.forget()


@pytest.fixture(autouse=True)
def _the_hour(request, monkeypatch):
    """Whatever day it is outside, a test lives on its Monday evening, and its clock goes on.

    Processes of their own, and browsers, have the clock of the machine.
    """
    apart = request.node.get_closest_marker("machine_clock")
    if apart is None and not {"host", "browser"} & set(request.path.parts):
        began = time.monotonic()
        passed = lambda: timedelta(seconds=time.monotonic() - began)  # noqa: E731
        monkeypatch.setattr(timezone, "now", lambda: support.NOW.astimezone(UTC) + passed())


@pytest.fixture
def client():
    """A browser of the test client that can speak as an actor: `client.as_(actor)`."""
    return support.Browser()


os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in this thread


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Keep what a session is made of out of the collector's way: it lives as long as the process.

    Millions of objects of modules and of tests were gone through again at each full collection, a
    sixth of the whole time. What a test leaves is still collected, more of it at once: to look for
    it at each seven hundredth object was a twelfth of what a page costs.
    """
    gc.disable()
    gc.set_threshold(50_000, 20, 50)
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


# What says the same whatever the version. Every page or every table, for every reader: each form of
# SQL that these cross has a short test of its own beside them. And processes killed, carriers and
# listeners that come and go: the queue and the locks that they lean on are asked by tests/kernel.
ONCE = {
    "test_permission_matrix.py",
    "test_hidden_like_absent.py",
    "test_every_table_gives_everybody_the_rows_that_its_scope_gives",
    "test_every_table_gives_everybody_the_same_rows_of_somebody_asked_once_or_row_by_row",
    "test_one_row_is_seen_by_whom_its_scope_gives_it",
    "test_the_whole_matrix_holds_on_the_second_lock_alone",
    "test_killed.py",
    "test_hour_down.py",
    "test_postman.py",
    "test_deliveries.py",
    "test_missed.py",
    "test_listening.py",
    "test_subscriptions.py",
}


def _asks_postgresql(item) -> bool:
    """Could another version of PostgreSQL answer otherwise? The floor, the locks, the constraints,
    and whatever commits: simultaneous connections, work of the worker, retention."""
    mark = item.get_closest_marker("django_db")
    if mark is None or {item.path.name, item.originalname} & ONCE:
        return False
    is_floor = item.path.parent.name in {"kernel", "access"}
    return is_floor or item.path.name == "test_constraints.py" or mark.kwargs.get("transaction")


# The longest files, as the end of a run names them (tests/telling.py): begun last, one would be
# waited for alone. A part of a name holds the files that one was cut into.
LONGEST = (
    "test_naughty_strings",
    "test_conditions",
    "test_screens",
    "test_second_lock",
    "test_permission_matrix",
    "test_hidden_like_absent",
    "test_odd_fields",
    "test_killed",
    "test_backup",
    "test_kills",
    "test_failover",
    "test_run",
    "test_existing_base",
    "test_doors_attacked",
)


def _turn(item) -> int:
    names = (place for place, name in enumerate(LONGEST) if item.path.name.startswith(name))
    return next(names, len(LONGEST) + (item.get_closest_marker("slow") is None))


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items):
    """Say what asks PostgreSQL, and begin with the files that last."""
    for item in filter(_asks_postgresql, items):
        item.add_marker("postgresql")
    turns: dict[Path, int] = {}
    for item in items:
        turns[item.path] = min(_turn(item), turns.get(item.path, len(LONGEST) + 1))
    items.sort(key=lambda item: turns[item.path])
