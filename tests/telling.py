"""Failures told at once: a run that is cut before its summary has named them all the same."""

import time
from collections import Counter

import pytest

PACE = 60  # seconds between two lines that say how far we are
LONGEST = 20  # files named at the end
WIDTH = 240  # characters of an error that one line holds


def pytest_configure(config: pytest.Config) -> None:
    """One teller a run: the workers of xdist send what they found to the process that prints."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Teller(config), "teller")


class Teller:
    """Writes `ÉCHEC test (seconds) : where, and the first line of what was wrong`."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.began = self.said = time.monotonic()
        self.ended = self.failed = 0
        self.files: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test went through a phase: told if it failed, counted once it ended."""
        if report.failed:
            self._fails(f"{report.nodeid} ({report.duration:.1f} s)", report)
        self.ended += report.when == "teardown"
        self.files[report.nodeid.partition("::")[0]] += report.duration
        if time.monotonic() - self.said >= PACE:
            minutes = (time.monotonic() - self.began) / 60
            self._say(f"{self.ended} finis, {self.failed} en échec, {minutes:.0f} min")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be read is told as a test that fails."""
        if report.failed:
            self._fails(report.nodeid, report)

    def pytest_terminal_summary(self) -> None:
        """Say where the time went, which is the order that tests/conftest.py should begin with."""
        longest = [f"{took:.0f} s {file}" for file, took in self.files.most_common(LONGEST)]
        self._say("Les plus longs : " + ", ".join(longest))

    def _fails(self, what: str, report: pytest.TestReport | pytest.CollectReport) -> None:
        self.failed += 1
        self._say(f"ÉCHEC {what} : {_in_a_line(report)}")

    def _say(self, line: str) -> None:
        self.said = time.monotonic()
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        terminal.write(f"\n{line}\n", flush=True)


def _in_a_line(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Where it broke and what was said first; what has no trace says its last line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        lines = str(report.longrepr).split("\n")
        return next((line for line in reversed(lines) if line.strip()), "sans un mot")[:WIDTH]
    return f"{crash.path}:{crash.lineno} {crash.message.strip().splitlines()[0]}"[:WIDTH]
