"""What each program is told: as in docs/haute-disponibilite.md, with shorter delays."""

import re
import subprocess
from pathlib import Path

from bench.failover.network import AMONG_MACHINES, HUB, TOWARDS_CLIENTS, Machine

PATRONI = {
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
            "wal_sender_timeout": "10s",
            "wal_receiver_timeout": "10s",
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
    bind {hub}:5432
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 1s fastinter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""


def haproxy(machines: list[Machine]) -> str:
    """Return the file of the door: what it leads to is what Patroni calls the primary."""
    servers = "\n".join(
        f"    server {one.name} {one.outer}:5432 check port 8008" for one in machines
    )
    return HAPROXY.format(hub=HUB, servers=servers)


def lock(version: tuple[int, ...]) -> str:
    """Return by which of etcd's two interfaces a version of Patroni keeps the lock safely.

    Until 3.0.2 (Debian 12), `etcd3` writes the lock without reading who holds it: a primary that
    comes back from isolation takes it from the one that reigns, and erases what was acknowledged.
    `etcd` compares before it writes.
    """
    return "etcd3" if version > (3, 0, 2) else "etcd"


def _version() -> tuple[int, ...]:
    told = subprocess.run(
        ["/usr/bin/patroni", "--version"], capture_output=True, text=True, check=True
    )
    return tuple(int(part) for part in re.findall(r"\d+", told.stdout))


def etcd(machine: Machine, machines: list[Machine], folder: Path) -> list[str]:
    """Return the command of one member of etcd; its heart beats slowly, as the disk is shared."""
    here = f"http://{machine.inner}"
    return [
        "etcd", "--name", machine.name, "--data-dir", str(folder / f"{machine.name}-etcd"),
        "--listen-client-urls", "http://0.0.0.0:2379",
        "--advertise-client-urls", f"{here}:2379",
        "--listen-peer-urls", f"{here}:2380",
        "--initial-advertise-peer-urls", f"{here}:2380",
        "--initial-cluster", ",".join(f"{one.name}=http://{one.inner}:2380" for one in machines),
        "--heartbeat-interval", "250", "--election-timeout", "2500",
        f"--enable-v2={str(lock(_version()) == 'etcd').lower()}",
    ]  # fmt: skip


def patroni(
    machine: Machine, machines: list[Machine], folder: Path, programs: Path, password: str
) -> dict[str, object]:
    """Return the settings of one node."""
    roles = {
        role: {"username": name, "password": password}
        for role, name in (
            ("superuser", "postgres"),
            ("replication", "replicator"),
            ("rewind", "rewinder"),
        )
    }
    return {
        "scope": "cordee",
        "name": machine.name,
        "restapi": {"listen": "0.0.0.0:8008", "connect_address": f"{machine.inner}:8008"},
        lock(_version()): {"hosts": [f"{one.inner}:2379" for one in machines]},
        "bootstrap": {"dcs": PATRONI, "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}]},
        "postgresql": {
            "listen": "0.0.0.0:5432",
            "connect_address": f"{machine.inner}:5432",
            "data_dir": str(folder / machine.name),
            "bin_dir": str(programs),
            "pgpass": str(folder / f"{machine.name}.pgpass"),
            "authentication": roles,
            "parameters": {"unix_socket_directories": ""},
            "pg_hba": [
                "host all all 127.0.0.1/32 scram-sha-256",
                "host replication replicator 127.0.0.1/32 scram-sha-256",
                f"host all all {AMONG_MACHINES}.0/24 scram-sha-256",
                f"host all all {TOWARDS_CLIENTS}.0/24 scram-sha-256",
                f"host replication replicator {AMONG_MACHINES}.0/24 scram-sha-256",
            ],
        },
    }
