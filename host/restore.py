"""Give a backup back: for good into an empty place, or as a drill elsewhere, judged then removed.

usage: cordee restore [FILE] [--drill] [--report FILE]
"""

import argparse
import os
import platform
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from config.environment import Environment, read
from host import archive, journal, lives, management
from host.archive import JOURNAL_MISSING, Contents, Places
from host.backup import backups, clock, counts, prepared
from host.database import NAME, embedded
from host.drill import Report, moment
from host.failures import DISK_FULL, CannotRestore, is_full_disk
from host.lives import NOTHING, Lives
from host.postgres import Server
from host.screen import detail, say, step

TAKEN = (
    "Il y a déjà une base dans {data} : une restauration n’écrase jamais rien. Désignez un dossier "
    "vide par CORDEE_DATA."
)


# What pg_wal holds, of this life and those before it, then a new one.
RECOVERY = "restore_command = 'false'\nhot_standby = off\nrecovery_target_timeline = '{life}'\n"
STOPPED = (
    "PostgreSQL n’a pas lu le journal jusqu’à son dernier fichier ({last}) : l’un est altéré, ou "
    "d’une autre vie de la base. La base rendue s’arrête avant : n’ouvrez pas sans le savoir. Pour "
    "en rendre une autre, dans un autre dossier vide : --timeline ou --without-journal."
)
BESIDE = (
    "Un journal est gardé à côté de cette sauvegarde, que CORDEE_BACKUPS ne désigne pas : il ne "
    "serait pas rendu. Rien n’a été touché. Donnez CORDEE_BACKUPS={folder} ; pour restaurer la "
    "sauvegarde seule : --without-journal."
)
BEGAN = """
    SELECT pg_read_file(format('pg_wal/%s.history', lpad(upper(to_hex(timeline_id)), 8, '0')))
    FROM pg_control_checkpoint()
"""


def give_back(
    source: Path, server: Server, key: str, kept: Lives = NOTHING, life: int | None = None
) -> Contents:
    """Fill an empty place with a backup, wholly checked before it counts. Raises CannotRestore.

    What is kept of its journal since then is given back too, to the end of a life.
    """
    if server.has_cluster:
        raise CannotRestore(TAKEN.format(data=server.data))
    server.data.mkdir(mode=0o755, parents=True, exist_ok=True)
    files = server.data / "restoring"
    try:
        with server.receiving() as draft:
            found = archive.read(source, key, Places(draft, files))
            _follow(found, draft, key, kept, life)
            _refuse_what_the_server_refuses(server, draft)
            for path in sorted(files.iterdir() if files.exists() else ()):
                _take_the_place_of(server.data / path.name, path)
        return found
    except OSError as error:
        if is_full_disk(error):
            raise CannotRestore(DISK_FULL) from error
        raise CannotRestore(f"La restauration a échoué : {error}. Rien n’est laissé.") from error
    finally:
        shutil.rmtree(files, ignore_errors=True)


def _follow(found: Contents, draft: Path, key: str, kept: Lives, life: int | None) -> None:
    """Put the journal beside the copy, and have the server begin a new life."""
    needed = max(archive.journal_needed(found.manifest))
    end, files = kept.after(needed, life)
    lives.give_back(files, kept.histories, draft, key)
    if files:
        found.followed, found.last = len(files), files[-1].stem
        found.reached_at = lives.kept_at(files[-1])
    (draft / "recovery.signal").touch(mode=0o600)
    with (draft / "postgresql.auto.conf").open("a") as settings:
        target = "current" if end == int(needed[:8], 16) else end
        settings.write(RECOVERY.format(life=target))


def recover(server: Server, found: Contents) -> None:
    """Start a restored server, however long it reads its journal.

    Raises CannotStart, or CannotRestore when it stopped before the last file that it was given.
    """
    server.starts_within = 24 * 3600
    server.start()
    if found.last and not lives.reaches(_history(server), found.last):
        raise CannotRestore(STOPPED.format(last=found.last))


def _history(server: Server) -> str:
    with psycopg.connect(server.superuser_url()) as admin:
        return str((admin.execute(BEGAN).fetchone() or ("",))[0])


def _refuse_what_the_server_refuses(server: Server, draft: Path) -> None:
    said = server.judge(draft)
    if "WAL parsing failed" in said:
        raise CannotRestore(JOURNAL_MISSING.format(name="pg_wal"))
    if said:
        raise CannotRestore(f"PostgreSQL refuse cette sauvegarde : {said.splitlines()[0]}.")


