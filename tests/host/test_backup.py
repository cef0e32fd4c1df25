"""Backup and restore: nothing half-done, nothing readable without the key, nothing unverified."""

import io
import os
import shutil
import subprocess
import tarfile
import time
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Thread

import psycopg
import pytest

from config.environment import Malformed, parse, read
from host import archive, backup, lives, restore
from host.failures import CannotRestore
from host.postgres import Server
from host.sealed import PIECE, Opening, Sealing
from tests.host.saved import KEY, cordee, is_untouched, keeping, until_kept, write

ANOTHER = "cd" * 32
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def sealed(octets, key=KEY):
    file = io.BytesIO()
    sealing = Sealing(file, key)
    sealing.write(octets)
    sealing.finish()
    return file.getvalue()


def opened(octets, key=KEY):
    return io.BufferedReader(Opening(io.BytesIO(octets), key)).read()


class TestASealedStream:
    @pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
    def test_comes_back_as_it_was(self, size):
        octets = os.urandom(size)
        assert opened(sealed(octets)) == octets

    def test_shows_nothing_of_what_it_holds(self):
        assert b"Lefebvre" not in sealed(b"Lefebvre" * 1000)

    def test_opens_with_no_other_key(self):
        with pytest.raises(CannotRestore, match="n’est pas celle de cette sauvegarde"):
            opened(sealed(b"octets"), ANOTHER)

    @pytest.mark.parametrize("kept", [10, 40, 60, PIECE + 16 + 52, 2 * PIECE, -1])
    def test_cut_anywhere_is_refused(self, kept):
        whole = sealed(os.urandom(3 * PIECE))
        with pytest.raises(CannotRestore, match=r"tronquée ou altérée|n’est pas une sauvegarde"):
            opened(whole[:kept])

    @pytest.mark.parametrize("place", [25, 60, PIECE, 2 * PIECE + 100, -1])
    def test_altered_anywhere_is_refused(self, place):
        whole = bytearray(sealed(os.urandom(3 * PIECE)))
        whole[place] ^= 1
        with pytest.raises(CannotRestore):
            opened(bytes(whole))

    def test_with_pieces_moved_is_refused(self):
        whole, head, piece = sealed(os.urandom(4 * PIECE)), 52, PIECE + 16
        swapped = whole[:head] + whole[head + piece : head + 2 * piece] + whole[head : head + piece]
        with pytest.raises(CannotRestore):
            opened(swapped + whole[head + 2 * piece :])

    def test_is_never_whole_in_memory(self, tmp_path):
        place, piece = tmp_path / "large", bytes(PIECE)
        tracemalloc.start()
        with place.open("wb") as file:
            sealing = Sealing(file, KEY)
            for _ in range(200):
                sealing.write(piece)
            sealing.finish()
        with place.open("rb") as file:
            stream = io.BufferedReader(Opening(file, KEY), PIECE)
            assert sum(len(octets) for octets in iter(lambda: stream.read(PIECE), b"")) == 200 << 20
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 20_000_000


@pytest.fixture(scope="module")
def saved(base):
    environment, server = base
    return backup.make(environment, server, NOON)


@contextmanager
def small_disk(place, octets):
    place.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={octets},mode=755", "cordee", place]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small file system takes the rights of root")
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def count(server):
    with psycopg.connect(server.app_url("cordee")) as app:
        # The application has no right on these tables: only the owner reads them.
        assert app.execute("SELECT current_user").fetchone() == ("cordee_app",)
    with psycopg.connect(server.owner_url("cordee")) as owner:
        return owner.execute("SELECT count(*) FROM kernel_fact").fetchone()[0]


def test_a_backup_restored_into_an_empty_place_is_the_same_base(base, saved, empty):
    restore.give_back(saved, empty, KEY)
    empty.start()
    assert count(empty) == 100
    assert not (empty.data / "restoring").exists()


