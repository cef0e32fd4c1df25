"""What is done under a condition is done alone: nobody else begins the same meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode

from django.db import connection, transaction

from cordee.access import trace
from cordee.fhir.call import Call
from cordee.fhir.outcome import Refusal
from cordee.kernel.errors import Forbidden


@contextmanager
def alone(call: Call, type_name: str, condition: str) -> Iterator[None]:
    """Hold a condition until the end of the transaction: who brings the same one waits, then looks.

    Without it, two partners who send the same person « unless she is there » both look before
    either wrote, and she is there twice. What is refused meanwhile, and whom it found, is traced
    once all is undone.
    """
    same = urlencode(sorted(parse_qsl(condition, keep_blank_values=True)))
    try:
        with trace.looks_that_last(), transaction.atomic():
            with connection.cursor() as cursor:
                key = f"fhir/{type_name}?{same}"
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
            yield
    except Forbidden as error:
        error.traced = False  # its trace was undone with the rest: the door writes it again
        raise
    except Refusal as refusal:
        if refusal.status in (403, 404):
            code = refusal.issues[0].code if refusal.issues else ""
            trace.refused(call.actor, f"fhir.{type_name.lower()}", reason=code)
        raise