def _take_the_place_of(old: Path, new: Path) -> None:
    if old.is_dir():
        shutil.rmtree(old)
    new.replace(old)


def drill(source: Path, environment: Environment, kept: Lives, life: int | None) -> Report:
    """Restore elsewhere, start, judge, stop, remove. Raises CannotRestore."""
    began = time.monotonic()
    data = Path(tempfile.mkdtemp(prefix="cordee-essai-"))
    server = Server(data, durable=False, programs=environment.postgres_bin)
    try:
        with step("Restauration dans un dossier temporaire"):
            found = give_back(source, server, environment.backup_key, kept, life)
        with step("Démarrage de la base restaurée"):
            recover(server, found)
            addresses = embedded(server)
            restored = counts(server.superuser_url(NAME))
        with step("Vérification de chaque fil et de la trace"):
            seen = management.environ(addresses) | {"CORDEE_DATA": str(data)}
            proofs = tuple(
                management.run(seen, verb, told=detail).splitlines()[-1]
                for verb in ("verify_thread", "verify_trace")
            )
        return Report(
            at=clock(), source=source.name, size=source.stat().st_size, contents=found,
            restored=restored, proofs=proofs, seconds=time.monotonic() - began,
            server=_version(server), machine=_machine(),
        )  # fmt: skip
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)


def _version(server: Server) -> str:
    with psycopg.connect(server.superuser_url()) as connection:
        return "PostgreSQL " + str((connection.execute("SHOW server_version").fetchone() or "?")[0])


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cœurs"


def main(words: list[str]) -> int:
    """Restore, or try to; return 1 when a drill fails. Raises CannotRestore."""
    parser = argparse.ArgumentParser("cordee restore", description="Rend une sauvegarde.")
    parser.add_argument("file", nargs="?", type=Path, help="par défaut : la plus récente")
    parser.add_argument("--drill", action="store_true", help="à blanc : ailleurs, puis effacée")
    parser.add_argument(
        "--without-journal", action="store_true", help="la sauvegarde seule, sans ce qui la suit"
    )
    parser.add_argument("--timeline", type=int, help="la vie à rendre, quand plusieurs suivent")
    parser.add_argument("--report", type=Path, help="où écrire le compte rendu de l’essai")
    wanted: Any = parser.parse_args(words)
    environment = prepared(read(os.environ))
    source = wanted.file or next(reversed(backups(environment.vault)), None)
    if source is None:
        raise CannotRestore(f"Il n’y a pas de sauvegarde dans {environment.vault}.")
    if not wanted.without_journal:
        _refuse_a_journal_left_behind(source, environment.vault)
    kept = lives.kept(environment.vault, environment.backup_key, alone=wanted.without_journal)
    if wanted.drill:
        return _tell(drill(source, environment, kept, wanted.timeline), wanted.report)
    server = Server(environment.data, programs=environment.postgres_bin)
    with step("Restauration, relecture, vérification par PostgreSQL"):
        found = give_back(source, server, environment.backup_key, kept, wanted.timeline)
    with step("Démarrage, lecture du journal"):
        try:
            recover(server, found)
            if environment.backups:
                journal.hold(server)  # what is written before the house follows it is kept too
        finally:
            server.stop()
    until = found.reached_at or datetime.fromisoformat(found.about["began_at"])
    say(f"La base du {moment(until)} est dans")
    say(f"{environment.data}. Ce qui a été écrit depuis n’y est pas ; les messages qui attendaient")
    say("alors de partir repartiront : lisez docs/restauration.md avant d’ouvrir.")
    say("Sauvegardez avant d’ouvrir (cordee backup) : c’est une autre vie de la base qui commence.")
    return 0


def _refuse_a_journal_left_behind(source: Path, vault: Path) -> None:
    """On a new machine, the backup alone is easily designated, and not what follows it."""
    beside = source.resolve().parent
    with suppress(OSError):  # a share that fails is said when it is read
        if beside != vault.resolve() and any((beside / "journal").glob(f"*{lives.SUFFIX}")):
            raise CannotRestore(BESIDE.format(folder=beside))


def _tell(report: Report, kept: Path | None) -> int:
    say()
    say(str(report))
    if kept:
        kept.write_text(str(report), encoding="utf-8")
    return 1 if report.losses else 0
