"""Jobs: queued in the same transaction as what makes them necessary, run at least once."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from time import perf_counter
from typing import Any

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from cordee.kernel import metrics
from cordee.kernel.spans import span

known: dict[str, Callable[..., None]] = {}


def job(
    *, queue: str, attempts: int = 8, every: str | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a job, known by its dotted name.

    `attempts` counts the first try; waits grow exponentially. `every` is a cron line (minutes
    first), for what must be looked at again and again.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        name = f"{function.__module__}.{function.__name__}"

        @wraps(function)
        def run(**arguments: Any) -> None:
            arguments.pop("timestamp", None)
            close_old_connections()
            began, outcome = perf_counter(), "failed"
            try:
                with span(name, {}):
                    function(**arguments)
                outcome = "done"
            finally:
                close_old_connections()
                metrics.jobs.labels(name, outcome).inc()
                metrics.job_seconds.observe(perf_counter() - began)

        retry = RetryStrategy(max_attempts=attempts, exponential_wait=2)
        task = app.task(name=name, queue=queue, retry=retry)(run)
        if every:
            app.periodic(cron=every, periodic_id=name, queueing_lock=name)(task)  # type: ignore[arg-type]
        known[name] = function
        return function

    return decorate


def later(
    name: str, *, at: datetime | None = None, lock: str | None = None, **identifiers: Any
) -> None:
    """Queue a job by its dotted name, in the transaction under way.

    `lock` makes jobs of the same lock run one by one, in the order they were queued.
    """
    app.configure_task(name=name, allow_unknown=False, lock=lock, schedule_at=at).defer(
        **identifiers
    )
