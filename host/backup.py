"""Back up the embedded server and the data folder: `cordee backup`.

One file, compressed, encrypted, read again to its last octet before it gets its name.
"""

import argparse
import fcntl
import os
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

import psycopg

from config.environment import Environment, read
from host import archive
from host.database import NAME
from host.failures import CannotRestore, is_full_disk, speaks_of_a_full_disk
from host.postgres import Server
from host.screen import say, step
from host.sealed import PIECE, Sealing

SUFFIX, DRAFT = ".sauvegarde", ".part"
KEPT = ("secrets.json", "heads", "documents")  # of the data folder
COUNTED = {
    "personnes": "people_person",
    "fils": "kernel_thread_head",
    "faits": "kernel_fact",
    "lignes de trace": "access_trace",
}
# What no lawful gesture takes away: a purge leaves the headers of a thread, an archive too.
ONLY_GROWS = frozenset({"fils", "faits"})
DISK_FULL = (
    "Le disque est plein : libérez de la place ou choisissez un autre dossier (CORDEE_BACKUPS), "
    "puis recommencez. Rien n’est laissé à moitié, les sauvegardes précédentes sont intactes."
)
ELSEWHERE = (
    "DATABASE_URL désigne un serveur PostgreSQL que Cordée n’administre pas : elle ne le "
    "sauvegarde ni ne le restaure. Employez les outils de ce serveur (pgBackRest, Barman), puis "
    "« cordee verify-thread » et « cordee verify-trace » sur la base restaurée."
)
NO_KEY = (
    "CORDEE_BACKUP_KEY manque : la clé qui chiffre les sauvegardes (64 chiffres hexadécimaux). "
    "Produisez-la par « openssl rand -hex 32 » et gardez-la loin des sauvegardes."
)


def prepared(environment: Environment) -> Environment:
    """Return the environment if it can save and restore. Raises CannotRestore."""
    if environment.database_url:
        raise CannotRestore(ELSEWHERE)
    if not environment.backup_key:
        raise CannotRestore(NO_KEY)
    return environment


def make(environment: Environment, server: Server, now: datetime) -> Path:
    """Write a backup beside its name, verify it, name it. Raises CannotRestore."""
    vault, name = environment.vault, f"cordee-{now:%Y-%m-%dT%H%M%SZ}{SUFFIX}"
    draft = vault / f"{name}{DRAFT}"
    try:
        with _alone_in(vault):
            try:
                draft.touch(mode=0o600)
                with draft.open("wb") as file:
                    _write(environment, server, file, now)
                    file.flush()
                    os.fsync(file.fileno())
                archive.read(draft, environment.backup_key)
                return draft.rename(vault / name)
            finally:
                draft.unlink(missing_ok=True)
    except OSError as error:
        if is_full_disk(error):
            raise CannotRestore(DISK_FULL) from error
        raise CannotRestore(f"La sauvegarde ne peut pas être écrite : {error}.") from error


