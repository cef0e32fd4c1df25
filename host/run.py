"""Start the house step by step, keep it up, stop it cleanly.

usage: python -m host.run
"""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config.environment import Environment, Malformed, problems_in_production, read
from host import database, frontend, management
from host.database import Addresses
from host.failures import DISK_FULL, CannotStart, is_full_disk
from host.health import wait_until_healthy
from host.needs import PAPER, has_pango
from host.postgres import Server
from host.processes import WITH_ITS_OWN, Child, Household, program
from host.screen import detail, say, step

ROOT = Path(__file__).resolve().parent.parent
AGAIN = 5.0  # seconds before PostgreSQL is tried again
ARENAS = "2"  # of the C library: one for each thread keeps much that nobody uses
ENOUGH_ROOM = 300_000_000  # octets: a cluster, its journal and the demonstration


class House:
    """One house in one data folder."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.server: Server | None = None
        self.listener: socket.socket | None = None
        self.household = Household(())
        self.stopping = False

    def open(self) -> None:
        """Go through the steps, until the pages answer. Raises CannotStart."""
        environment = self.environment
        _refuse_an_unready_production(environment)
        self._lock = _alone_in(environment.data)
        self.listener = _listen(environment.host, environment.port)
        with _building_the_frontend():
            with step("PostgreSQL"):
                addresses = self._database()
            self._prepare(addresses)
        with step("Processus"):
            self.household = Household(
                [self._stem(addresses, self.listener.fileno()), *self._journal()]
            )
            self.household.start()
            wait_until_healthy(environment, self.household, lambda: self.stopping)

    def close(self) -> None:
        """Stop the processes, then PostgreSQL."""
        self.household.stop()
        if self.listener:
            self.listener.close()
        if self.server:
            self.server.stop()

    def watch(self) -> None:
        """Tend the processes and the server until it is time to stop."""
        while not self.stopping:
            self.household.tend()
            if self.server and self.server.postmaster is None:
                self._revive(self.server)
            time.sleep(0.2)

    def _revive(self, server: Server) -> None:
        say("PostgreSQL s’est arrêté ; relance. Ce qui a été enregistré est gardé.")
        try:
            server.revive()
        except CannotStart as refusal:
            say(f"{refusal} Nouvel essai dans {AGAIN:.0f} s.")
            time.sleep(AGAIN)
        else:
            say("PostgreSQL est relancé.")

    def _database(self) -> Addresses:
        if self.environment.database_url:
            return database.existing(self.environment)
        self.server = Server(self.environment.data, programs=self.environment.postgres_bin)
        return database.embedded(self.server)

    def _prepare(self, addresses: Addresses) -> None:
        """Migrate and load the demonstration, unless nothing changed since the last time."""
        stamp = self.server.folder / "prepared" if self.server else None
        wanted = f"{self.environment.mode} {_digest_of_the_code()}" if stamp else ""
        if stamp and stamp.exists() and stamp.read_text() == wanted:
            return
        if addresses.owner:
            with step("Tables et droits (migrations)"):
                seen = management.environ(addresses, owner=True)
                management.run(seen, "prepare", "--verbosity=0", told=detail)
        if self.environment.is_demonstration:
            with step("Données fictives de démonstration"):
                seen, kept = management.environ(addresses), str(self._kept_accounts)
                management.run(seen, "demo", "--kept", kept, told=detail)
        if stamp:
            stamp.write_text(wanted)

    def _stem(self, addresses: Addresses, listener: int) -> Child:
        """Return the process that loads the code once and is the parent of all the others."""
        command = [sys.executable, "-m", "host.prefork", str(listener)]
        self._seen = management.environ(addresses)
        self._seen.setdefault("MALLOC_ARENA_MAX", ARENAS)
        body = program(command, self._seen, inherits=listener)
        return Child("cordée", body, patience=WITH_ITS_OWN)

    def _journal(self) -> list[Child]:
        """Return the process that keeps the journal, where the user said where to."""
        if self.server is None or not self.environment.backups:
            return []
        command = [sys.executable, "-m", "host.journal"]
        log = self.environment.data / "logs" / "journal.log"
        return [Child("journal", program(command, self._seen), log)]

    def welcome(self) -> None:
        """Print where to go and, in demonstration, as whom."""
        say(f"\nCordée est prête : {self.environment.public_url}")
        if self.environment.is_demonstration:
            say("Données fictives : aucune de ces personnes n’existe.\n")
            say(self._accounts())
        if not has_pango():
            say(
                f"Les PDF ne peuvent pas être faits ici. Tapez : sudo apt install {' '.join(PAPER)}"
            )
        say("\nCtrl-C arrête tout.")

    @property
    def _kept_accounts(self) -> Path:
        return self.environment.data / "accounts.txt"

    def _accounts(self) -> str:
        """Return the demonstration accounts: written when it was loaded, else asked for."""
        if not self._kept_accounts.exists():
            told = ("demo", "--accounts")
            return management.run(self._seen, *told, told=lambda line: None)
        return self._kept_accounts.read_text()


def _refuse_an_unready_production(environment: Environment) -> None:
    if environment.is_demonstration:
        return
    problems = problems_in_production(environment)
    if problems:
        raise CannotStart(
            "Le mode production est refusé, il manque :\n"
            + "\n".join(f"  - {problem}" for problem in problems)
            + "\nLisez docs/exploitation.md."
        )


def _alone_in(data: Path) -> IO[str]:
    """Keep any other house out of this data folder, and refuse a disk without room."""
    data.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(data).free < ENOUGH_ROOM:
        raise CannotStart(DISK_FULL)
    lock = (data / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        pid = lock.read().strip()
        raise CannotStart(
            f"Cordée tourne déjà avec les données de {data} (processus {pid}) : arrêtez-la par "
            f"Ctrl-C dans sa fenêtre, ou tapez « kill {pid} »."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _listen(host: str, port: int) -> socket.socket:
    """Take the port at once: a port taken is said before any other work."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotStart(
            f"Le port {port} de {host} ne peut pas être ouvert ({error.strerror}) : arrêtez le "
            f"programme qui l’occupe, ou choisissez-en un autre : CORDEE_PORT={port + 1} make run"
        ) from error
    listener.listen(512)
    return listener


