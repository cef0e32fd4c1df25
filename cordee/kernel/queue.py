"""Jobs: queued in the same transaction as what makes them necessary, run at least once."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import wraps
from time import perf_counter
from typing import Any, NamedTuple

import orjson
from django.db import close_old_connections, connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from cordee.kernel import metrics
from cordee.kernel.hand import Hand, working
from cordee.kernel.spans import span

BEAT = 5.0  # seconds between two signs of life of a worker
SILENCE = 15.0  # without one for so long, it is dead, and its jobs are taken up again
known: dict[str, Callable[..., None]] = {}


def job(
    *, queue: str, attempts: int = 8, every: str | None = None, priority: int = 0
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a job, known by its dotted name.

    `attempts` counts the first try; waits grow exponentially. `every` is a cron line (minutes
    first), for what must be looked at again and again; `priority` lets it pass before the others.
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
        task = app.task(name=name, queue=queue, retry=retry, priority=priority)(run)
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


def later_once(name: str, *, lock: str, turn: str | None = None, **identifiers: Any) -> None:
    """Queue a job unless one of the same lock waits already, in the transaction under way.

    Those of one `turn` run one by one; without it, those of one lock do.
    """
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(
            name=name, allow_unknown=False, lock=turn or lock, queueing_lock=lock
        ).defer(**identifiers)


def is_queued(names: Sequence[str], **identifiers: Any) -> bool:
    """Whether a job of one of these names waits, or runs, for what is identified. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
            AND task_name = ANY(%s) AND args @> %s::jsonb)""",
            [list(names), orjson.dumps(identifiers).decode()],
        )
        (found,) = cursor.fetchone()
    return bool(found)


def living_workers() -> int:
    """How many workers gave a sign of life lately, this one at least. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM procrastinate_workers
            WHERE last_heartbeat > now() - make_interval(secs => %s)""",
            [SILENCE],
        )
        (count,) = cursor.fetchone()
    return max(1, int(count))


class Later(NamedTuple):
    """A job to queue: its dotted name, from when it may run, and what `later` takes."""

    name: str
    at: datetime | None
    identifiers: dict[str, Any]
    lock: str | None = None


DEFER = """SELECT procrastinate_defer_jobs_v1(ARRAY(
    SELECT job FROM json_populate_recordset(NULL::procrastinate_job_to_defer_v1, %s) AS job))"""
"""What the library runs; it would write out each job of thirty thousand as a literal."""


def later_many(jobs: Iterable[Later], *, by: Hand | None = None) -> None:
    """Queue many jobs, in this order and in one query, in the transaction under way; `by`: the hand
    that does it, where one is at work."""
    if listed := said_of(jobs):
        said = orjson.dumps(listed).decode()
        with working(by) as hand:
            hand.give(lambda cursor: cursor.execute(DEFER, [said]))


def said_of(jobs: Iterable[Later]) -> list[dict[str, Any]]:
    """Say jobs as the library keeps them."""
    waiting = list(jobs)
    names = known.keys() & {one.name for one in waiting}
    tasks = {name: app.configure_task(name=name, allow_unknown=False).job for name in names}
    return [
        {
            "queue_name": tasks[one.name].queue,
            "task_name": one.name,
            "priority": tasks[one.name].priority,
            "lock": one.lock,
            "args": one.identifiers,
            "scheduled_at": one.at,
        }
        for one in waiting
    ]
