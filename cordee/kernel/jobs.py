"""Jobs about the house itself: what a killed worker was doing is taken up again; heads leave each
night; months are made before they begin."""

from asgiref.sync import async_to_sync
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from cordee.kernel import heads, months
from cordee.kernel.queue import SILENCE, job


@job(queue="house", every="* * * * * */15")
def rescue_stalled() -> None:
    """Queue again the jobs of workers that no longer give a sign of life."""

    manager = app.job_manager
    for stalled in async_to_sync(manager.get_stalled_jobs)(seconds_since_heartbeat=SILENCE):
        try:
            async_to_sync(manager.retry_job)(stalled)
        except UniqueViolation:  # its twin of the next round waits already, and does the same
            async_to_sync(manager.finish_job_by_id_async)(stalled.id or 0, Status.FAILED, True)


@job(queue="house", every="10 3 * * *")
def export_heads() -> None:
    """Sign and export the heads of the threads, once a day."""
    heads.export_heads(folder=settings.CORDEE.data / "heads", now=timezone.now())


@job(queue="house", every="20 2 * * *")
def make_months() -> None:
    """Make the months to come, and place what fell beside. A month missed is made the next day."""
    months.make_ahead()
