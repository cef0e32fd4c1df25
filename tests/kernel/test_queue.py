"""Jobs: committed with their cause, run by a real worker, taken up again after a kill."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection, transaction

from cordee.kernel.jobs import rescue_stalled
from cordee.kernel.queue import later
from tests.support import queued


def worker() -> subprocess.Popen:
    url = settings.SERVER.app_url(settings.TEST_DATABASE)
    return subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--concurrency", "1"],
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.DEVNULL,
    )


def eventually(condition, seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.django_db(transaction=True)
def test_a_job_is_queued_only_if_its_cause_is_committed():
    def fail() -> None:
        with transaction.atomic():
            later("cordee.kernel.jobs.rescue_stalled")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert queued() == []

    with transaction.atomic():
        later("cordee.kernel.jobs.rescue_stalled")
    assert len(queued()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_runs_what_waits_and_what_a_killed_one_was_doing():
    later("cordee.kernel.jobs.rescue_stalled")
    with connection.cursor() as cursor:  # what a worker killed an hour ago leaves behind
        cursor.execute(
            """INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')
            RETURNING id"""
        )
        (dead,) = cursor.fetchone()
        cursor.execute(
            """INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)
            VALUES ('house', 'cordee.kernel.jobs.export_heads', 'doing', %s)""",
            [dead],
        )
    process = worker()
    try:
        assert eventually(lambda: not _left()), _left()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("silent", "rescued"), [(5, "doing"), (20, "todo")])
def test_a_worker_silent_for_a_quarter_of_a_minute_is_dead(silent, rescued):
    """A nurse must not wait a minute and a half for a text because a process fell."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat)
                VALUES (now() - make_interval(secs => %s)) RETURNING id)
            INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)
            SELECT 'house', 'cordee.kernel.jobs.export_heads', 'doing', id FROM worker""",
            [silent],
        )
        rescue_stalled()
        cursor.execute("SELECT status FROM procrastinate_jobs")
        assert cursor.fetchall() == [(rescued,)]


def _left() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, status FROM procrastinate_jobs WHERE status <> 'succeeded'"
        )
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_twin_waits_already_keeps_nobody_from_being_rescued():
    """A periodic job waits once: taken up again beside its twin, it stopped the whole rescue."""
    from cordee.kernel.jobs import rescue_stalled

    with connection.cursor() as cursor:
        for status, lock, code in (
            ("doing", "twin", "lost"),
            ("todo", "twin", "twin"),
            ("doing", None, "other"),
        ):
            cursor.execute(
                """INSERT INTO procrastinate_jobs
                    (queue_name, task_name, status, queueing_lock, args)
                VALUES ('house', 'cordee.kernel.jobs.make_months', %s, %s, %s)""",
                [status, lock, f'{{"code": "{code}"}}'],
            )

    rescue_stalled()

    assert sorted(args["code"] for _, _, args, _ in queued()) == ["other", "twin"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")
        assert cursor.fetchone() == (0,)
