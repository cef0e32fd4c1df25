"""The link to the carriers: what is in the outbox leaves, what comes back is heard."""

import asyncio
import contextlib
import signal
from dataclasses import replace
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import BaseCommand, CommandParser
from django.db import connection
from django.utils import timezone

from cordee.access.actor import SYSTEM, Origin
from cordee.kernel.apps import refuse_unless_ready
from cordee.messaging.gateways.choice import gateway_for
from cordee.messaging.models import Channel
from cordee.messaging.postman import Postman
from cordee.messaging.services.outbox import NOTIFY

AGAIN = 5  # seconds before listening again after the database went away; polling goes on meanwhile


class Command(BaseCommand):
    help = "Tient le lien avec les opérateurs : textos et courriels sortants, réponses et accusés."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--channel", choices=Channel.values, action="append", help="par défaut : les deux"
        )
        parser.add_argument("--hands", type=int, default=8, help="messages en vol à la fois")

    def handle(self, *, channel: list[str] | None, hands: int, **options: Any) -> None:
        refuse_unless_ready()
        postmen = [
            Postman(
                channel=Channel(name),
                gateway=gateway_for(Channel(name), settings.CORDEE),
                actor=replace(SYSTEM, origin=Origin.TEXT),
                clock=timezone.now,
                hands=hands,
            )
            for name in channel or Channel.values
        ]
        asyncio.run(carry(postmen))


async def carry(postmen: list[Postman]) -> None:
    """Run every postman until told to stop, waking them when something enters the outbox."""
    tasks = [asyncio.create_task(postman.run()) for postman in postmen]
    tasks.append(asyncio.create_task(listen(postmen)))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    watching = asyncio.create_task(stopping.wait())
    done, _ = await asyncio.wait([*tasks, watching], return_when=asyncio.FIRST_COMPLETED)
    for task in (*tasks, watching):
        task.cancel()
    await asyncio.gather(*tasks, watching, return_exceptions=True)  # links are closed politely
    for task in done - {watching}:
        task.result()  # what ends without being told to has failed: say it, and be started again


async def listen(postmen: list[Postman]) -> None:
    """Hear the outbox's bell; without it the postmen look by themselves every few seconds."""
    parameters = connection.get_connection_params()
    for ours in ("cursor_factory", "context", "pool"):
        parameters.pop(ours, None)
    while True:
        with contextlib.suppress(psycopg.Error):
            bell = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
            async with bell:
                await bell.execute(f"LISTEN {NOTIFY}")
                async for _ in bell.notifies():
                    for postman in postmen:
                        postman.wake()
        await asyncio.sleep(AGAIN)
