"""A whole house on a durable server, as `make run` brings it up, whose processes can be killed."""

import json
import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil

from config.environment import read
from host import management
from host.database import embedded
from host.health import wait_until_healthy
from host.postgres import Server
from host.processes import WITH_ITS_OWN, Child, Household, program
from host.run import _listen

ROLES = ("web", "worker", "sms")


class House:
    """PostgreSQL, then the stem and the processes it forks; texts go to a centre on loopback."""

    def __init__(self, folder: Path, centre: int) -> None:
        self.folder, self.server = folder, Server(folder)
        self.addresses = embedded(self.server)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.seen = management.environ(self.addresses) | {
            "CORDEE_DATA": str(folder),
            "CORDEE_PORT": str(self.port),
            "CORDEE_SMS_GATEWAY": "smpp",
            "CORDEE_SMPP_HOST": "127.0.0.1",
            "CORDEE_SMPP_PORT": str(centre),
            "CORDEE_SMPP_SYSTEM_ID": "cordee",
            "CORDEE_SMPP_PASSWORD": "secret",
            "CORDEE_SMPP_SOURCE": "38600",
            "CORDEE_SMS_PER_SECOND": "200",
        }
        self.household, self._over = Household(()), Event()
        self._watcher: Thread | None = None

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Make the tables, as the owner."""
        seen = self.seen | management.environ(self.addresses, owner=True)
        management.run(seen, "prepare", "--verbosity=0", "--skip-checks", told=lambda line: None)

    def open(self) -> None:
        """Start the processes and wait for the pages; from then on what falls is started again."""
        listener = _listen("127.0.0.1", self.port)
        command = [sys.executable, "-m", "bench.kills.stem", str(listener.fileno())]
        stem = program(command, self.seen, inherits=listener.fileno())
        log = self.folder / "logs" / "stem.log"
        self.household = Household([Child("cordée", stem, log, patience=WITH_ITS_OWN)])
        self.household.start()
        environment = read({k: v for k, v in self.seen.items() if k.startswith("CORDEE_")})
        wait_until_healthy(environment, self.household, lambda: False)
        self._watcher = Thread(target=self.household.watch, args=[self._over.is_set], daemon=True)
        self._watcher.start()

    def kill(self, role: str) -> bool:
        """Kill one process of a role without a word; False when it is down already."""
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                if process.name().startswith(f"cordee-{role}"):
                    process.kill()
                    return True
        return False

    def scene(self, nurses: int) -> dict[str, Any]:
        """Write who lives in the house, in a process that ends."""
        command = [sys.executable, "-W", "ignore", "-m", "bench.kills.scene", str(nurses)]
        environ = self.seen | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        said = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)  # noqa: S603
        made: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
        return made

    def run(self, *words: str) -> str:
        """Run a management command as the application."""
        return management.run(self.seen, *words, told=lambda line: None)

    def stop(self) -> None:
        """Stop the processes politely; the database goes on."""
        self._over.set()
        if self._watcher:
            self._watcher.join()
        self.household.stop()

    def close(self) -> None:
        """Stop everything and forget the data."""
        self.stop()
        self.server.stop()
        place = (self.folder / "postgres").resolve()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)

    def _family(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            pid = self.household.children[0].pid
            return psutil.Process(pid).children() if pid else []
        return []