def test_what_was_written_while_it_was_copied_is_between_the_two_counts(base, empty):
    environment, server = base
    over, written = Event(), []

    def write():
        with psycopg.connect(server.owner_url("cordee"), autocommit=True) as owner:
            while not over.is_set():
                owner.execute("INSERT INTO kernel_fact VALUES (0)")
                written.append(1)

    writer = Thread(target=write)
    writer.start()
    try:
        while len(written) < 20:
            time.sleep(0.01)
        path = backup.make(environment, server, datetime.fromtimestamp(time.time(), UTC))
    finally:
        over.set()
        writer.join()
    found = restore.give_back(path, empty, KEY)
    empty.start()
    least, most = found.about["counts"]["faits"], found.end["counts"]["faits"]
    assert 120 <= least <= count(empty) <= most
    with psycopg.connect(server.owner_url("cordee"), autocommit=True) as owner:
        owner.execute("DELETE FROM kernel_fact WHERE id = 0")
    path.unlink()


def test_a_wrong_key_touches_nothing(saved, empty):
    with pytest.raises(CannotRestore, match="CORDEE_BACKUP_KEY n’est pas celle"):
        restore.give_back(saved, empty, ANOTHER)
    assert is_untouched(empty)


@pytest.mark.parametrize("harm", ["cut", "altered"])
def test_a_damaged_file_touches_nothing(saved, empty, harm, tmp_path):
    octets = bytearray(saved.read_bytes())
    if harm == "cut":
        del octets[-1000:]
    else:
        octets[len(octets) // 2] ^= 1
    damaged = tmp_path / "damaged"
    damaged.write_bytes(octets)
    with pytest.raises(CannotRestore, match="tronquée ou altérée"):
        restore.give_back(damaged, empty, KEY)
    assert is_untouched(empty)


def rewritten(saved, place, change):
    """Seal again, with the right key, what an incomplete copy would have given."""
    with saved.open("rb") as file, place.open("wb") as out:
        sealing = Sealing(out, KEY)
        with tarfile.open(fileobj=sealing, mode="w|") as tar:
            for member, body in archive.members(io.BufferedReader(Opening(file, KEY))):
                if (octets := change(member.name, body.read())) is not None:
                    member.size = len(octets)
                    tar.addfile(member, io.BytesIO(octets))
        sealing.finish()
    return place


def test_a_missing_journal_is_said_and_touches_nothing(saved, empty, tmp_path):
    def without_journal(name, octets):
        return None if name.startswith("cluster/pg_wal/0") else octets

    with pytest.raises(CannotRestore, match=r"manque .* du journal de PostgreSQL \(0000"):
        restore.give_back(rewritten(saved, tmp_path / "gap", without_journal), empty, KEY)
    assert is_untouched(empty)


@pytest.mark.parametrize("lost", ["cluster/global/pg_control", "end.json"])
def test_a_missing_file_is_said_and_touches_nothing(saved, empty, tmp_path, lost):
    def without(name, octets):
        return None if name == lost else octets

    with pytest.raises(CannotRestore, match="tronquée ou altérée"):
        restore.give_back(rewritten(saved, tmp_path / "gap", without), empty, KEY)
    assert is_untouched(empty)


def test_a_file_that_is_no_backup_or_does_not_exist_is_said(empty, tmp_path):
    (tmp_path / "letter").write_text("Bonjour" * 100)
    for name, sentence in (("letter", "n’est pas une sauvegarde"), ("none", "n’existe pas")):
        with pytest.raises(CannotRestore, match=sentence):
            restore.give_back(tmp_path / name, empty, KEY)
    assert is_untouched(empty)


def test_a_restoration_never_overwrites_a_base(base, saved):
    _, server = base
    with pytest.raises(CannotRestore, match="n’écrase jamais"):
        restore.give_back(saved, server, KEY)
    assert count(server) == 100


def test_a_disk_that_fills_up_during_a_restoration_leaves_nothing(saved, empty):
    small = empty.data / "small"
    with small_disk(small, "20m"):
        server = Server(small, durable=False)
        with pytest.raises(CannotRestore, match="Le disque est plein"):
            restore.give_back(saved, server, KEY)
        assert is_untouched(server)
        assert not any(path.is_file() and path.stat().st_size for path in small.rglob("*"))


def test_a_disk_that_fills_up_during_a_backup_leaves_the_others_alone(base):
    environment, server = base
    vault = environment.data / "full"
    with small_disk(vault, "1m"):
        (vault / "cordee-2026-11-21T120000Z.sauvegarde").write_bytes(b"hier")
        with pytest.raises(CannotRestore, match="Le disque est plein"):
            backup.make(replace(environment, backups=str(vault)), server, NOON)
        assert [path.name[:17] for path in backup.backups(vault)] == ["cordee-2026-11-21"]
        assert not list(vault.glob("*.part"))


def test_what_a_killed_backup_left_is_cleared_and_never_taken_for_a_backup(base):
    environment, server = base
    vault = environment.data / "vault-of-the-killed"
    vault.mkdir()
    left = vault / "cordee-2026-11-21T120000Z.sauvegarde.part"
    left.write_bytes(b"half")
    environment = replace(environment, backups=str(vault))
    assert backup.backups(vault) == []
    made = backup.make(environment, server, NOON)
    assert backup.backups(vault) == [made]
    assert not left.exists()


def test_two_backups_are_not_made_at_once(base):
    environment, server = base
    with (
        backup._alone_in(environment.vault),
        pytest.raises(CannotRestore, match="déjà en cours"),
    ):
        backup.make(environment, server, NOON)


def test_only_the_wanted_number_is_kept(tmp_path):
    for day in range(10, 20):
        (tmp_path / f"cordee-2026-11-{day}T030000Z.sauvegarde").touch()
    assert len(backup.forget(tmp_path, 3)) == 7
    assert [path.name[15:17] for path in backup.backups(tmp_path)] == ["17", "18", "19"]


def test_the_password_of_the_server_stands_on_no_command_line(base):
    _, server = base
    assert server.superuser_password not in server.address_without_password


def test_a_server_that_is_not_ours_is_refused_with_what_to_do():
    environment = parse({"DATABASE_URL": "postgresql://u:p@db/cordee", "CORDEE_BACKUP_KEY": KEY})
    with pytest.raises(CannotRestore, match="pgBackRest"):
        backup.prepared(environment)


def test_without_a_key_nothing_is_saved():
    with pytest.raises(CannotRestore, match="CORDEE_BACKUP_KEY manque"):
        backup.prepared(parse({"CORDEE_MODE": "production"}))


@pytest.fixture(scope="module")
def followed(base):
    """A backup, then rows, then more rows, each in files of the journal of their own."""
    environment, server = base
    vault = environment.data / "vault-followed"
    environment = replace(environment, backups=str(vault))
    with keeping(server, vault):
        source = backup.make(environment, server, datetime.fromtimestamp(time.time(), UTC))
        for number in range(4):
            write(server, -1 - number)
            until_kept(server, vault)
    with psycopg.connect(server.owner_url("cordee"), autocommit=True) as owner:
        owner.execute("DELETE FROM kernel_fact WHERE id < 0")
    return source, vault


class TestTheJournal:
    """What is written after the backup, kept as it is written."""

    @pytest.fixture
    def kept(self, followed, tmp_path):
        """The backup and its journal, in a vault of one's own to harm."""
        source, vault = followed
        mine = shutil.copytree(vault, tmp_path / "vault")
        return mine / source.relative_to(vault), mine

    def test_gives_back_what_came_after_the_backup(self, kept, empty):
        source, vault = kept
        found = restore.give_back(source, empty, KEY, lives.kept(vault, KEY))
        assert found.followed >= 4
        restore.recover(empty, found)
        assert count(empty) == 104
        with psycopg.connect(empty.superuser_url()) as admin:
            line = admin.execute("SELECT timeline_id FROM pg_control_checkpoint()").fetchone()
            assert admin.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
        assert line == (2,), "the restored server must not write over the journal of the other"
        assert b"Lefebvre" not in b"".join(
            path.read_bytes() for path in (vault / "journal").iterdir()
        )

    def test_a_gap_is_said_and_touches_nothing(self, kept, empty):
        source, vault = kept
        files = sorted((vault / "journal").glob("*.journal"))
        files[-2].unlink()
        with pytest.raises(CannotRestore, match=rf"partie du journal \({files[-2].stem}\)"):
            restore.give_back(source, empty, KEY, lives.kept(vault, KEY))
        assert is_untouched(empty)
        found = restore.give_back(source, empty, KEY)
        restore.recover(empty, found)
        assert count(empty) == 100

    def test_an_altered_file_is_said_and_touches_nothing(self, kept, empty):
        source, vault = kept
        last = max((vault / "journal").glob("*.journal"))
        octets = bytearray(last.read_bytes())
        octets[-1] ^= 1
        last.write_bytes(octets)
        with pytest.raises(CannotRestore, match="tronquée ou altérée"):
            restore.give_back(source, empty, KEY, lives.kept(vault, KEY))
        assert is_untouched(empty)


# --- the drill, as it is typed -----------------------------------------------------------------


FACT = """
    SELECT kernel_append('kernel.tried', gen_random_uuid(), now(), 'form', '',
                         '{"role": "system"}', '{"number": 1}')
    FROM generate_series(1, 25)
"""


@pytest.mark.slow
def test_the_drill_proves_what_comes_back_and_says_so_dated(empty, tmp_path):
    """The whole house: prepared, saved, restored elsewhere, judged; then with a thread altered.

    On the way, for to be prepared is long: a sleeping server is woken and put back to sleep.
    """
    for command in (["prepare", "--verbosity=0"], ["verify-trace"]):
        done = cordee(empty.data, *command)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not empty.answers()
    empty.start()
    with psycopg.connect(empty.app_url("cordee")) as app:
        app.execute(FACT)
    saved = cordee(empty.data, "backup")
    assert saved.returncode == 0, saved.stdout + saved.stderr
    assert "Sauvegarde vérifiée" in saved.stdout
    report = tmp_path / "report.md"
    elsewhere = empty.data / "elsewhere"
    elsewhere.mkdir()
    there = {"TMPDIR": str(elsewhere)}
    drilled = cordee(empty.data, "restore", "--drill", "--report", str(report), **there)
    assert drilled.returncode == 0, drilled.stdout + drilled.stderr
    told = report.read_text()
    assert told in drilled.stdout
    assert "## Essai de restauration du " in told
    assert "25 lignes vérifiées" in told
    assert "| fils | 25 | 25 | 25 |" in told
    assert "Fenêtre de perte" in told
    assert "L’essai est concluant" in told
    assert list(elsewhere.iterdir()) == []

    with psycopg.connect(empty.superuser_url("cordee"), autocommit=True) as intruder:
        intruder.execute("SET session_replication_role = replica")
        intruder.execute("UPDATE kernel_fact_content SET data = '{}' WHERE fact_id = 7")
    assert cordee(empty.data, "backup", "--keep", "1").returncode == 0
    assert len(backup.backups(empty.data / "backups")) == 1
    drilled = cordee(empty.data, "restore", "--drill", **there)
    assert drilled.returncode == 1
    assert "1 fil(s) altéré(s)" in drilled.stderr
    assert "Traceback" not in drilled.stderr
    assert list(elsewhere.iterdir()) == []


def test_an_unknown_word_of_the_command_is_refused(empty):
    outcome = cordee(empty.data, "restore", "--tout")
    assert outcome.returncode == 2


def test_the_key_is_read_like_the_others(tmp_path):
    with pytest.raises(Malformed, match="CORDEE_BACKUP_KEY"):
        parse({"CORDEE_BACKUP_KEY": "court"})
    assert len(read({"CORDEE_DATA": str(tmp_path)}).backup_key) == 64
