"""The journal of the embedded server, kept as it is written: what a backup of last night misses.

`pg_receivewal` follows the server into a folder of the data; each file that is full, or a minute
old, is sealed into the folder of the backups, read again, then removed from here. Where nothing can
leave, what waits here is bounded; then the server keeps the rest, as far as its slot lets it.

usage: python -m host.journal   (started by the house when CORDEE_BACKUPS is given)
"""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from io import BufferedReader
from itertools import count
from pathlib import Path
from threading import Thread

import psycopg

from config.environment import Environment, read
from host.failures import CannotRestore, is_full_disk
from host.lives import FILE, HISTORY, SUFFIX
from host.postgres import Server
from host.processes import ITS_SIGNALS
from host.screen import say
from host.sealed import PIECE, Damaged, Opening, Sealing, WrongKey

EVERY = 60.0  # seconds after which a file that is not full leaves all the same: the loss window
LOOK = 1.0
REMIND = 3600.0  # seconds after which it is said again why the journal waits
ROOM = 2 << 30  # octets that may wait here; the slot holds as many again
LEAVES = 5.0  # seconds given to the file being sealed, when told to stop
SLOT = "cordee_journal"
DRAFT, SPOILT = ".part", ".spoilt"
ELSEWHERE = (
    "il n’est pas remplacé. Donnez un autre dossier à cette maison (CORDEE_BACKUPS), puis refaites "
    "une sauvegarde (cordee backup)."
)
TAKEN = f"Une autre vie de la base a déjà rangé {{name}} dans {{folder}} : {ELSEWHERE}"
OF_ANOTHER_KEY = f"{{name}}, dans {{folder}}, est chiffré d’une autre clé : {ELSEWHERE}"
AGAIN = "{name}, dans {folder}, était abîmé : il est mis de côté, et rangé de nouveau."


