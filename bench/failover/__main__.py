"""Kill and isolate machines under load, and judge what is left. Writes docs/bascule.md.

usage: python -m bench.failover
"""

import os
import signal
import sys
from pathlib import Path
from tempfile import gettempdir
from threading import Thread

import psycopg

from bench.failover import network
from bench.failover.blows import Field
from bench.failover.cluster import Cluster
from bench.failover.history import judge
from bench.failover.report import report
from bench.failover.stubborn import at_work
from host import management, needs
from host.database import NAME, Addresses
from host.failures import CannotStart
from host.postgres import APP, OWNER, RETENTION
from host.screen import detail, say, step
from host.tenant import SHELTER

ROOT = Path(__file__).resolve().parent.parent.parent
REPORT = ROOT / "docs" / "bascule.md"


def main() -> int:
    """Run in a network of its own; return 1 when a promise was broken."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        if sys.argv[1:] != ["inside"]:
            needs.provide(["failover", "postgresql"])
            network.go_inside("bench.failover")
        shelter = SHELTER if os.geteuid() == 0 else Path(gettempdir())
        return _run(Cluster(shelter / f"failover-{os.getpid()}"))
    except CannotStart as refusal:
        say(str(refusal))
        return 2


def _run(cluster: Cluster) -> int:
    try:
        with step("Trois machines : etcd, PostgreSQL sous Patroni ; HAProxy"):
            cluster.start()
        with step("Tables et droits"):
            addresses = _prepared(cluster)
        field = _tried(cluster, addresses)
        faults = _judged(field, addresses)
    finally:
        cluster.stop()
    cluster.forget()
    return 1 if faults else 0


def _prepared(cluster: Cluster) -> Addresses:
    """Make the roles and the base as docs/exploitation.md says, and migrate."""
    with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as admin:
        for role in (OWNER, APP, RETENTION):
            admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{cluster.password}'")
        admin.execute(f"CREATE DATABASE {NAME} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0")
        admin.execute(f"REVOKE ALL ON DATABASE {NAME} FROM PUBLIC")
        admin.execute(f"GRANT CONNECT ON DATABASE {NAME} TO {APP}, {RETENTION}")
    addresses = Addresses(*(cluster.url(one, NAME) for one in (APP, OWNER, RETENTION)))
    seen = management.environ(addresses, owner=True)
    management.run(seen, "prepare", "--verbosity=0", "--skip-checks", told=lambda line: None)
    return addresses


def _tried(cluster: Cluster, addresses: Addresses) -> Field:
    """Give every blow under load."""
    os.environ["DATABASE_URL"] = addresses.app
    load = at_work()
    field = Field(cluster, load)
    racing = Thread(target=load.run)
    racing.start()
    try:
        field.strike_all()
    finally:
        load.over.set()
        racing.join()
    return field


def _judged(field: Field, addresses: Addresses) -> list[str]:
    """Judge what clients were told against what is held, and write the report."""
    from bench.failover.load import held

    with step("Jugement de l’historique"):
        faults = judge(field.told, held())
    told = report(field, faults, _proofs(addresses))
    say()
    say(told)
    REPORT.write_text(told, encoding="utf-8")
    return faults


def _proofs(addresses: Addresses) -> list[str]:
    with step("Fils et trace"):
        seen = management.environ(addresses)
        return [
            management.run(seen, verb, "--skip-checks", told=detail).splitlines()[-1]
            for verb in ("verify_thread", "verify_trace")
        ]


if __name__ == "__main__":
    sys.exit(main())
