"""Give a backup back: for good into an empty place, or as a drill elsewhere, judged then removed.

usage: cordee restore [FILE] [--drill] [--report FILE]
"""

import argparse
import os
import platform
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from config.environment import Environment, read
from host import archive, journal, management
from host.archive import JOURNAL_MISSING, Contents, Places
from host.backup import backups, clock, counts, prepared
from host.database import NAME, embedded
from host.drill import Report, moment
from host.failures import DISK_FULL, CannotRestore, is_full_disk
from host.postgres import Server
from host.screen import detail, say, step

TAKEN = (
    "Il y a déjà une base dans {data} : une restauration n’écrase jamais rien. Désignez un dossier "
    "vide par CORDEE_DATA."
)


RECOVERY = "restore_command = 'false'\nhot_standby = off\n"  # what pg_wal holds, then a new line


def give_back(source: Path, server: Server, key: str, vault: Path | None = None) -> Contents:
    """Fill an empty place with a backup, wholly checked before it counts. Raises CannotRestore.

    With a vault, what its journal holds since then is given back too.
    """
    if server.has_cluster:
        raise CannotRestore(TAKEN.format(data=server.data))
    server.data.mkdir(mode=0o755, parents=True, exist_ok=True)
    files = server.data / "restoring"
    try:
        with server.receiving() as draft:
            found = archive.read(source, key, Places(draft, files))
            _follow(found, draft, key, vault)
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


def _follow(found: Contents, draft: Path, key: str, vault: Path | None) -> None:
    """Put the journal beside the copy, and have the server begin a new line of history."""
    kept = journal.since(vault, max(archive.journal_needed(found.manifest))) if vault else []
    journal.give_back(kept, draft, key)
    if kept:
        found.followed = len(kept)
        found.reached_at = datetime.fromtimestamp(kept[-1].stat().st_mtime, UTC)
    (draft / "recovery.signal").touch(mode=0o600)
    with (draft / "postgresql.auto.conf").open("a") as settings:
        settings.write(RECOVERY)


def recover(server: Server) -> None:
    """Start a restored server, however long it reads its journal. Raises CannotStart."""
    server.starts_within = 24 * 3600
    server.start()


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


def drill(source: Path, environment: Environment, vault: Path | None) -> Report:
    """Restore elsewhere, start, judge, stop, remove. Raises CannotRestore."""
    began = time.monotonic()
    data = Path(tempfile.mkdtemp(prefix="cordee-essai-"))
    server = Server(data, durable=False, programs=environment.postgres_bin)
    try:
        with step("Restauration dans un dossier temporaire"):
            found = give_back(source, server, environment.backup_key, vault)
        with step("Démarrage de la base restaurée"):
            recover(server)
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
    parser.add_argument("--report", type=Path, help="où écrire le compte rendu de l’essai")
    wanted: Any = parser.parse_args(words)
    environment = prepared(read(os.environ))
    source = wanted.file or next(reversed(backups(environment.vault)), None)
    if source is None:
        raise CannotRestore(f"Il n’y a pas de sauvegarde dans {environment.vault}.")
    vault = None if wanted.without_journal else environment.vault
    if wanted.drill:
        return _tell(drill(source, environment, vault), wanted.report)
    server = Server(environment.data, programs=environment.postgres_bin)
    with step("Restauration, relecture, vérification par PostgreSQL"):
        found = give_back(source, server, environment.backup_key, vault)
    with step("Démarrage, lecture du journal"):
        recover(server)
        server.stop()
    until = found.reached_at or datetime.fromisoformat(found.about["began_at"])
    say(f"La base du {moment(until)} est dans")
    say(f"{environment.data}. Ce qui a été écrit depuis n’y est pas ; les messages qui attendaient")
    say("alors de partir repartiront : lisez docs/restauration.md avant d’ouvrir.")
    return 0


def _tell(report: Report, kept: Path | None) -> int:
    say()
    say(str(report))
    if kept:
        kept.write_text(str(report), encoding="utf-8")
    return 1 if report.losses else 0
