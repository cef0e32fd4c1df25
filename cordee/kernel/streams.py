"""From a stream, which waits, to the database, which answers: elsewhere, and not for long."""

from collections.abc import Callable
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import connection

T = TypeVar("T")


async def elsewhere(function: Callable[..., T], *arguments: object) -> T:
    """Run what touches the database elsewhere, and give its connection back at once."""

    def run() -> T:
        try:
            return function(*arguments)
        finally:
            connection.close()

    return await sync_to_async(run, thread_sensitive=False)()
