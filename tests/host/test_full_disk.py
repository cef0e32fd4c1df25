"""The server on a disk that fills up: reads go on, nothing acknowledged is lost or harmed."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from host.postgres import Server


@pytest.fixture
def small():
    """A real file system of two hundred megabytes."""
    folder = Path("/tmp") / f"cordee-small-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m,mode=755", "cordee", folder]
    if subprocess.run(mount, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("mounting a small file system takes the rights of root")
    yield folder
    Server(folder).stop()
    subprocess.run(["umount", folder], check=True)
    shutil.rmtree(folder)


def fill(place):
    """Take the whole disk but nothing of what is written already."""
    with place.open("wb", buffering=0) as ballast:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    ballast.write(bytes(size))
            except OSError:
                continue


def write_until_refused(url, most):
    """Write rows one by one, each acknowledged; return those, and whether the disk refused."""
    acknowledged = []
    with psycopg.connect(url, autocommit=True) as owner:
        try:
            while len(acknowledged) < most:
                query = "INSERT INTO kept (filler) VALUES (repeat(md5(random()::text), 60)) "
                acknowledged.append(owner.execute(query + "RETURNING id").fetchone()[0])
        except psycopg.errors.DiskFull:
            return acknowledged, True
    return acknowledged, False


def test_writes_are_refused_reads_go_on_and_nothing_is_harmed(small):
    server = Server(small)
    server.start()
    server.ensure_database("essai")
    url = server.owner_url("essai")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE TABLE kept (id int GENERATED ALWAYS AS IDENTITY, filler text)")
        owner.execute("ALTER TABLE kept ALTER filler SET STORAGE PLAIN")
    before, refused = write_until_refused(url, 200)
    assert not refused
    fill(small / "ballast")
    meanwhile, refused = write_until_refused(url, 5000)
    assert refused, "the disk was never full"
    with psycopg.connect(url) as reader:
        found = {row[0] for row in reader.execute("SELECT id FROM kept")}
    assert found == {*before, *meanwhile}
    (small / "ballast").unlink()
    after, refused = write_until_refused(url, 200)
    assert len(after) == 200
    assert not refused
    server.stop()
    checked = server._tenant.run(server._programs / "pg_checksums", "--check", server._cluster)
    assert "Bad checksums:  0" in checked.stdout, checked.stdout
    server.start()
    with psycopg.connect(url) as reader:
        found = {row[0] for row in reader.execute("SELECT id FROM kept")}
    assert found == {*before, *meanwhile, *after}
