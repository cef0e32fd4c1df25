"""The processes of the house: started, watched, restarted when they fall, stopped by their pid."""

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import NoReturn

from host.failures import CannotStart
from host.screen import say

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STDOUT, STDERR = 1, 2
TOO_MANY = 3  # falls in a row during a start
STEADY = 60.0  # seconds after which a process that ran is not held to have fallen at its start
PATIENCE = 10.0  # seconds between a polite stop and a kill
WITH_ITS_OWN = 2 * PATIENCE  # for a process that stops others: killed first, it would leave them
KEPT_LOG = 5_000_000  # octets
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
REFUSED = 78  # the exit code of a process that will not run on these settings, however often
ITS_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
fork = multiprocessing.get_context("fork")


def program(
    command: Sequence[str], environ: Mapping[str, str], *, inherits: int | None = None
) -> Callable[[], NoReturn]:
    """Return the body of a process that becomes another program; it may inherit one socket."""

    def become() -> NoReturn:
        if inherits is not None:
            os.set_inheritable(inherits, True)
        os.execve(command[0], list(command), environ)  # noqa: S606 (no shell is wanted)

    return become


@dataclass
class Child:
    """One process of the house."""

    name: str
    body: Callable[[], object]  # runs in the process; what it returns is the exit code
    log: Path | None = None  # without one it speaks where the house speaks
    running: ForkProcess | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    falls: int = 0
    code: int | None = None
    patience: float = PATIENCE
    reinforces: bool = False  # joins once the house is healthy, so as not to slow its start

    @property
    def pid(self) -> int | None:
        """The pid while the process runs."""
        return self.running.pid if self.running and self.running.is_alive() else None

    def start(self) -> None:
        """Start the process, apart from the terminal, tied to the life of the house."""
        if self.log:
            self.log.parent.mkdir(exist_ok=True)
            if self.log.exists() and self.log.stat().st_size > KEPT_LOG:
                self.log.replace(self.log.with_suffix(".log.1"))
            self.log.touch(mode=0o600)
        self.running = fork.Process(target=self._live, args=[os.getpid()], name=self.name)
        self.running.start()
        self.started_at = time.monotonic()

    def _live(self, parent: int) -> None:
        """Be the process: nothing of the parent stays but what it had loaded."""
        for number in ITS_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        _belong_to_the_house(self.name)
        if os.getppid() != parent:  # killed before the kernel was told to tie us
            sys.exit(1)
        if self.log:
            log = os.open(self.log, os.O_WRONLY | os.O_APPEND)
            for stream in (STDOUT, STDERR):
                os.dup2(log, stream)
        sys.exit(self.body())  # type: ignore[arg-type]

    def fell(self) -> int | None:
        """Return the exit code of a process that has just ended, once."""
        code = self.running.exitcode if self.running else None
        if code is None:
            return None
        self.running, self.code = None, code
        self.falls = 1 if time.monotonic() - self.started_at > STEADY else self.falls + 1
        self.due_at = time.monotonic() + self.pause
        return code

    @property
    def last_word(self) -> str:
        """The last line the process wrote, where a refusal stands."""
        if self.log is None:
            return "le démarrage s’arrête là."
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"voir {self.log}"

    @property
    def pause(self) -> float:
        """Seconds before the next start: longer after each fall in a row."""
        return min(FIRST_PAUSE * 2.0 ** (self.falls - 1), LONGEST_PAUSE)


class Household:
    """All the children, watched from one loop."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children

    def start(self) -> None:
        """Start every process that the house cannot do without."""
        for child in self.children:
            if not child.reinforces:
                child.start()

    def reinforce(self) -> None:
        """Start the others."""
        for child in self.children:
            if child.reinforces:
                child.reinforces = False
                child.start()

    def tend(self) -> None:
        """Look once: say which process fell, and start again those whose pause is over."""
        for child in self.children:
            code = child.fell()
            if code is not None:
                say(
                    f"Le processus « {child.name} » s’est arrêté ({_how(code)}) ; relance dans "
                    f"{child.pause:.0f} s." + (f" Journal : {child.log}" if child.log else "")
                )
            elif child.running is None and not child.reinforces and _now_due(child):
                child.start()
                say(f"Le processus « {child.name} » est relancé.")

    def refuse_falls(self) -> None:
        """End a start when a process refuses its settings, or does not hold. Raises CannotStart."""
        for child in self.children:
            if child.code == REFUSED:
                raise CannotStart(child.last_word)
            if child.falls >= TOO_MANY:
                raise CannotStart(
                    f"Le processus « {child.name} » ne tient pas : {child.last_word}"
                    + (f" (journal : {child.log})" if child.log else "")
                )

    def watch(self, stopping: Callable[[], bool]) -> None:
        """Tend the processes until it is time to stop."""
        while not stopping():
            self.tend()
            time.sleep(0.2)

    def stop(self) -> None:
        """Ask each process to stop, then kill those that did not within their patience."""
        for child in self.children:
            _signal(child, signal.SIGTERM)
        asked_at = time.monotonic()
        for child in self.children:
            if child.running is None:
                continue
            while child.pid is not None and time.monotonic() < asked_at + child.patience:
                time.sleep(0.02)  # `join` has no limit once the process became another program
            _signal(child, signal.SIGKILL)
            child.running.join()
            child.running = None


def _signal(child: Child, number: signal.Signals) -> None:
    """Send a signal to a process and to what it started, which share its group."""
    if child.pid is None:
        return
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:  # it has no group of its own yet, or has just ended
        with suppress(ProcessLookupError):
            os.kill(child.pid, number)


def _now_due(child: Child) -> bool:
    return time.monotonic() >= child.due_at


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"


def _belong_to_the_house(name: str) -> None:
    """Have the kernel stop this process if its parent is killed, and show its name in `top`."""
    with suppress(OSError, AttributeError):
        system = ctypes.CDLL(None)
        system.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        system.prctl(PR_SET_NAME, f"cordee-{name}".encode())