@contextmanager
def _alone_in(vault: Path) -> Iterator[None]:
    """Keep two backups from being made at once; clear away what a killed one had left."""
    vault.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (vault / "backup.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRestore(f"Une sauvegarde est déjà en cours dans {vault}.") from None
        for left in vault.glob(f"*{DRAFT}"):
            left.unlink()
        yield


def forget(vault: Path, keep: int) -> list[Path]:
    """Remove the oldest backups but so many. Return those that were removed."""
    old = backups(vault)[:-keep]
    for path in old:
        path.unlink()
    return old


def backups(vault: Path) -> list[Path]:
    """Return the backups of a folder, oldest first."""
    return sorted(vault.glob(f"*{SUFFIX}"))


def counts(url: str) -> dict[str, int]:
    """Count what a restored base is compared with, in one snapshot."""
    selected = ", ".join(f"(SELECT count(*) FROM {table})" for table in COUNTED.values())  # noqa: S608
    with psycopg.connect(url) as connection:
        try:
            found = connection.execute(f"SELECT {selected}").fetchone() or ()  # noqa: S608
        except psycopg.errors.UndefinedTable as error:
            raise CannotRestore("La base est vide : il n’y a rien à sauvegarder.") from error
    return dict(zip(COUNTED, found, strict=True))


def _write(environment: Environment, server: Server, file: IO[bytes], now: datetime) -> None:
    sealing, url = Sealing(file, environment.backup_key), server.superuser_url(NAME)
    about = {"began_at": now.isoformat(), "size": _size(url), "counts": counts(url)}
    with tarfile.open(fileobj=cast("IO[bytes]", sealing), mode="w|", bufsize=PIECE) as tar:
        archive.add(tar, archive.ABOUT, about)
        with _cluster(server) as source:
            for member, body in archive.members(source):
                member.name = archive.CLUSTER + member.name
                tar.addfile(member, body)
                tar.members.clear()  # type: ignore[attr-defined]
        for path in _files(environment.data):
            tar.add(path, archive.DATA + str(path.relative_to(environment.data)), recursive=False)
            tar.members.clear()  # type: ignore[attr-defined]
        ended = {"ended_at": clock().isoformat(), "counts": counts(url)}
        archive.add(tar, archive.END, ended)
    sealing.finish()


def _size(url: str) -> int:
    with psycopg.connect(url) as connection:
        question = "SELECT sum(pg_database_size(oid))::bigint FROM pg_database"
        return int((connection.execute(question).fetchone() or (0,))[0])


@contextmanager
def _cluster(server: Server) -> Iterator[IO[bytes]]:
    """Give the tar of the running cluster, with the journal written meanwhile."""
    command = [
        str(server.program("pg_basebackup")), "-d", server.address_without_password, "-D", "-",
        "-F", "tar", "-X", "fetch", "-c", "fast", "--manifest-checksums=SHA256", "--no-password",
    ]  # fmt: skip
    environ = {"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": server.superuser_password}
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, bufsize=PIECE,
    ) as process:  # fmt: skip
        try:
            yield cast("IO[bytes]", process.stdout)
        except tarfile.TarError:
            pass  # it broke off: its own words say why
        except BaseException:
            process.kill()
            raise
        words = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
    if speaks_of_a_full_disk(words):
        raise CannotRestore(DISK_FULL)
    if process.returncode:
        last = words.splitlines()[-1] if words else "sans un mot"
        raise CannotRestore(f"PostgreSQL n’a pas pu être copié : {last}. Rien n’est laissé.")


def _files(data: Path) -> Iterator[Path]:
    for name in KEPT:
        place = data / name
        yield from sorted(place.rglob("*")) if place.is_dir() else filter(Path.exists, [place])


def clock() -> datetime:
    """Return the present moment."""
    return datetime.fromtimestamp(time.time(), UTC)


def main(words: list[str]) -> int:
    """Save, verify, and say where. Raises CannotRestore."""
    parser = argparse.ArgumentParser("cordee backup", description="Sauvegarde tout, chiffré.")
    parser.add_argument("--keep", type=int, help="n’en garder que tant, les plus récentes")
    wanted: Any = parser.parse_args(words)
    environment = prepared(read(os.environ))
    server = Server(environment.data, programs=environment.postgres_bin)
    if not server.has_cluster:
        raise CannotRestore(f"Il n’y a pas de base dans {environment.data} : rien à sauvegarder.")
    was_up = server.answers()
    server.start()
    try:
        with step("Sauvegarde, chiffrement, relecture"):
            written = make(environment, server, clock())
    finally:
        if not was_up:
            server.stop()
    size = f"{written.stat().st_size / 1e6:.1f}".replace(".", ",")
    say(f"Sauvegarde vérifiée : {written} ({size} Mo)")
    for path in forget(environment.vault, wanted.keep) if wanted.keep else ():
        say(f"Ancienne sauvegarde effacée : {path.name}")
    return 0
