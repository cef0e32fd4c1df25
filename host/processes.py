"""The processes of the house: started, watched, restarted when they fall, stopped by their pid."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from host.screen import say

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY = 60.0  # seconds after which a process that ran is not held to have fallen at its start
PATIENCE = 10.0  # seconds between a polite stop and a kill
KEPT_LOG = 5_000_000  # octets
PR_SET_PDEATHSIG = 1
REFUSED = 78  # the exit code of a process that will not run on these settings, however often


@dataclass
class Child:
    """One process of the house."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    log: Path
    inherits: tuple[int, ...] = ()
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    falls: int = 0
    code: int | None = None
    reinforces: bool = False  # joins once the house is healthy, so as not to slow its start

    @property
    def pid(self) -> int | None:
        """The pid while the process runs."""
        return self.running.pid if self.running and self.running.poll() is None else None

    def start(self) -> None:
        """Start the process, apart from the terminal, tied to the life of the house."""
        self.log.parent.mkdir(exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > KEPT_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=self.inherits,
                start_new_session=True,
                preexec_fn=_die_with_the_house,  # noqa: PLW1509 (no thread runs by then)
            )
        self.started_at = time.monotonic()

    def fell(self) -> int | None:
        """Return the exit code of a process that has just ended, once."""
        code = self.running.poll() if self.running else None
        if code is None:
            return None
        self.running, self.code = None, code
        self.falls = 1 if time.monotonic() - self.started_at > STEADY else self.falls + 1
        self.due_at = time.monotonic() + self.pause
        return code

    @property
    def last_word(self) -> str:
        """The last line the process wrote, where a refusal stands."""
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
                    f"{child.pause:.0f} s. Journal : {child.log}"
                )
            elif child.running is None and not child.reinforces and _now_due(child):
                child.start()
                say(f"Le processus « {child.name} » est relancé.")

    def watch(self, stopping: Callable[[], bool]) -> None:
        """Tend the processes until it is time to stop."""
        while not stopping():
            self.tend()
            time.sleep(0.2)

    def stop(self) -> None:
        """Ask each process to stop, then kill those that did not within the patience."""
        for child in self.children:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for child in self.children:
            if child.running is None:
                continue
            try:
                child.running.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.running.wait()
            child.running = None


def _signal(child: Child, number: signal.Signals) -> None:
    """Send a signal to a process and to what it started, which share its group."""
    if child.pid is not None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)


def _now_due(child: Child) -> bool:
    return time.monotonic() >= child.due_at


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"


def _die_with_the_house() -> None:
    """Have the kernel stop this process if the house itself is killed."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