@contextmanager
def _building_the_frontend() -> Iterator[None]:
    """Build the front-end beside the body, and wait for it at the end."""
    if frontend.is_current():
        yield
        return
    command = [sys.executable, "-m", "host.frontend"]
    builder = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        yield
        if builder.wait():
            raise CannotStart("Le démarrage s’arrête là.")
    finally:
        if builder.poll() is None:
            os.killpg(builder.pid, signal.SIGTERM)
            builder.wait()


def _digest_of_the_code() -> str:
    """Return what tells one state of the code, its migrations and its data from another."""
    whole = hashlib.sha256()
    for path in sorted((*(ROOT / "cordee").rglob("*"), *(ROOT / "config").glob("*.py"))):
        if path.is_file() and path.suffix != ".pyc":
            whole.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()


def main() -> int:
    """Start, watch, stop; return the exit code."""
    began = time.monotonic()
    try:
        house = House(read(os.environ))
    except Malformed as refusal:
        say(str(refusal))
        return 2

    def stop(*_: object) -> None:
        if not house.stopping:
            house.stopping = True
            raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        house.open()
        house.welcome()
        say(f"(démarrage : {time.monotonic() - began:.1f} s)".replace(".", ","))
        house.watch()
    except KeyboardInterrupt:
        say("\nArrêt…")
    except CannotStart as refusal:
        say(str(refusal))
        return 1
    except OSError as error:
        say(DISK_FULL if is_full_disk(error) else f"Le démarrage a échoué : {error}")
        return 1
    finally:
        house.stopping = True
        house.close()
    say("Tout est arrêté.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
