"""The journal of calls: what machines asked, never about whom.

It is written behind the answers, in sets: a call a second or a hundred cost one write. What a
process that is killed had not written yet is lost, of this journal alone: the trace of who looked
at whom is written before each answer.
"""

import atexit
import logging
from collections.abc import Sequence
from datetime import datetime
from threading import Lock, Timer
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from cordee.kernel.http import tracing
from cordee.kernel.identifiers import uuid7
from cordee.kernel.prepared import run
from cordee.partners.rules.calls import named

log = logging.getLogger("cordee.partners")
MOST = 500  # that wait, after which they are written at once
_waiting: list[dict[str, Any]] = []
_lock = Lock()


def keep_call(
    client_id: UUID, asked: tuple[str, str], *, status: int, milliseconds: int, at: datetime
) -> None:
    """Keep one line, to be written within a second. `asked`: the method, and the path."""
    interaction, kind = named(*asked)
    call = {
        "id": uuid7(),
        "client_id": client_id,
        "at": at,
        "interaction": interaction,
        "resource_type": kind,
        "status": status,
        "milliseconds": milliseconds,
    }
    with _lock:
        _waiting.append(call)
        count = len(_waiting)
    if count >= MOST or not settings.CALLS_ARE_WRITTEN_WITHIN:
        _write(_taken())
    elif count == 1:
        later = Timer(settings.CALLS_ARE_WRITTEN_WITHIN, write_waiting)
        later.daemon = True
        later.start()


def write_waiting() -> None:
    """Write what waits, from a thread of its own; what cannot be written is counted in the log."""
    calls = _taken()
    try:
        _write(calls)
    except Exception:
        log.exception("%d calls of partners were not written", len(calls))
    finally:
        connection.close()


def _taken() -> list[dict[str, Any]]:
    with _lock:
        calls = _waiting[:]
        _waiting.clear()
    return calls


def _write(calls: Sequence[dict[str, Any]]) -> None:
    """Write lines by one statement, the same for one and for hundreds: none is made a record."""
    if calls:
        with tracing():
            run(_INSERT, [orjson.dumps(calls).decode()])


_COLUMNS = "id, client_id, at, interaction, resource_type, status, milliseconds"
_INSERT = f"""INSERT INTO partners_call ({_COLUMNS})
    SELECT {_COLUMNS} FROM json_populate_recordset(NULL::partners_call, %s)"""  # noqa: S608
atexit.register(write_waiting)
