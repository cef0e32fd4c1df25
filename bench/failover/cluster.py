"""Three machines, each with PostgreSQL, Patroni and a member of etcd, behind HAProxy: Debian's."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil

from bench.failover import layout, network
from bench.failover.network import HUB, Machine
from host.failures import CannotStart
from host.needs import postgresql
from host.tenant import tenant

NAMES = ("nord", "centre", "sud")
PATIENCE = 240.0  # seconds: a busy machine is slow, not broken


@dataclass
class Node:
    """What runs on one machine."""

    machine: Machine
    patroni: subprocess.Popen[bytes] | None = None
    etcd: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """Return the name of its machine."""
        return self.machine.name

    def says(self) -> dict[str, Any]:
        """Return what Patroni says of this node; nothing when it does not answer."""
        return _asked(f"http://{self.machine.outer}:8008/patroni")

    def reigns(self) -> bool:
        """Tell whether this node believes that it takes writes."""
        told = self.says()
        return told.get("state") == "running" and told.get("role") in ("master", "primary")

    def followers(self) -> dict[str, str]:
        """Return the standbys that follow this node: name → sync, async."""
        return {
            one["application_name"]: one["sync_state"]
            for one in self.says().get("replication", ())
            if one["state"] == "streaming"
        }

    def leads_the_vote(self) -> bool:
        """Tell whether its member of etcd is the one that the others follow."""
        told = _asked(f"http://{self.machine.outer}:2379/v3/maintenance/status", b"{}")
        return bool(told) and told["header"]["member_id"] == told.get("leader")

    def votes(self) -> bool:
        """Tell whether its member of etcd has a majority behind it."""
        return _asked(f"http://{self.machine.outer}:2379/health").get("health") == "true"


@dataclass
class Cluster:
    """The three nodes and the door that leads to the primary."""

    folder: Path
    password: str = field(default_factory=lambda: secrets.token_hex(16))
    nodes: list[Node] = field(default_factory=list)
    door: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Bring everything up, until one primary and two standbys answer. Raises CannotStart."""
        programs = postgresql()
        if programs is None:
            raise CannotStart("PostgreSQL de Debian manque : python -m host.needs failover")
        self._owner = tenant()
        self._owner.owns(self.folder)
        network.switch_on()
        for number, name in enumerate(NAMES, 11):
            self.nodes.append(Node(network.machine(name, number)))
        machines = [node.machine for node in self.nodes]
        for one in machines:
            settings = layout.patroni(one, machines, self.folder, programs, self.password)
            self._write(f"{one.name}.yml", json.dumps(settings))
        for node in self.nodes:
            self.revive_etcd(node)
        self._until(lambda: all(node.votes() for node in self.nodes), "une majorité d’etcd")
        for node in self.nodes:
            self._revive_patroni(node)
            self._until(lambda: self.primary() is not None, "le premier serveur primaire")
        written = self._write("haproxy.cfg", layout.haproxy(machines))
        self.door = self._spawn("haproxy", "haproxy", "-f", str(written), "-db")
        self.until_whole()

    def until_whole(self) -> None:
        """Wait for three members of etcd, one primary and two standbys, one of them in step."""
        self._until(self._is_whole, "une grappe de trois serveurs")

    def stop(self) -> None:
        """Kill everything that was started here, by its process, and keep the journals alone."""
        for node in self.nodes:
            self.kill(node)
            node.machine.vanish()
            shutil.rmtree(self.folder / node.name, ignore_errors=True)
            shutil.rmtree(self.folder / f"{node.name}-etcd", ignore_errors=True)
        if self.door:
            self.door.kill()
            self.door.wait()

    def forget(self) -> None:
        """Forget the journals too."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def primary(self, but: Node | None = None) -> Node | None:
        """Return the node that takes writes, as Patroni says; `but` one that may be mistaken."""
        return next((node for node in self.nodes if node is not but and node.reigns()), None)

    def in_step(self, primary: Node) -> Node | None:
        """Return the standby without which the primary acknowledges nothing."""
        followers = primary.followers()
        return next((node for node in self.nodes if followers.get(node.name) == "sync"), None)

    def voting(self) -> Node | None:
        """Return the node whose member of etcd leads."""
        return next((node for node in self.nodes if node.leads_the_vote()), None)

    def kill(self, node: Node) -> None:
        """Make a machine vanish: PostgreSQL, Patroni and etcd, without a word (SIGKILL)."""
        self.kill_etcd(node)
        if node.patroni is None:
            return
        doomed = [psutil.Process(node.patroni.pid), *self._postgres_of(node)]
        for process in doomed:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        node.patroni.wait()
        node.patroni = None

    def revive(self, node: Node) -> None:
        """Start a machine again."""
        self.revive_etcd(node)
        self._revive_patroni(node)

    def kill_etcd(self, node: Node) -> None:
        """Kill the member of etcd of one machine, and nothing else."""
        if node.etcd:
            node.etcd.kill()
            node.etcd.wait()
            node.etcd = None

    def revive_etcd(self, node: Node) -> None:
        """Start it again, on what it had written."""
        machines = [one.machine for one in self.nodes]
        words = layout.etcd(node.machine, machines, self.folder)
        node.etcd = self._spawn(f"{node.name}-etcd", *words, on=node.machine)

    def _revive_patroni(self, node: Node) -> None:
        words = ("/usr/bin/python3", "/usr/bin/patroni", str(self.folder / f"{node.name}.yml"))
        node.patroni = self._spawn(node.name, *words, on=node.machine)

    def url(self, role: str, dbname: str, host: str = HUB) -> str:
        """Return an address of the base: through the door, or straight to one machine."""
        return f"postgresql://{role}:{self.password}@{host}:5432/{dbname}"

    def _postgres_of(self, node: Node) -> list[psutil.Process]:
        """Patroni starts PostgreSQL apart: its main process is in the file it keeps."""
        kept = self.folder / node.name / "postmaster.pid"
        with suppress(OSError, ValueError, IndexError, psutil.NoSuchProcess):
            main = psutil.Process(int(kept.read_text().split()[0]))
            if main.name().startswith("postgres"):
                return [main, *main.children(recursive=True)]
        return []

    def _is_whole(self) -> bool:
        primary = self.primary()
        if primary is None or not all(node.votes() for node in self.nodes):
            return False
        return sorted(primary.followers().values()) == ["async", "sync"]

    def _write(self, name: str, words: str) -> Path:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(words)
        self._owner.receives(path)
        return path

    def _spawn(self, name: str, *words: str, on: Machine | None = None) -> subprocess.Popen[bytes]:
        command = [*on.enter(), *words] if on else [*words]
        if self._owner.drop:
            user = [f"--reuid={self._owner.uid}", f"--regid={self._owner.gid}", "--clear-groups"]
            command[-len(words) : -len(words)] = ["setpriv", *user]
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                command,
                cwd=self.folder,
                env={"PATH": os.defpath + ":/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _until(self, holds: Callable[[], bool], awaited: str) -> None:
        until(holds, f"Attendu en vain : {awaited} (journaux : {self.folder}).")


def until(holds: Callable[[], bool], otherwise: str) -> None:
    """Wait for a state; raise CannotStart with those words when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise CannotStart(otherwise)
        time.sleep(0.2)


def _asked(address: str, sent: bytes | None = None) -> dict[str, Any]:
    with suppress(OSError, ValueError), urlopen(address, sent, timeout=2) as answer:  # noqa: S310
        return dict(json.load(answer))
    return {}
