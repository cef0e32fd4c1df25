"""A base restored for good lives on: what it wrote comes back too, and is never written over."""

import errno
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path

import psycopg
import pytest

from host import backup, lives, restore
from host.archive import SEGMENT
from host.failures import CannotRestore
from host.journal import Journal, seal
from host.lives import Lives
from host.postgres import Server
from host.sealed import Opening
from tests.host.saved import KEY, cordee, is_untouched, keeping, until_kept, write

ANOTHER = "cd" * 32


@pytest.fixture(scope="module")
def lived(base):
    """A backup and the journal of two lives: -1 in the first, -2, -3 and -4 once restored."""
    environment, server = base
    vault = environment.data / "vault-of-two-lives"
    with keeping(server, vault):
        at = datetime.fromtimestamp(time.time(), UTC)
        source = backup.make(replace(environment, backups=str(vault)), server, at)
        write(server, -1)
        until_kept(server, vault)
    folder = environment.data / "second"
    folder.mkdir()
    second = Server(folder, durable=False)
    keys = {"CORDEE_BACKUP_KEY": KEY, "CORDEE_BACKUPS": str(vault)}
    typed = cordee(folder, "restore", str(source), **keys)
    assert typed.returncode == 0, typed.stdout + typed.stderr
    second.start()
    try:
        write(second, -2)  # as migrations do: before the house comes to follow the journal
        with psycopg.connect(second.superuser_url(), autocommit=True) as admin:
            admin.execute("SELECT pg_switch_wal()")
            admin.execute("CHECKPOINT")  # nothing but what was held back has -2 from now on
        write(second, -3)
        with keeping(second, vault):
            write(second, -4)
            until_kept(second, vault)
    finally:
        second.stop()
        shutil.rmtree(second.folder)
    yield source, vault, typed.stdout
    shutil.rmtree(vault)


@pytest.fixture
def kept(lived, tmp_path):
    """The backup and its journal, in a vault of one's own to harm."""
    source, vault, _ = lived
    mine = shutil.copytree(vault, tmp_path / "vault")
    return mine / source.relative_to(vault), mine


def written(server):
    with psycopg.connect(server.owner_url("cordee")) as owner:
        rows = owner.execute("SELECT id FROM kernel_fact WHERE id < 0 ORDER BY id DESC")
        return [number for (number,) in rows]


def timeline(server):
    with psycopg.connect(server.superuser_url()) as admin:
        return admin.execute("SELECT timeline_id FROM pg_control_checkpoint()").fetchone()[0]


def octets(vault):
    return {path.name: path.read_bytes() for path in (vault / "journal").iterdir()}


def opened(path):
    with path.open("rb") as file:
        return BufferedReader(Opening(file, KEY)).read()


def restored(source, vault, server, life=None):
    found = restore.give_back(source, server, KEY, lives.kept(vault, KEY), life)
    restore.recover(server, found)


def test_what_a_restored_base_wrote_is_given_back_too(kept, empty):
    restored(*kept, empty)
    assert written(empty) == [-1, -2, -3, -4]


def test_no_life_writes_over_the_journal_of_another(kept, empty):
    source, vault = kept
    before = octets(vault)
    restored(source, vault, empty)
    assert timeline(empty) == 3
    with keeping(empty, vault):
        write(empty, -5)
        until_kept(empty, vault)
    assert octets(vault).items() > before.items()


def test_the_backup_alone_begins_a_life_of_its_own_all_the_same(kept, empty):
    source, vault = kept
    found = restore.give_back(source, empty, KEY, lives.kept(vault, KEY, alone=True))
    restore.recover(empty, found)
    assert written(empty) == []
    assert timeline(empty) == 3


def test_whoever_restores_is_told_to_save_before_opening(lived):
    *_, told = lived
    assert "Sauvegardez avant d’ouvrir" in told


def test_where_two_lives_go_on_somebody_says_which(base, kept, empty):
    _, first = base
    source, vault = kept
    with keeping(first, vault):
        write(first, -9)
        until_kept(first, vault)
    with pytest.raises(CannotRestore, match=r"1 \(jusqu’au .*\), 2 \(jusqu’au .*--timeline et"):
        restored(source, vault, empty)
    assert is_untouched(empty)
    restored(source, vault, empty, life=1)
    assert written(empty) == [-1, -9]
    assert timeline(empty) == 3


def test_a_gap_in_the_second_life_is_named_and_touches_nothing(kept, empty):
    source, vault = kept
    first = min((vault / "journal").glob("00000002*0?.journal"))
    first.unlink()
    with pytest.raises(CannotRestore, match=rf"partie du journal \({first.stem}\)"):
        restored(source, vault, empty)
    assert is_untouched(empty)


