"""The house the benches measure: a durable server of its own and a database made anew."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from host import database, management
from host.postgres import Server

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "var" / "bench"
KEPT = os.environ.get("BENCH_KEPT", "")  # a folder whose data stay from one run to the next


@contextmanager
def opened() -> Iterator[None]:
    """Start the server, make the database, and set Django up as the application's role."""
    data = Path(KEPT) if KEPT else DATA
    os.environ["CORDEE_DATA"] = str(data)
    server = Server(data, programs=os.environ.get("CORDEE_POSTGRES_BIN", ""))
    server.start()
    try:
        if not KEPT:
            with psycopg.connect(server.superuser_url(), autocommit=True) as admin:
                admin.execute(f"DROP DATABASE IF EXISTS {database.NAME} WITH (FORCE)")
        addresses = database.embedded(server)
        as_owner = management.environ(addresses, owner=True)
        management.run(as_owner, "prepare", "--verbosity=0", told=lambda line: None)
        os.environ["DATABASE_URL"] = addresses.app
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from cordee.access.sight import house_from_the_start

        house_from_the_start()
        _number_on()
        yield
        _close()
    finally:
        server.stop()


def peopled(count: int) -> None:
    """Make the region of so many persons, as a house that lives has it."""
    from django.utils import timezone

    from cordee.web.management.scale import load

    load(count, timezone.now(), told=lambda line: None)
    settle()


def settle(tables: str = "") -> None:
    """Tidy tables, or all, and count what they hold, as a house that lives has had done.

    By the owner of the machine: the role of the application may not, and PostgreSQL leaves its
    request aside with a warning.
    """
    with psycopg.connect(owner_url(), autocommit=True) as owner:
        owner.execute(f"VACUUM (ANALYZE) {tables}")


def owner_url() -> str:
    """Where the owner of the machine comes in."""
    return Server(Path(KEPT) if KEPT else DATA).superuser_url(database.NAME)


def _number_on() -> None:
    """Have what is made for a bench take numbers after those of the runs before, on a kept base."""
    from tests.factories.directory import AccountFactory, OrganizationFactory, TerritoryFactory
    from tests.factories.people import PersonFactory

    for factory in (AccountFactory, OrganizationFactory, TerritoryFactory, PersonFactory):
        factory.reset_sequence(factory._meta.model.objects.count())  # noqa: SLF001


def _close() -> None:
    from django.db import connection

    connection.close()
    if pool := getattr(connection, "pool", None):
        pool.close()
