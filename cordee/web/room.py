"""The disk of the house: its room, and what waits there for the backups.

When it is nearly full, writes stop with a sentence and reads go on.

The embedded server shares its disk with the house: a database that finds no room for its journal
stops altogether. So gestures are refused while there is still room for what a reader writes: a
session, the trace of what was read. A server elsewhere has its own keeper, and its own refusal.
"""

import errno
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from cordee.kernel.http import LooksAtViews
from cordee.web.middleware import said

RESERVE = 200_000_000  # octets
WHOLE = 24  # letters of the name of a file of PostgreSQL's journal
SIGN_IN = "compte"
DISK_FULL = "53100"  # how PostgreSQL says it
SENTENCE = (
    "Le disque du serveur est plein : rien ne peut s’enregistrer pour l’instant. Ce qui était "
    "enregistré est intact et se lit toujours."
)

TO_MACHINES = {
    "resourceType": "OperationOutcome",
    "issue": [
        {
            "severity": "error",
            "code": "no-store",
            "details": {"coding": [{"code": "web.disk_full"}], "text": SENTENCE},
            "diagnostics": "The disk of the server is full: nothing can be stored for now.",
        }
    ],
}


class EnoughRoom(LooksAtViews):
    """Middleware: refuse a gesture that could not be kept; let every look through."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Say it before anything is tried."""
        looks = request.method in ("GET", "HEAD", "OPTIONS") or getattr(view, "only_reads", False)
        if looks or request.path_info.split("/")[1] == SIGN_IN or has_room():
            return None
        return _full(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say it too when the disk, or the server, was faster."""
        return _full(request) if _speaks_of_a_full_disk(error) else None


def has_room() -> bool:
    """Tell whether the disk of the embedded server has more than the reserve; one system call."""
    cluster = settings.CORDEE.data / "postgres"
    return not cluster.exists() or shutil.disk_usage(cluster).free >= RESERVE


def journal_waits_since() -> datetime | None:
    """Since when something of the journal waits to leave for the backups, or nobody follows it.

    None where it is not kept (a server elsewhere, no folder of backups), or has not begun. A file
    of the journal has a name of 24 letters once it is whole; the one being written has more.
    """
    spool = settings.CORDEE.data / "journal"
    if not settings.CORDEE.backups or not spool.exists():
        return None
    files = dict[str, float]()
    for one in spool.iterdir():
        with suppress(FileNotFoundError):  # it has just left
            files[one.name] = one.stat().st_mtime
    whole = [at for name, at in files.items() if len(name) == WHOLE]
    last = max(files.values(), default=spool.stat().st_mtime)
    return datetime.fromtimestamp(min([*whole, last]), UTC)


def _full(request: HttpRequest) -> HttpResponse:
    if request.path_info.split("/")[1] == "fhir":
        response: HttpResponse = JsonResponse(TO_MACHINES, status=503)
        response.headers["Content-Type"] = "application/fhir+json; charset=utf-8"
    else:
        response = said(request, 503, SENTENCE, "web.disk_full")
    response.headers["Retry-After"] = "60"
    return response


def _speaks_of_a_full_disk(error: BaseException | None) -> bool:
    while error is not None:
        if getattr(error, "sqlstate", None) == DISK_FULL:
            return True
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__
    return False
