"""Run a management command in a process of its own, with just the addresses it needs."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from host.database import Addresses
from host.failures import DISK_FULL, CannotStart, speaks_of_a_full_disk

ROOT = Path(__file__).resolve().parent.parent
KEPT_FROM_PROCESSES = (
    *("DATABASE_URL", "CORDEE_OWNER_URL", "CORDEE_RETENTION_URL"),
    "PGOPTIONS",  # for whom a process reads, it says itself
)


def environ(addresses: Addresses, *, owner: bool = False) -> dict[str, str]:
    """Return what a child process sees: the owner's address only when it migrates."""
    seen = {name: value for name, value in os.environ.items() if name not in KEPT_FROM_PROCESSES}
    seen |= {"DATABASE_URL": addresses.app, "PYTHONUNBUFFERED": "1"}
    if owner:
        seen |= {"CORDEE_OWNER_URL": addresses.owner, "CORDEE_RETENTION_URL": addresses.retention}
    return seen


def manage(*words: str) -> list[str]:
    """Return the command line of a management command."""
    return [sys.executable, str(ROOT / "manage.py"), *words]


def run(seen: dict[str, str], *words: str, told: Callable[[str], None]) -> str:
    """Run a management command, telling each line it prints; return them all."""
    lines = []
    with subprocess.Popen(
        manage(*words),
        cwd=ROOT,
        env=seen,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                told(lines[-1])
        except BaseException:
            process.terminate()
            raise
    output = "\n".join(lines)
    if process.returncode == 0:
        return output
    if speaks_of_a_full_disk(output):
        raise CannotStart(DISK_FULL)
    last = next((line for line in reversed(lines) if line.strip()), "sans un mot")
    raise CannotStart(f"La commande « manage.py {' '.join(words)} » a échoué : {last.strip()}")
