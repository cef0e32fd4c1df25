"""What is counted while the house works: how many, how long. No identifier, no word of anybody.

Each process writes its own file when PROMETHEUS_MULTIPROC_DIR is set (the house sets it); whichever
process is asked adds them up.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Figures = Mapping[str, Sequence[tuple[Mapping[str, str], float]]]

requests = Counter("cordee_requests", "Pages answered.", ("door", "method", "status"))
request_seconds = Histogram(
    "cordee_request_seconds",
    "How long a page took.",
    ("method",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
jobs = Counter("cordee_jobs", "Jobs run.", ("job", "outcome"))
job_seconds = Histogram(
    "cordee_job_seconds", "How long a job took.", buckets=(0.01, 0.05, 0.25, 1, 5, 30, 120)
)


class Waiting(Collector):
    """What waits in the database, read when asked."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures

    def collect(self) -> Iterable[Metric]:
        """Give one gauge per figure."""
        for name, rows in self.figures.items():
            gauge = GaugeMetricFamily(name, name.replace("_", " "), labels=_labels(rows))
            for labels, value in rows:
                gauge.add_metric(list(labels.values()), value)
            yield gauge


class Together(MultiProcessCollector):
    """What every process counted, without those that have only just opened their file: it is empty
    for a moment, and the library reads a length in it. A process that starts cost an error."""

    def __init__(self, folder: str) -> None:
        super().__init__(None, folder)  # type: ignore[no-untyped-call]
        self.folder = Path(folder)

    def collect(self) -> Iterable[Metric]:
        """Add up what is written."""
        files = [str(one) for one in self.folder.glob("*.db") if one.stat().st_size]
        return cast(Iterable[Metric], self.merge(files))  # type: ignore[no-untyped-call]


def _labels(rows: Sequence[tuple[Mapping[str, str], float]]) -> list[str]:
    return list(rows[0][0]) if rows else []


def exposed(figures: Figures) -> bytes:
    """Write everything as Prometheus reads it."""
    registry = CollectorRegistry()
    registry.register(Waiting(figures))
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry.register(Together(folder))
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(REGISTRY)
