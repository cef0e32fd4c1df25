"""Three PostgreSQL nodes under Patroni on loopback, etcd and HAProxy, from Debian's packages."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from host.failures import CannotStart
from host.needs import postgresql
from host.tenant import tenant

NODES = ("nord", "centre", "sud")
PATIENCE = 240.0  # seconds: a busy machine is slow, not broken

# The same settings as in docs/haute-disponibilite.md, with shorter delays.
SETTINGS = {
    "ttl": 20,
    "loop_wait": 4,
    "retry_timeout": 6,
    "maximum_lag_on_failover": 1_048_576,
    "synchronous_mode": True,
    "synchronous_mode_strict": True,
    "postgresql": {
        "use_pg_rewind": True,
        "use_slots": True,
        "parameters": {
            "max_connections": 60,
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "wal_log_hints": "on",
            "timezone": "UTC",
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        },
    },
}

HAPROXY = """
global
    maxconn 400
defaults
    mode tcp
    timeout connect 3s
    timeout client 10m
    timeout server 10m
    timeout check 3s
listen primary
    bind 127.0.0.1:{port}
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 1s fastinter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""


@dataclass
class Node:
    """One machine of the cluster: where PostgreSQL and Patroni listen."""

    name: str
    port: int
    rest: int
    running: subprocess.Popen[bytes] | None = None


@dataclass
class Cluster:
    """The three nodes, the store they agree in, and the door that leads to the primary."""

    folder: Path
    port: int = 0
    password: str = field(default_factory=lambda: secrets.token_hex(16))
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)

    def start(self) -> None:
        """Bring everything up, until one primary and two standbys answer. Raises CannotStart."""
        programs = postgresql()
        if programs is None:
            raise CannotStart("PostgreSQL de Debian manque : python -m host.needs failover")
        self._owner = tenant()
        self._owner.owns(self.folder)
        store, peer, self.port, *free = _free_ports(3 + 2 * len(NODES))
        self._run(
            "etcd", "--name", "seul", "--data-dir", str(self.folder / "etcd"),
            "--listen-client-urls", f"http://127.0.0.1:{store}",
            "--advertise-client-urls", f"http://127.0.0.1:{store}",
            "--listen-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-cluster", f"seul=http://127.0.0.1:{peer}",
        )  # fmt: skip
        for number, name in enumerate(NODES):
            node = Node(name, free[2 * number], free[2 * number + 1])
            self._write(f"{name}.yml", json.dumps(self._settings(node, store, programs)))
            self.nodes.append(node)
            self.revive(node)
            if number == 0:
                self._until(lambda: self.primary() is not None, "le premier serveur primaire")
        lines = "\n".join(
            f"    server {one.name} 127.0.0.1:{one.port} check port {one.rest}"
            for one in self.nodes
        )
        door = self._write("haproxy.cfg", HAPROXY.format(port=self.port, servers=lines))
        self._run("haproxy", "-f", str(door), "-db")
        self.until_whole()

    def until_whole(self) -> None:
        """Wait for one primary and two standbys that follow it, one of them in step."""
        self._until(self._is_whole, "une grappe de trois serveurs")

    def stop(self) -> None:
        """Kill everything that was started here, by its process, and forget the data."""
        for node in self.nodes:
            self.kill(node)
        for process in self.others:
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def primary(self) -> Node | None:
        """Return the node that takes writes, as Patroni says."""
        return next((node for node in self.nodes if _says(node) in ("master", "primary")), None)

    def kill(self, node: Node) -> None:
        """Make a machine vanish: PostgreSQL and Patroni, without a word (SIGKILL)."""
        if node.running is None:
            return
        doomed = [psutil.Process(node.running.pid), *self._postgres_of(node)]
        for process in doomed:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        node.running.wait()
        node.running = None

    def revive(self, node: Node) -> None:
        """Plug a machine in again."""
        node.running = self._spawn(
            node.name, "/usr/bin/python3", "/usr/bin/patroni", str(self.folder / f"{node.name}.yml")
        )

    def url(self, role: str, password: str, dbname: str) -> str:
        """Return an address through the door."""
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{dbname}"

    def _postgres_of(self, node: Node) -> list[psutil.Process]:
        """Patroni starts PostgreSQL apart: its main process is in the file it keeps."""
        kept = self.folder / node.name / "postmaster.pid"
        with suppress(OSError, ValueError, IndexError, psutil.NoSuchProcess):
            main = psutil.Process(int(kept.read_text().split()[0]))
            if main.name().startswith("postgres"):
                return [main, *main.children(recursive=True)]
        return []

    def _is_whole(self) -> bool:
        if any(_says(node) is None for node in self.nodes):
            return False
        leader = self.primary()
        if leader is None:
            return False
        try:
            with urlopen(f"http://127.0.0.1:{leader.rest}/cluster", timeout=2) as answer:
                members = json.load(answer)["members"]
        except (OSError, ValueError):
            return False
        steps = {one["role"] for one in members if one["state"] in ("running", "streaming")}
        return len(members) == len(NODES) and "sync_standby" in steps

    def _settings(self, node: Node, store: int, programs: Path) -> dict[str, object]:
        roles = {
            role: {"username": name, "password": self.password}
            for role, name in (
                ("superuser", "postgres"),
                ("replication", "replicator"),
                ("rewind", "rewinder"),
            )
        }
        return {
            "scope": "cordee",
            "name": node.name,
            "restapi": _both(node.rest),
            "etcd3": {"hosts": f"127.0.0.1:{store}"},
            "bootstrap": {
                "dcs": SETTINGS,
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}],
            },
            "postgresql": _both(node.port)
            | {
                "data_dir": str(self.folder / node.name),
                "bin_dir": str(programs),
                "pgpass": str(self.folder / f"{node.name}.pgpass"),
                "authentication": roles,
                "parameters": {"unix_socket_directories": str(self.folder)},
                "pg_hba": [
                    "local all all scram-sha-256",
                    "host all all 127.0.0.1/32 scram-sha-256",
                    "host replication replicator 127.0.0.1/32 scram-sha-256",
                ],
            },
        }

    def _write(self, name: str, words: str) -> Path:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(words)
        self._owner.receives(path)
        return path

    def _run(self, *command: str) -> None:
        self.others.append(self._spawn(Path(command[0]).name, *command))

    def _spawn(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        owner = self._owner
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                command,
                cwd=self.folder,
                env={"PATH": os.defpath + ":/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=owner.uid if owner.drop else None,
                group=owner.gid if owner.drop else None,
                extra_groups=[] if owner.drop else None,
            )

    def _until(self, holds, awaited: str) -> None:  # type: ignore[no-untyped-def]
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                raise CannotStart(f"Attendu en vain : {awaited} (journaux : {self.folder}).")
            time.sleep(0.5)


def _says(node: Node) -> str | None:
    """Return the role a node gives itself; None when it does not answer."""
    with suppress(OSError, URLError, ValueError):
        with urlopen(f"http://127.0.0.1:{node.rest}/patroni", timeout=2) as answer:
            told = json.load(answer)
        return str(told["role"]) if told["state"] == "running" else None
    return None


def _both(port: int) -> dict[str, object]:
    return {"listen": f"127.0.0.1:{port}", "connect_address": f"127.0.0.1:{port}"}


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
