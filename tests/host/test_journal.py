"""The journal that cannot leave waits within bounds, says so again, and goes on by itself."""

import time
from contextlib import suppress
from threading import Event

import psycopg
import pytest

from host import journal, postgres
from host.archive import SEGMENT
from host.journal import Journal, seal
from host.postgres import Server
from tests.host.saved import KEY, keeping, until_kept, write

ROOM = 3 * SEGMENT


@pytest.fixture
def vault(tmp_path):
    (tmp_path / "vault" / "journal").mkdir(parents=True)
    return tmp_path / "vault"


@pytest.fixture
def narrow(monkeypatch):
    """Room for three files of journal."""
    monkeypatch.setattr(journal, "ROOM", ROOM)


def current(server, ahead=0):
    return asked(server, f"SELECT pg_walfile_name(pg_current_wal_lsn() + {ahead * SEGMENT})")


def asked(server, question):
    with psycopg.connect(server.superuser_url(), autocommit=True) as admin:
        return admin.execute(question).fetchone()[0]


def switch(server, times):
    """Fill so many files of journal, slowly enough for them to be followed."""
    for _ in range(times):
        write(server, 0)
        asked(server, "SELECT pg_switch_wal()::text")
        time.sleep(0.3)


def taken(server, vault, tmp_path):
    """Have another life hold the name of the next file but one to be written."""
    (tmp_path / "other").write_bytes(b"another life")
    place = vault / "journal" / f"{current(server, ahead=2)}.journal"
    seal(tmp_path / "other", place, KEY)
    return place


def waiting(keeper):
    sizes = 0
    for path in keeper.spool.iterdir() if keeper.spool.exists() else ():
        with suppress(FileNotFoundError):  # sealed meanwhile
            sizes += path.stat().st_size
    return sizes


def overfill(server, keeper):
    """Write until no more is taken in, then more; nothing of it comes in."""
    until(lambda: switch(server, 1) or keeper._following is None)
    before = waiting(keeper)
    switch(server, 5)
    time.sleep(2 * journal.LOOK)
    assert waiting(keeper) == before


def begin_another(keeper):
    """Leave a file begun, as a journal stopped in the middle of one does."""
    last = int(max(path.name for path in keeper.spool.iterdir()).removesuffix(".partial"), 16)
    if not list(keeper.spool.glob("*.partial")):
        (keeper.spool / f"{last + 1:024X}.partial").write_bytes(bytes(SEGMENT))


def until(true):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_waits_stays_within_bounds_and_nothing_is_lost(base, vault, tmp_path, narrow):
    _, server = base
    with keeping(server, vault) as keeper:
        until(lambda: waiting(keeper))
        place = taken(server, vault, tmp_path)
        until(lambda: switch(server, 1) or keeper._said)
        overfill(server, keeper)
        place.unlink()
        until_kept(server, vault)
    kept = sorted(int(path.stem, 16) for path in (vault / "journal").iterdir())
    assert kept == list(range(kept[0], kept[0] + len(kept)))
    assert len(kept) > ROOM // SEGMENT + 5


def test_a_share_that_hangs_does_not_fill_the_disk_either(base, vault, narrow, monkeypatch):
    _, server = base
    reached, over = Event(), Event()

    def hang(*_):
        reached.set()
        over.wait(60)

    monkeypatch.setattr(journal, "seal", hang)
    with keeping(server, vault) as keeper:
        assert reached.wait(30)
        overfill(server, keeper)
        over.set()


def test_after_a_gap_the_journal_is_said_to_have_one_and_goes_on(
    empty, vault, tmp_path, narrow, monkeypatch, capsys
):
    small = postgres.SETTINGS | {"max_slot_wal_keep_size": "32MB", "min_wal_size": "32MB"}
    monkeypatch.setattr(postgres, "SETTINGS", small)
    empty.start()
    empty.ensure_database("cordee")
    with psycopg.connect(empty.owner_url("cordee"), autocommit=True) as owner:
        owner.execute("CREATE TABLE kernel_fact (id int)")
    with keeping(empty, vault) as keeper:
        until(lambda: waiting(keeper))
        place = taken(empty, vault, tmp_path)
        switch(empty, 12)
        until(lambda: keeper._following is None)
        begin_another(keeper)
        with psycopg.connect(empty.superuser_url(), autocommit=True) as admin:
            admin.execute("CHECKPOINT")
        until(lambda: "Le journal a une lacune" in capsys.readouterr().out)
        write(empty, 0)  # from when it is said, a new backup is followed
        place.unlink()
        until_kept(empty, vault)


def test_nothing_more_is_begun_while_nothing_leaves(base, vault, tmp_path, capsys):
    """A file a minute would be 16 MB a minute, however little is written."""
    _, server = base
    with keeping(server, vault) as keeper:
        until(lambda: waiting(keeper))
        taken(server, vault, tmp_path)
        switch(server, 4)
        until(lambda: "Le journal attend" in capsys.readouterr().out)
        time.sleep(keeper.every)  # a turn may have been under way
        write(server, 0)  # the last switch ended a file, and began none
        before = current(server)
        for _ in range(3):
            write(server, 0)
            time.sleep(journal.LOOK)
        assert current(server) == before


def test_why_it_waits_is_said_again_each_hour(tmp_path, vault, monkeypatch, capsys):
    monkeypatch.setattr(journal, "REMIND", 0.0)
    keeper = Journal(Server(tmp_path / "data"), vault, KEY)
    keeper.spool.mkdir(parents=True)
    (keeper.spool / "000000020000000000000006").write_bytes(b"mine")
    (tmp_path / "other").write_bytes(b"another life")
    seal(tmp_path / "other", vault / "journal" / "000000020000000000000006.journal", KEY)
    for _ in range(3):
        keeper.seal()
    assert capsys.readouterr().out.count("Une autre vie de la base") == 3
