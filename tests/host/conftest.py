"""A running server to save, and an empty place to restore into."""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from config.environment import parse
from host import backup
from host.postgres import Server
from tests.host.saved import KEY


@pytest.fixture(scope="module")
def base():
    """A running server with the four counted tables, and its environment."""
    folder = Path("/tmp") / f"cordee-backup-{os.getpid()}-{time.monotonic_ns()}"  # noqa: S108
    folder.mkdir()
    server = Server(folder, durable=False)
    server.start()
    server.ensure_database("cordee")
    with psycopg.connect(server.owner_url("cordee"), autocommit=True) as owner:
        for table in backup.COUNTED.values():
            owner.execute(f"CREATE TABLE {table} AS SELECT generate_series(1, 100) AS id")
    environment = replace(
        parse({"CORDEE_DATA": str(folder), "CORDEE_BACKUP_KEY": KEY}), backups=str(folder / "vault")
    )
    yield environment, server
    server.stop()
    shutil.rmtree(server.folder)
    shutil.rmtree(folder)


@pytest.fixture
def empty():
    """An empty place, cleaned up afterwards."""
    folder = Path("/tmp") / f"cordee-empty-{os.getpid()}-{time.monotonic_ns()}"  # noqa: S108
    folder.mkdir()
    server = Server(folder, durable=False)
    yield server
    server.stop()
    if (folder / "postgres").exists():
        shutil.rmtree(server.folder)
    shutil.rmtree(folder)
