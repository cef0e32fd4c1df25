"""The stem of the house: load the code once, then fork pages, worker and carriers' link.

One load instead of four: a start costs a third of the processor time, and the processes share the
memory of what they never change. Nothing here opens a connection: a fork must not share one.

usage: python -m host.prefork FD   (a listening socket, inherited from whoever starts this process)
"""

import os
import shutil
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment, read
from host.failures import CannotStart
from host.front import loading, serve, unless_refused
from host.health import wait_until_healthy
from host.processes import ITS_SIGNALS, REFUSED, Child, Household
from host.screen import say

COMMANDS = ("worker", "sms")


def load() -> None:
    """Import what the children will need. Raises ImproperlyConfigured."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with loading():
        import_module("config.live")  # sets Django up
        from django.conf import settings
        from django.core.management import get_commands, load_command_class

        for name in (
            settings.ROOT_URLCONF,
            *(path.rpartition(".")[0] for path in settings.MIDDLEWARE),
        ):
            import_module(name)
        for name in COMMANDS:
            load_command_class(get_commands()[name], name)


def count_together(folder: Path) -> None:
    """Have every process write what it counts in one folder, emptied at each start."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def children(environment: Environment, listener: socket.socket) -> list[Child]:
    """Return the processes of the house; the first pages come before the others."""
    logs = environment.data / "logs"

    def pages() -> int:
        return unless_refused(lambda: serve(environment, listener))

    web = [
        Child(f"web-{number}", pages, logs / f"web-{number}.log", reinforces=number > 1)
        for number in range(1, environment.processes + 1)
    ]
    return web + [Child(name, command(name), logs / f"{name}.log") for name in COMMANDS]


def command(name: str):  # type: ignore[no-untyped-def]
    """Return the body of a process that runs one management command."""

    def run() -> int:
        from django.core.management import call_command

        from cordee.access.sight import house_from_the_start

        house_from_the_start()
        return unless_refused(lambda: call_command(name))

    return run


def main() -> int:
    """Load, fork, watch, stop; a refusal is said in one sentence and never tried again."""
    household, stopping = Household(()), False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for number in ITS_SIGNALS:
        signal.signal(number, stop)
    try:
        environment = read(os.environ)
        count_together(environment.data / "metrics")
        load()
        household = Household(children(environment, socket.socket(fileno=int(sys.argv[1]))))
        household.start()
        wait_until_healthy(environment, household, lambda: stopping)
        household.reinforce()
        household.watch(lambda: stopping)
    except (ImproperlyConfigured, CannotStart) as refusal:
        say(str(refusal))
        return REFUSED
    finally:
        household.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
