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
    server = Server(data)
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
        yield
        _close()
    finally:
        server.stop()


def _close() -> None:
    from django.db import connection

    connection.close()
    if pool := getattr(connection, "pool", None):
        pool.close()
