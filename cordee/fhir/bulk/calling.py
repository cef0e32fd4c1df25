"""What is said of every work in bulk: who may ask, that it is apart, where it stands, whose it is.

Source: HL7, FHIR Asynchronous Request Pattern, as Bulk Data Access 2.0.0 has it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.http import HttpResponse

from cordee.access import trace
from cordee.fhir.bulk import selectors
from cordee.fhir.call import Call
from cordee.fhir.caller import OUT_OF_SCOPE
from cordee.fhir.models import BulkWork
from cordee.fhir.outcome import Issue, Refusal, absent, invalid, outcome
from cordee.fhir.rules.keeping import keeping
from cordee.fhir.writing import answered

Work = TypeVar("Work", bound=BulkWork)
NDJSON = "application/fhir+ndjson"
RETRY = 5  # seconds between two looks at a work
State = BulkWork.State


def refuse_others_than_systems(call: Call, verb: str) -> None:
    """Let a system alone ask, which administration registered. Raises Refusal (403), traced."""
    given = getattr(call.caller.scopes, "resources", ())
    if call.caller.client_id is None or any(one.context != "system" for one in given):
        trace.refused(call.actor, verb, reason="scope")
        raise Refusal(403, [OUT_OF_SCOPE])


def refuse_at_once(call: Call) -> None:
    """Ask that it be asked for apart. Raises Refusal (400)."""
    if "respond-async" not in call.prefers:
        raise invalid(
            "bulk.prefer",
            "Ce travail se fait à part : demandez-le par « Prefer: respond-async ».",
            "This operation is asynchronous: ask for it with Prefer: respond-async.",
        )


def own(call: Call, kind: type[Work], pk: UUID) -> Work:
    """A work of the client that calls. Raises Refusal (404), traced."""
    client_id = call.caller.client_id
    found = selectors.own(kind, call.actor, client_id, pk) if client_id else None
    if found is None:
        trace.refused(call.actor, f"{kind._meta.label_lower}.read", subject_id=pk)
        raise absent()
    return found


def refuse_unless_done(work: BulkWork, issues: Mapping[str, tuple[int, Issue]]) -> None:
    """Say why there is nothing to give: it was stopped, it broke, its time is past.

    Raises Refusal, with the status and words of its state; 404: it was cancelled.
    """
    if work.state == State.CANCELLED:
        raise absent()
    if work.state != State.DONE:
        status, issue = issues[work.state]
        raise Refusal(status, [issue])


def accepted(
    call: Call, issue: tuple[str, str, str], headers: dict[str, str] | None = None
) -> HttpResponse:
    """202, and a sentence that only informs."""
    informs = Issue("informational", *issue, severity="information")
    return answered(call.request, outcome([informs]), 202, headers)


def over_at(work: BulkWork) -> datetime:
    """Until when the files of a work wait."""
    ended = work.ended_at or work.asked_at + timedelta(days=1)
    return ended + keeping(ended).files
