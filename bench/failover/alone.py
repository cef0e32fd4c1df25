"""The embedded server killed again and again under load, and started again: is anything lost?

usage: python -m bench.failover.alone FOLDER   (exit code 1 when a promise was broken)
"""

import os
import signal
import sys
import time
from pathlib import Path
from threading import Thread

from bench.failover.history import judge
from bench.failover.stubborn import at_work
from host import management
from host.database import embedded
from host.postgres import Server
from host.screen import say, step

KILLS, BETWEEN, ENOUGH = 4, 1.5, 40


def main() -> int:
    """Prepare a durable house, load it, kill its server, judge."""
    data = Path(sys.argv[1])
    server = Server(data)
    addresses = embedded(server)
    try:
        with step("Tables et droits"):
            seen = management.environ(addresses, owner=True) | {"CORDEE_DATA": str(data)}
            management.run(
                seen, "prepare", "--verbosity=0", "--skip-checks", told=lambda line: None
            )
        os.environ |= {"DATABASE_URL": addresses.app, "CORDEE_DATA": str(data)}
        return _tried(server)
    finally:
        server.stop()


def _tried(server: Server) -> int:
    load = at_work()
    from bench.failover.load import held

    racing = Thread(target=load.run)
    racing.start()
    try:
        for _ in range(KILLS):
            said = len(load.told)
            while len(load.told) < said + ENOUGH:
                time.sleep(0.05)
            os.kill(server.postmaster or 0, signal.SIGKILL)
            server.revive()
            time.sleep(BETWEEN)
    finally:
        load.over.set()
        racing.join()
    faults = judge(load.told, held())
    yes = sum(1 for one in load.told if one.answer == "accepted")
    say(f"{KILLS} coups, {len(load.told)} écritures acquittées, {yes} oui, {load.broken} coupées.")
    for fault in faults:
        say(fault)
    return 1 if faults or not load.broken else 0


if __name__ == "__main__":
    sys.exit(main())