@pytest.mark.parametrize("harm", ["missing", "of another key"])
def test_a_life_that_comes_from_nowhere_is_named_and_touches_nothing(kept, empty, harm, tmp_path):
    source, vault = kept
    history = vault / "journal" / "00000002.history.journal"
    history.unlink()
    if harm == "of another key":
        (tmp_path / "told").write_text("1\t0/1\tno recovery target specified\n")
        seal(tmp_path / "told", history, ANOTHER)
    with pytest.raises(CannotRestore, match=r"vie 2 de la base, dont .* 00000002\.history"):
        restored(source, vault, empty)
    assert is_untouched(empty)


def test_a_file_that_the_server_cannot_follow_is_said(kept, empty, tmp_path):
    source, vault = kept
    *_, before, last = sorted((vault / "journal").glob("00000002*[0-9A-F].journal"))
    last.rename(before)
    (tmp_path / "empty").write_bytes(bytes(16 << 20))
    seal(tmp_path / "empty", last, KEY)
    with pytest.raises(CannotRestore, match=rf"jusqu’à son dernier fichier \({last.stem}\)"):
        restored(source, vault, empty)


def unreachable(monkeypatch):
    """A share that is down: its folder can no longer be listed."""

    def down(*_, **__):
        raise OSError(errno.EHOSTDOWN, "Host is down")

    monkeypatch.setattr(Path, "glob", down)


def test_a_share_that_fails_is_said(tmp_path, monkeypatch):
    unreachable(monkeypatch)
    with pytest.raises(CannotRestore, match=r"ne se lit pas .*Host is down.*--without-journal"):
        lives.kept(tmp_path, KEY)


def test_a_backup_alone_asks_nothing_of_a_share_that_fails_but_says_so(
    tmp_path, monkeypatch, capsys
):
    unreachable(monkeypatch)
    assert lives.kept(tmp_path, KEY, alone=True).histories == {}
    assert "dans un autre dossier de sauvegardes" in capsys.readouterr().out


def test_a_history_that_the_backup_brought_is_left_as_it_is(tmp_path):
    (tmp_path / "pg_wal").mkdir()
    brought = tmp_path / "pg_wal" / "00000002.history"
    brought.write_text("brought")
    lives.give_back([], {2: "kept", 3: "kept too"}, tmp_path, KEY)
    assert brought.read_text() == "brought"
    assert brought.with_stem("00000003").read_text() == "kept too"


def test_a_journal_that_lies_beside_the_backup_is_not_left_behind_in_silence(kept, empty):
    source, vault = kept
    refused = cordee(empty.data, "restore", str(source), CORDEE_BACKUP_KEY=KEY)
    assert refused.returncode == 1
    assert f"CORDEE_BACKUPS={vault}" in refused.stderr
    assert not empty.has_cluster


# --- what has a name already, in the vault ------------------------------------------------------


def spooled(tmp_path, octets, name="000000020000000000000006", key=KEY):
    """A journal that never runs, and one file that waits to be sealed."""
    keeper = Journal(Server(tmp_path / "data"), tmp_path / "vault", key)
    for folder in (keeper.spool, keeper.vault):
        folder.mkdir(parents=True, exist_ok=True)
    waiting = keeper.spool / name
    waiting.write_bytes(octets)
    return keeper, waiting


def test_a_file_sealed_just_before_a_kill_is_let_pass(tmp_path):
    for _ in range(2):
        keeper, waiting = spooled(tmp_path, b"mine")
        keeper.seal()
        assert not waiting.exists()
    assert len(list(keeper.vault.iterdir())) == 1


@pytest.mark.parametrize(
    ("key", "said"),
    [(KEY, "Une autre vie de la base a déjà rangé"), (ANOTHER, "chiffré d’une autre clé")],
)
def test_the_file_of_another_is_never_replaced_and_it_is_said_once(tmp_path, capsys, key, said):
    (tmp_path / "other").write_bytes(b"another life")
    keeper, waiting = spooled(tmp_path, b"mine")
    taken = keeper.vault / f"{waiting.name}.journal"
    seal(tmp_path / "other", taken, key)
    before = taken.read_bytes()
    for _ in range(3):
        keeper.seal()
    assert taken.read_bytes() == before
    assert waiting.read_bytes() == b"mine"
    assert capsys.readouterr().out.count(said) == 1


