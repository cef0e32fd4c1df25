"""The house the benches measure: its own durable database, with the demonstration loaded."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from host import database, management
from host.postgres import Server

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "var" / "bench"


@contextmanager
def opened() -> Iterator[None]:
    """Start the database, load the demonstration if it is not there, and set Django up."""
    os.environ["CORDEE_DATA"] = str(DATA)
    server = Server(DATA)
    addresses = database.embedded(server)
    try:
        management.run(
            management.environ(addresses, owner=True), "prepare", "--verbosity=0", told=_silent
        )
        management.run(management.environ(addresses), "demo", told=_silent)
        os.environ["DATABASE_URL"] = addresses.app
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        yield
    finally:
        server.stop()


def _silent(line: str) -> None:
    """Say nothing of the preparation."""
