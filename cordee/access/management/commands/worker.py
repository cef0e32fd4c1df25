"""The worker: jobs, and the seal of the trace every few seconds."""

import logging
from threading import Event, Thread
from typing import Any

from django.core.management import BaseCommand
from django.core.management.base import CommandParser
from django.db import close_old_connections
from procrastinate.contrib.django import app

from cordee.access.seals import seal_pending
from cordee.kernel.apps import refuse_unless_ready
from cordee.kernel.queue import BEAT, SILENCE

logger = logging.getLogger("cordee.worker")
SEAL_EVERY = 5  # seconds


class Command(BaseCommand):
    help = "Exécute les tâches de fond et scelle la trace."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4)

    def handle(self, *, concurrency: int, **options: Any) -> None:
        refuse_unless_ready()
        stopping = Event()
        sealer = Thread(target=seal_until, args=[stopping], daemon=True)
        sealer.start()
        # Another app fetches, so that what jobs queue stays in their own transactions.
        fetching = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        try:
            fetching.run_worker(
                concurrency=concurrency,
                fetch_job_polling_interval=1,
                delete_jobs="successful",
                update_heartbeat_interval=BEAT,
                stalled_worker_timeout=SILENCE,
            )
        finally:
            stopping.set()
            sealer.join(timeout=SEAL_EVERY)


def seal_until(stopping: Event) -> None:
    while not stopping.wait(SEAL_EVERY):
        try:
            close_old_connections()
            seal_pending()
        except Exception:  # the next round tries again; a seal is never lost, only later
            logger.exception("seal")
