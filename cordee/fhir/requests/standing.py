"""Where a request stands, told to who sent it to a desk that is not theirs: that, and nothing more.

The words are those of the public page of a request, which tells nothing of health. A request that
was handed on is told as it stands where it went; what the desk holds for the 15 is told as active.
"""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor, Purpose
from cordee.fhir.assembly import SUBSETTED
from cordee.fhir.outcome import Json
from cordee.fhir.requests.words import ENDED, STATUS_REASON
from cordee.fhir.selectors import was_sent_by
from cordee.fhir.writing import instant
from cordee.intake import selectors
from cordee.intake.models import CareRequest
from cordee.intake.rules import State, public_line

YOURS = "Personne de votre demande"


def to_its_sender(actor: Actor, key: UUID) -> tuple[CareRequest, Json] | None:
    """A request, and what is told of it to the one that sent it; None to anybody else.

    Three queries, and one for each desk that it was handed to.
    """
    in_emergency = actor.purpose is Purpose.EMERGENCY
    if in_emergency or not was_sent_by(actor, "ServiceRequest", key):
        return None
    chain = selectors.standing_of(key)
    if not chain:
        return None
    row, last = chain[0], chain[-1]
    state = State(last.state)
    line = public_line(
        state, last.end_reason, light=last.is_light, searched=last.searching_at is not None
    )
    return row, {
        "resourceType": "ServiceRequest",
        "id": str(key),
        "meta": {
            "versionId": f"{len(chain)}-{line.code.replace('_', '-')}",
            "lastUpdated": instant(_since(last)),
            "tag": [SUBSETTED],
        },
        "extension": [
            {"url": STATUS_REASON, "valueCodeableConcept": {"text": line.sentence}},
        ],
        "status": ENDED.get(state, "active"),
        "intent": "order",
        "subject": {"display": YOURS},
    }


def _since(row: CareRequest) -> datetime:
    """When a request came to the state in which it is."""
    moments = (row.received_at, row.contacted_at, row.qualified_at, row.searching_at)
    later = (row.found_at, row.confirmed_at, row.ended_at)
    return max(one for one in (*moments, *later) if one)
