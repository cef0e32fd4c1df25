"""The database of a worker: a copy of a template, opened to the roles of the house."""

import psycopg
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.db import connections

from cordee.kernel.prepare import let_stage
from tests import support

KEPT = f"{settings.TEST_DATABASE}_kept"


def let_go() -> None:
    """Close what is held open here, and in the thread where asynchronous tests ask the database."""
    connections.close_all()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


def copy(template: str) -> None:
    """Make the database of the tests anew from a template, whoever was connected to it."""
    server, name = settings.SERVER, settings.TEST_DATABASE
    let_go()
    with psycopg.connect(server.superuser_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER cordee_owner")
        admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        admin.execute(f"GRANT CONNECT ON DATABASE {name} TO cordee_app, cordee_retention")
        admin.execute(f"ALTER DATABASE {name} SET cordee.now = '{support.NOW.isoformat()}'")
    with psycopg.connect(server.owner_url(name)) as owner, owner.cursor() as cursor:
        let_stage(cursor, "cordee_app")


def keep() -> None:
    """Keep a copy of what the database of the tests holds now; `copy(KEPT)` brings it back."""
    server, name = settings.SERVER, settings.TEST_DATABASE
    let_go()
    with psycopg.connect(server.superuser_url(), autocommit=True) as admin:
        admin.execute(  # and wait until each has gone
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        admin.execute(f"CREATE DATABASE {KEPT} TEMPLATE {name}")


def drop() -> None:
    """Leave nothing of this worker on its server."""
    let_go()
    with psycopg.connect(settings.SERVER.superuser_url(), autocommit=True) as admin:
        for name in (settings.TEST_DATABASE, KEPT):
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
