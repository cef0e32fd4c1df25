"""What is done under a condition is done alone: nobody else begins the same meanwhile."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode

from django.db import transaction

from cordee.access import trace
from cordee.fhir.call import Call
from cordee.fhir.outcome import Refusal
from cordee.kernel.errors import Forbidden
from cordee.kernel.prepared import run


@contextmanager
def alone(call: Call, type_name: str, condition: str) -> Iterator[None]:
    """Hold a condition until the end of the transaction: who brings the same one waits, then looks.

    Without it, two partners who send the same person « unless she is there » both look before
    either wrote, and she is there twice. What is refused meanwhile, and whom it found, is traced
    once all is undone.
    """
    try:
        with trace.looks_that_last(), transaction.atomic():
            hold(type_name, [condition])
            yield
    except Forbidden as error:
        error.traced = False  # its trace was undone with the rest: the door writes it again
        raise
    except Refusal as refusal:
        if refusal.status in (403, 404):
            code = refusal.issues[0].code if refusal.issues else ""
            trace.refused(call.actor, f"fhir.{type_name.lower()}", reason=code)
        raise


def hold(type_name: str, conditions: Iterable[str]) -> None:
    """Hold conditions until the end of the transaction under way, in one order for all: two who
    hold several never wait for each other."""
    said = (urlencode(sorted(parse_qsl(one, keep_blank_values=True))) for one in conditions)
    run(HOLD, [[f"fhir/{type_name}?{same}" for same in said]])


HOLD = """SELECT pg_advisory_xact_lock(key) FROM (
    SELECT hashtextextended(one, 0) AS key FROM unnest(%s::text[]) AS one ORDER BY 1) AS asked"""