class Journal:
    """The journal of one server, on its way to one folder."""

    def __init__(self, server: Server, vault: Path, key: str, every: float = EVERY) -> None:
        self.server, self.key, self.every = server, key, every
        self.spool, self.vault = server.data / "journal", vault / "journal"
        self.stopping = False
        self._switched = time.monotonic()
        self._said, self._said_at = "", 0.0
        self._following: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Follow the server until told to stop; seal apart: a share that hangs must not blind us.

        Returns too when sealing fell: the house starts it all again.
        """
        for folder in (self.spool, self.vault):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealing = Thread(target=self._seal, daemon=True)
        sealing.start()
        try:
            while not self.stopping and sealing.is_alive():
                self._follow_within_room()
                self._turn()
                time.sleep(LOOK)
        finally:
            self.stopping = True
            self._leave()
            sealing.join(LEAVES)

    def _seal(self) -> None:
        while not self.stopping:
            self.seal()
            time.sleep(LOOK)

    def _follow_within_room(self) -> None:
        """Follow the server, unless too much waits here already."""
        if self._waiting() >= ROOM:
            self._leave()
        elif self._following is None or self._following.poll() is not None:
            self._following = self._follow()

    def _waiting(self) -> int:
        waiting = 0
        for path in self.spool.iterdir():
            with suppress(FileNotFoundError):  # sealed meanwhile
                waiting += path.stat().st_size
        return waiting

    def _leave(self) -> None:
        if self._following:
            self._following.terminate()
            self._following.wait()
        self._following = None

    def seal(self) -> None:
        """Seal every whole file of the spool; leave for later what the disk refuses."""
        for path in sorted(self.spool.iterdir()):
            if FILE.fullmatch(path.name) or HISTORY.fullmatch(path.name):
                try:
                    self._keep(path)
                except OSError as error:
                    full = "le disque est plein" if is_full_disk(error) else str(error)
                    self._wait(f"Le journal attend, {full} : {self.vault}. Rien n’est perdu.")
                    return
                except CannotRestore as refusal:
                    self._wait(f"Le journal attend. {refusal}")
                    return
                path.unlink()
                self._said = ""

    def _keep(self, path: Path) -> None:
        """Seal a file under its name.

        The server gives its history again at each start: where another key sealed it, it is kept
        for this one too, beside.
        """
        if FILE.fullmatch(path.name):
            seal(path, self.vault / (path.name + SUFFIX), self.key)
            return
        for number in count():
            beside = f".{number}" if number else ""
            with suppress(WrongKey):
                seal(path, self.vault / f"{path.stem}{beside}{path.suffix}{SUFFIX}", self.key)
                return

    def _wait(self, why: str) -> None:
        """Say why the journal waits, then again each hour."""
        if why != self._said or time.monotonic() - self._said_at >= REMIND:
            say(why)
            self._said_at = time.monotonic()
        self._said = why

    def _turn(self) -> None:
        """Have the server begin another file, when the present one is a minute old.

        Not while nothing leaves: a file takes its whole room, however little is written in it.
        """
        if time.monotonic() - self._switched < self.every:
            return
        self._switched = time.monotonic()
        try:
            with psycopg.connect(self.server.superuser_url(), autocommit=True) as admin:
                if not self._said:
                    admin.execute("SELECT pg_switch_wal()")
                lost = admin.execute(
                    """SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
                    WHERE slot_name = %s AND wal_status = 'lost' AND NOT active""",
                    [SLOT],
                )
                if lost.fetchone():
                    self._accept_a_gap()
        except psycopg.OperationalError:
            return  # the house starts it again

    def _accept_a_gap(self) -> None:
        """Go on after what the server no longer has: a backup made from now on is followed."""
        for path in self.spool.glob("*.partial"):  # its rest would be asked for, for ever
            path.unlink()
        hold(self.server)
        say("Le journal a une lacune : refaites une sauvegarde (cordee backup).")

    def _follow(self) -> subprocess.Popen[bytes]:
        environ = {"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": self.server.superuser_password}
        address = self.server.address_without_password
        program = str(self.server.program("pg_receivewal"))
        words = [program, "-d", address, "-D", str(self.spool), "--slot", SLOT, "--no-password"]
        slot = [*words, "--create-slot", "--if-not-exists"]
        subprocess.run(slot, env=environ, stdin=subprocess.DEVNULL, check=False)
        return subprocess.Popen(
            [*words, "--status-interval", "2"], env=environ, stdin=subprocess.DEVNULL
        )


def hold(server: Server) -> None:
    """Have a server keep its journal from now on, until the house comes to follow it."""
    with psycopg.connect(server.superuser_url(), autocommit=True) as admin:
        admin.execute("SELECT pg_create_physical_replication_slot(%s, true)", [SLOT])


def seal(source: Path, target: Path, key: str) -> None:
    """Write a file sealed, read it again, name it. What has its name already is never replaced.

    Raises CannotRestore when something else has it.
    """
    if _is_sealed(source, target, key):
        return
    draft = target.with_name(target.name + DRAFT)
    try:
        with source.open("rb") as clear, draft.open("wb") as file:
            sealing = Sealing(file, key)
            shutil.copyfileobj(clear, sealing, PIECE)
            sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        if not _is_the_same(source, draft, key):
            raise OSError(errno.EIO, "ce qui est relu n’est pas ce qui a été écrit")
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)


def _is_sealed(source: Path, target: Path, key: str) -> bool:
    """Recognise what was sealed just before a kill; put aside what nobody can read any more.

    Raises CannotRestore when something else has the name.
    """
    if not target.exists():
        return False
    try:
        if _is_the_same(source, target, key):
            return True
    except WrongKey:
        said = OF_ANOTHER_KEY.format(name=target.name, folder=target.parent)
        raise WrongKey(said) from None
    except Damaged:
        target.rename(target.with_name(target.name + SPOILT))
        say(AGAIN.format(name=target.name, folder=target.parent))
        return False
    raise CannotRestore(TAKEN.format(name=target.name, folder=target.parent))


def _is_the_same(source: Path, sealed: Path, key: str) -> bool:
    return _digest(sealed, key) == hashlib.sha256(source.read_bytes()).hexdigest()


def _digest(sealed: Path, key: str) -> str:
    digest = hashlib.sha256()
    with sealed.open("rb") as file:
        stream = BufferedReader(Opening(file, key), PIECE)  # type: ignore[type-var]
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def main() -> int:
    """Keep the journal of the house."""
    environment: Environment = read(os.environ)
    server = Server(environment.data, programs=environment.postgres_bin)
    journal = Journal(server, environment.vault, environment.backup_key)

    def stop(*_: object) -> None:
        journal.stopping = True

    for number in ITS_SIGNALS:
        signal.signal(number, stop)
    journal.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
