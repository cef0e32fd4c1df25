"""The national extraction of professionals brought in: two million lines, in bounded memory.

Ours is the command itself, in a process of its own: every line read and checked, compared with the
directory, versions, trace and report kept. Baseline: `bench/plainly.py`, the file read by Django's
`bulk_create` without a look at what is already there; over fewer lines, because its memory grows
with them, so both are given per line.
"""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import psycopg

from bench.house import DATA
from bench.registry import job
from cordee.directory import communes, sample
from host.management import ROOT, manage
from host.postgres import Server

LINES = int(os.environ.get("BENCH_LINES", "2000000"))
FEW = LINES // 10
BASELINE_LINES = 100_000


@dataclass(frozen=True)
class Cost:
    """What one import took."""

    seconds: float
    processor: float
    peak: float
    lines: int

    def micro(self, seconds: float) -> float:
        """Give a duration in microseconds per line."""
        return seconds / self.lines * 1e6


@job(
    "import of directory lines",
    unit="µs a line",
    goal="≤ 50 µs a line: 20,000 lines a second",
    is_reached=lambda ours, baseline: ours <= 50,
)
def import_of_directory_lines() -> tuple[float, float]:
    """Measure the wall time of the command and of the ORM."""
    ours, plainly = _ours(LINES), _plainly()
    return ours.micro(ours.seconds), plainly.micro(plainly.seconds)


@job(
    "import of directory lines, processor time, PostgreSQL included",
    unit="µs a line",
    goal="≤ 100 µs a line: 20,000 lines a second on two cores",
    is_reached=lambda ours, baseline: ours <= 100,
)
def processor_of_the_import() -> tuple[float, float]:
    """Measure what a busy machine does not change as much as wall time."""
    ours, plainly = _ours(LINES), _plainly()
    return ours.micro(ours.processor), plainly.micro(plainly.processor)


@job(
    "peak memory of the import, against ten times fewer lines",
    unit="MB",
    goal="flat: ≤ 1.1 × that of a tenth of the lines",
    is_reached=lambda ours, baseline: ours <= 1.1 * baseline,
)
def memory_of_the_import() -> tuple[float, float]:
    """Measure the largest resident set of the command for many lines and for few."""
    return _ours(LINES).peak, _ours(FEW).peak


@cache
def _ours(lines: int) -> Cost:
    file = _extraction(lines)
    return _measured(manage("import_rpps", str(file), "--apply"), lines)


@cache
def _plainly() -> Cost:
    file = _extraction(BASELINE_LINES)
    return _measured([sys.executable, "-m", "bench.plainly", str(file)], BASELINE_LINES)


def _extraction(lines: int) -> Path:
    """Write a made-up file, and forget the professionals that the last one brought."""
    server, file = Server(DATA), DATA / f"extraction-{lines}.txt"
    with psycopg.connect(server.superuser_url(dbname="cordee"), autocommit=True) as admin:
        admin.execute("TRUNCATE directory_practitioner CASCADE")
        admin.execute("CHECKPOINT")
    if not file.exists():
        places = [row for row in communes.shipped() if row.postal_codes]
        with file.open("w", encoding="utf-8") as out:
            sample.write(islice(sample.rpps_lines(lines, places), lines + 1), out)
    return file


def _measured(command: list[str], lines: int) -> Cost:
    server_before, began = _server_seconds(), time.perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    peak, ended = 0.0, 0
    while not ended:
        peak = max(peak, _high_water(child.pid))
        time.sleep(0.05)
        ended, status, used = os.wait4(child.pid, os.WNOHANG)
    seconds = time.perf_counter() - began
    if status:
        raise RuntimeError(f"{command[1]} ended with status {status}")
    time.sleep(1)  # its backend ends, and the server counts what it used
    return Cost(
        seconds=seconds,
        processor=used.ru_utime + used.ru_stime + _server_seconds() - server_before,
        peak=peak,
        lines=lines,
    )


def _high_water(pid: int) -> float:
    """Give the largest resident set so far, in MB; `ru_maxrss` would begin with that of a fork."""
    told = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+)", told)  # gone once the process has ended
    return int(found[1]) / 1024 if found else 0.0


def _server_seconds() -> float:
    """Give the processor time of the server and of its processes that have ended."""
    pid = (DATA / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
