"""What a desk looks at over a whole region: the coverage, the fairness of its searches, the end of
its duty. Baseline: the goal.

BENCH_PERSONS says how large the region is (20,000 by default). Pages go through the whole house,
signed in as the orienteuse of the busiest desk, in one process.
"""

import statistics
import sys
from collections.abc import Callable

from django.db.models import Count
from django.test import Client
from django.utils import timezone

from bench.house import peopled
from bench.locked import signed_in
from bench.persons import SIZE, p95, timed
from bench.registry import job
from cordee.directory import selectors
from cordee.directory.kinds import NURSING
from cordee.directory.models import Commune

WARM, TIMES = 3, 40
COVERAGE, PAGE = 100.0, 300.0


@job(
    "coverage of a région; baseline: the goal",
    unit="ms (p95)",
    goal="≤ 100 ms",
    is_reached=lambda ours, baseline: ours <= baseline,
)
def coverage() -> tuple[float, float]:
    """Count who could come to each commune of the région that has most of them."""
    peopled(SIZE)
    known = Commune.objects.filter(is_current=True)
    region = known.values("region").annotate(held=Count("pk")).order_by("-held", "region")[0]
    codes = list(known.filter(region=region["region"]).values_list("pk", flat=True))

    def count() -> None:
        assert len(selectors.coverage(NURSING[0], codes, timezone.now())) == len(codes)  # noqa: S101

    return _seen(f"coverage of {len(codes)} communes", count), COVERAGE


@job(
    "fairness page of the busiest desk; baseline: the goal",
    unit="ms (p95)",
    goal="≤ 300 ms",
    is_reached=lambda ours, baseline: ours <= baseline,
)
def fairness() -> tuple[float, float]:
    """Compare whom the desk asked with the hours that each had declared."""
    return _page("/recherches/equite/", "Équité"), PAGE


@job(
    "end of duty of the busiest desk; baseline: the goal",
    unit="ms (p95)",
    goal="≤ 300 ms",
    is_reached=lambda ours, baseline: ours <= baseline,
)
def end_of_duty() -> tuple[float, float]:
    """Look at who keeps each open request until morning."""
    return _page("/appels/fin-de-service", "Fin de service"), PAGE


def _page(path: str, mark: str) -> float:
    peopled(SIZE)
    browser = signed_in()
    return _seen(path, lambda: _asked(browser, path, mark))


def _asked(browser: Client, path: str, mark: str) -> None:
    response = browser.get(path)
    assert response.status_code == 200, response.status_code  # noqa: S101
    assert mark in response.content.decode()  # noqa: S101


def _seen(said: str, work: Callable[[], None]) -> float:
    for _ in range(WARM):
        work()
    durations = [timed(work) for _ in range(TIMES)]
    median, last = statistics.median(durations), p95(durations)
    sys.stdout.write(f"{said}: {SIZE} persons, p50 {median:.1f}, p95 {last:.1f} ms\n")
    return last
