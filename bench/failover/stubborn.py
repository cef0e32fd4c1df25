"""Clients that keep to one machine whatever becomes of it, while HAProxy leads the others away.

usage: python -m bench.failover.stubborn AFTER   (DATABASE_URL says which; over when its input
closes; AFTER how many blows they came, as no two of them may number their people alike)

Every write that was acknowledged to them is one line on its output.
"""

import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict
from threading import Thread
from typing import TYPE_CHECKING, Any

from bench.failover.history import Told
from host.screen import say

if TYPE_CHECKING:
    from bench.failover.load import Load

APART = 5_000  # its made-up people have other numbers than those of the other clients

BRIEF = 5.0  # seconds before they leave a word unsaid: their machine may never take it again


class Stubborn:
    """Such clients at work, as seen by whoever started them."""

    def __init__(self, url: str, after: int) -> None:
        self.told: list[Told] = []
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-W", "ignore", "-m", "bench.failover.stubborn", str(after)],
            env=os.environ | {"DATABASE_URL": url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._listener = Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self.told.append(Told(**json.loads(line)))

    def stop(self) -> None:
        """Let them finish their word, and hear it."""
        if self._process.stdin:
            self._process.stdin.close()
        self._listener.join()
        self._process.wait()


def at_work(**details: Any) -> "Load":
    """Return the load on the base that DATABASE_URL names, once the product is ready for it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # lines do break here
    from cordee.access.sight import house_from_the_start

    house_from_the_start()
    from bench.failover.load import Load

    return Load(**details)


def main() -> None:
    """Load the machine until the input closes."""
    load = at_work(also=lambda told: say(json.dumps(asdict(told))), persistence=BRIEF)
    _number_apart(APART * (1 + int(sys.argv[1])))
    racing = Thread(target=load.run)
    racing.start()
    sys.stdin.read()
    load.over.set()
    racing.join()


def _number_apart(first: int) -> None:
    from factory.django import DjangoModelFactory

    made: list[Any] = [DjangoModelFactory]
    for one in made:
        made.extend(one.__subclasses__())
        one.reset_sequence(first, force=True)


if __name__ == "__main__":
    main()
