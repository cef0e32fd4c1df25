"""What tests of backups have in common: writing, waiting for the journal, typing a command."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Thread

import psycopg

from host import journal
from host.setup import ROOT

KEY = "ab" * 32


@contextmanager
def keeping(server, vault):
    """Keep the journal of a server in a folder, as the house does, meanwhile."""
    keeper = journal.Journal(server, vault, KEY, every=0.5)
    following = Thread(target=keeper.run)
    following.start()
    try:
        yield keeper
    finally:
        keeper.stopping = True
        following.join()


def write(server, number):
    with psycopg.connect(server.owner_url("cordee"), autocommit=True) as owner:
        owner.execute("INSERT INTO kernel_fact VALUES (%s)", [number])


def until_kept(server, vault):
    with psycopg.connect(server.superuser_url(), autocommit=True) as admin:
        name = admin.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()[0]
    deadline = time.monotonic() + 60
    while not (vault / "journal" / f"{name}.journal").exists():
        assert time.monotonic() < deadline, "the journal does not follow"
        time.sleep(0.1)


def is_untouched(server):
    return not server.has_cluster and not server.secrets.path.exists()


def cordee(data, *words, **variables):
    """Type a command of the house."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CORDEE_")}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        kept.pop(name, None)
    code = "import sys; from config.console import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *words],
        cwd=ROOT,
        env=kept | {"CORDEE_DATA": str(data)} | variables,
        capture_output=True,
        text=True,
    )
