"""One step of an import: a file is fetched, or some of its lines are read and written."""

import logging
from contextlib import closing
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest

from cordee.fhir.bulk.work import TRIES
from cordee.fhir.call import PREFIX, Call
from cordee.fhir.caller import Caller
from cordee.fhir.imports import selectors, services
from cordee.fhir.imports.cutting import cut
from cordee.fhir.imports.lines import Done, Line, Writer, placed, read, spoken_of
from cordee.fhir.imports.services import Turn
from cordee.fhir.outcome import Issue, outcome
from cordee.fhir.writing import encoded
from cordee.partners.gateways.files import TooHeavy, fetch_file
from cordee.partners.gateways.outside import Unreachable

HEAVIEST = 100  # times what the door reads of one request: a file
log = logging.getLogger("cordee.fhir")


def fetched(turn: Turn, now: datetime) -> bool:
    """Fetch the file that an import is at, and keep its lines. Says whether there may be more.

    No transaction is open while the partner answers. What came of a file that is cut is let go.
    """
    longest = settings.CORDEE.fhir_largest
    try:
        with closing(fetch_file(selectors.address_of(turn.file), HEAVIEST * longest)) as pieces:
            if not services.bring(turn, cut(pieces, longest)):
                return False
    except TooHeavy:
        why = _why(turn, _too_heavy(HEAVIEST * longest))
        return services.not_brought(turn, why, now, for_good=True)
    except Unreachable:
        return services.not_brought(turn, _why(turn, UNREACHED), now)
    services.brought(turn, now)
    return True


def _why(turn: Turn, issue: Issue) -> bytes:
    return encoded(placed(outcome([issue]), turn.file.number))


class Step:
    """The lines that come next: all that wait in a part, or one by one once they have failed."""

    def __init__(self, turn: Turn, now: datetime) -> None:
        self.turn, self.upto = turn, turn.file.place
        self.lines = self._read()
        names, file, work = spoken_of(self.lines), turn.file, turn.work
        borne = selectors.held_as(work, names)
        former = selectors.brought_before(work, names - borne.keys()) if work.passes else {}
        is_last = services.is_last_passage(work)
        self.writer = Writer(_call(turn, now), file.number, file.kind, borne, former, is_last)

    def _read(self) -> list[Line]:
        place, part = self.upto, selectors.next_part(self.turn.file, whole=True)
        if part is None:
            return []
        place = max(place, part.number - 1)  # lines that waited have others between them
        raws = selectors.lines_of(part)[place + 1 - part.number :]
        if self.turn.work.tries > 1:
            raws = raws[:1]
        self.upto = place + len(raws)
        return [read(raw, number) for number, raw in enumerate(raws, place + 1) if raw.strip()]

    def done(self) -> Done:
        """Write them. Raises OperationalError: nothing of them is to be kept."""
        if self.turn.work.tries > TRIES:
            log.error("a line of an import broke its writing each time: it is left aside")
            return self.writer.give_up(self.lines)
        return self.writer.write(self.lines)


def _call(turn: Turn, now: datetime) -> Call:
    """The call that the system would make for each line."""
    where = urlsplit(turn.work.base)
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"{PREFIX}$import",
        "SERVER_NAME": where.hostname or "",
        "SERVER_PORT": str(where.port or (443 if where.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": where.netloc,
        "HTTP_PREFER": "return=minimal",
        "wsgi.url_scheme": where.scheme,
        "wsgi.input": BytesIO(),
    }
    request: Any = WSGIRequest(environ)
    request.now, request.actor = now, turn.actor
    return Call(request, Caller(turn.actor, turn.scopes, turn.work.client_id), now)


def _too_heavy(most: int) -> Issue:
    return Issue(
        "too-long",
        "import.too_heavy",
        f"Ce fichier dépasse {most} octets, {HEAVIEST} fois la limite d’une demande "
        "(CORDEE_FHIR_LARGEST), une fois décompressé s’il l’était : coupez-le. Rien n’en a été "
        "enregistré.",
        f"The file exceeds {most} bytes, the limit of this instance: cut it.",
    )


UNREACHED = Issue(
    "no-store",
    "import.unreached",
    "Ce fichier n’a pas pu être pris à son adresse, trois fois de suite. Rien n’en a été "
    "enregistré.",
    "The file could not be fetched at its address, three times. Nothing of it was stored.",
)