def test_a_change_of_key_does_not_hold_the_journal_back(tmp_path):
    history = "00000002.history"
    for key in (ANOTHER, "ef" * 32):
        spooled(tmp_path, b"other", name=history, key=key)[0].seal()
    before = octets(tmp_path / "vault")
    for _ in range(2):  # the server gives its history again at each start of the journal
        spooled(tmp_path, told(_1=6 * SEGMENT).encode(), name=history)
        keeper, waiting = spooled(tmp_path, b"mine")
        keeper.seal()
        assert not waiting.exists()
    after = octets(tmp_path / "vault")
    assert after.items() > before.items()
    assert len(after) == 4
    assert lives.kept(tmp_path / "vault", KEY).histories == {2: told(_1=6 * SEGMENT)}


@pytest.mark.parametrize("left", [0, 30, -1])
def test_a_file_that_a_share_cut_short_is_put_aside_and_sealed_again(tmp_path, left):
    keeper, waiting = spooled(tmp_path, b"mine")
    keeper.seal()
    sealed = keeper.vault / f"{waiting.name}.journal"
    cut = sealed.read_bytes()[:left]
    sealed.write_bytes(cut)
    keeper, waiting = spooled(tmp_path, b"mine")
    keeper.seal()
    assert not waiting.exists()
    assert set(octets(tmp_path / "vault").values()) == {cut, sealed.read_bytes()}
    assert opened(sealed) == b"mine"


# --- the way from a backup, without a server ----------------------------------------------------


def told(**left):
    """The history of a life, as PostgreSQL writes it: where each one before it was left."""
    rows = (f"{life[1:]}\t0/{at:08X}\tno recovery target specified\n" for life, at in left.items())
    return "\n".join(rows)


def held(**places):
    lived = ((life[1:], ones) for life, ones in places.items())
    return {int(life): {one: Path(f"{life}.{one}") for one in ones} for life, ones in lived}


EDGE, MIDDLE = 6 * SEGMENT, 6 * SEGMENT + 4000
WAYS = {
    "nothing since": (held(), {}, "1:"),
    "one life": (held(_1=[4, 5]), {}, "1: 1.4 1.5"),
    "left at the edge of a file": (
        held(_1=[4, 5], _2=[6, 7]),
        {2: told(_1=EDGE)},
        "2: 1.4 1.5 2.6 2.7",
    ),
    "left in the middle of a file": (
        held(_1=[4, 5, 6], _2=[6, 7]),
        {2: told(_1=MIDDLE)},
        "2: 1.4 1.5 2.6 2.7",
    ),
    "left in the last file of the backup": (
        held(_1=[3], _2=[3, 4]),
        {2: told(_1=3 * SEGMENT + 4000)},
        "2: 2.3 2.4",
    ),
    "three lives": (
        held(_1=[4, 5], _2=[6], _3=[7, 8]),
        {2: told(_1=EDGE), 3: told(_1=EDGE, _2=7 * SEGMENT)},
        "3: 1.4 1.5 2.6 3.7 3.8",
    ),
    "a second life left where it began": (
        held(_1=[4, 5], _3=[6]),
        {2: told(_1=EDGE), 3: told(_1=EDGE, _2=MIDDLE)},
        "3: 1.4 1.5 3.6",
    ),
    "a life of which no file is kept": (held(_1=[4, 5]), {2: told(_1=EDGE)}, "1: 1.4 1.5"),
    "a life that left before the backup": (
        held(_1=[4, 5], _2=[2, 3]),
        {2: told(_1=2 * SEGMENT)},
        "1: 1.4 1.5",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_way_goes_from_life_to_life(way):
    files, histories, wanted = WAYS[way]
    end, found = Lives(files, histories).after("000000010000000000000003")
    assert " ".join([f"{end}:", *map(str, found)]) == wanted


def test_only_a_life_that_follows_the_backup_can_be_named():
    left = told(_1=4 * SEGMENT)
    both = Lives(held(_2=[4], _3=[4]), {2: left, 3: left})
    assert both.after("000000010000000000000003", 3) == (3, [Path("3.4")])
    with pytest.raises(CannotRestore, match="La vie 4 de la base ne suit pas"):
        both.after("000000010000000000000003", 4)


def test_what_a_younger_life_lacks_does_not_forbid_the_older_one():
    """Life 1 is whole, and was given back until now: saying it is what keeps it from being lost."""
    last = "000000010000000000000003"
    gap = Lives(held(_1=[4], _2=[7]), {2: told(_1=5 * SEGMENT)})
    unknown = Lives(held(_1=[4], _2=[7]), {})
    for kept in (gap, unknown):
        with pytest.raises(CannotRestore, match="--timeline 1"):
            kept.after(last)
        assert kept.after(last, 1) == (1, [Path("1.4")])
    with pytest.raises(CannotRestore) as refused:
        Lives(held(_1=[5]), {}).after(last)
    assert "--timeline" not in str(refused.value)
