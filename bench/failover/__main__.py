"""Kill the primary under load, twice, and judge what is left. Writes docs/bascule.md.

usage: python -m bench.failover
"""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import psycopg

from bench.failover.cluster import Cluster
from bench.failover.history import judge
from host import management, needs
from host.database import NAME, Addresses
from host.drill import moment
from host.failures import CannotStart
from host.postgres import APP, OWNER, RETENTION
from host.screen import detail, say, step

ROOT = Path(__file__).resolve().parent.parent.parent
REPORT = ROOT / "docs" / "bascule.md"
CALM = 15.0  # seconds of load before and after each blow


def main() -> int:
    """Run; return 1 when a promise was broken."""
    cluster = Cluster(Path("/var/lib/cordee") / f"failover-{os.getpid()}")
    try:
        needs.provide(["failover", "postgresql"])
        with step("Trois serveurs sous Patroni, etcd, HAProxy"):
            cluster.start()
        with step("Tables et droits"):
            addresses = _prepared(cluster)
        return _tried(cluster, addresses)
    except CannotStart as refusal:
        say(str(refusal))
        return 2
    finally:
        cluster.stop()


def _prepared(cluster: Cluster) -> Addresses:
    """Make the roles and the base as docs/exploitation.md says, and migrate."""
    password = cluster.password
    with psycopg.connect(cluster.url("postgres", password, "postgres"), autocommit=True) as admin:
        for role in (OWNER, APP, RETENTION):
            admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        admin.execute(f"CREATE DATABASE {NAME} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0")
        admin.execute(f"REVOKE ALL ON DATABASE {NAME} FROM PUBLIC")
        admin.execute(f"GRANT CONNECT ON DATABASE {NAME} TO {APP}, {RETENTION}")
    addresses = Addresses(*(cluster.url(one, password, NAME) for one in (APP, OWNER, RETENTION)))
    seen = management.environ(addresses, owner=True)
    management.run(seen, "prepare", "--verbosity=0", "--skip-checks", told=lambda line: None)
    return addresses


def _tried(cluster: Cluster, addresses: Addresses) -> int:
    os.environ["DATABASE_URL"] = addresses.app
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from cordee.access.sight import house_from_the_start

    house_from_the_start()
    from bench.failover.load import Load, held

    load, over = Load(), Event()
    racing = Thread(target=load.run, args=[over])
    racing.start()
    try:
        blows = [_blow(cluster, load, number) for number in (1, 2)]
    finally:
        over.set()
        racing.join()
    with step("Jugement de l’historique"):
        faults = judge(load.told, held())
    with step("Fils et trace"):
        seen = management.environ(addresses)
        proofs = [
            management.run(seen, verb, "--skip-checks", told=detail).splitlines()[-1]
            for verb in ("verify_thread", "verify_trace")
        ]
    told = _report(load, blows, faults, proofs)
    say()
    say(told)
    REPORT.write_text(told, encoding="utf-8")
    return 1 if faults else 0


def _blow(cluster: Cluster, load, number: int) -> tuple[str, str, float]:  # type: ignore[no-untyped-def]
    """Kill the primary under load; wait until writes go on; plug it in again."""
    with step(f"Coup n° {number} : le primaire disparaît sous la charge"):
        _until_more_is_said(load, 200)
        time.sleep(CALM)
        old = cluster.primary()
        if old is None:
            raise CannotStart("La grappe n’a plus de primaire avant le coup.")
        struck_at = time.monotonic()
        cluster.kill(old)
        said = len(load.told)
        while len(load.told) < said + 2 * 8:
            if time.monotonic() - struck_at > 240:
                raise CannotStart("Les écritures n’ont pas repris en quatre minutes.")
            time.sleep(0.2)
        after = [at for at in load.moments if at > struck_at + 0.5]
        silence = max(b - a for a, b in zip([struck_at, *after], after, strict=False))
        new = cluster.primary()
        time.sleep(CALM)
        cluster.revive(old)
        cluster.until_whole()
        return old.name, new.name if new else "?", silence


def _until_more_is_said(load, count: int) -> None:  # type: ignore[no-untyped-def]
    deadline, said = time.monotonic() + 240, len(load.told)
    while len(load.told) < said + count:
        if time.monotonic() > deadline:
            raise CannotStart("La charge n’avance pas.")
        time.sleep(0.2)


def _report(load, blows, faults, proofs) -> str:  # type: ignore[no-untyped-def]
    answered = sum(1 for one in load.told if one.what == "answered")
    yes = sum(1 for one in load.told if one.answer == "accepted")
    rows = "\n".join(
        f"| {number} | {old} | {new} | {silence:.1f} s |".replace(".", ",")
        for number, (old, new, silence) in enumerate(blows, 1)
    )
    verdict = (
        "Rien d’acquitté n’est perdu, chaque recherche a au plus un gagnant, rien n’est à moitié "
        "fait."
        if not faults
        else "Promesses rompues : " + " ; ".join(faults[:20])
    )
    words = [
        "# Essai de bascule\n",
        f"Écrit par `make test-ha` le {moment(datetime.fromtimestamp(time.time(), UTC))}, sur "
        f"{os.cpu_count()} cœurs, tout sur une machine : trois PostgreSQL 15 sous Patroni "
        "(réplication synchrone stricte), un etcd, HAProxy. À chaque coup, le primaire et son "
        "Patroni sont tués (SIGKILL) pendant que huit infirmières disent oui en même temps, sans "
        "relâche ; la machine tuée est ensuite rebranchée.\n",
        "| coup | tué | a pris la suite | écritures arrêtées |",
        "|---|---|---|---:|",
        f"{rows}\n",
        f"- Courses : {load.races}. Écritures acquittées : {len(load.told)}, dont {answered} "
        f"réponses et {yes} oui.",
        f"- Lignes coupées avant la réponse : {load.broken}, rejouées. Réglées par un essai dont "
        f"la réponse s’était perdue : {load.doubtful}.",
        f"- Fils : {proofs[0]}",
        f"- Trace : {proofs[1]}\n",
        f"**{verdict}**\n",
        "Refaire : `make test-ha` (Debian, en root, ou avec patroni, etcd-server, haproxy, "
        "python3-etcd et postgresql installés).\n",
    ]
    return "\n".join(words)


if __name__ == "__main__":
    sys.exit(main())
