"""One Patient read by its key, as machines ask all day long: two statements, and nothing between.

Whatever is not as usual is None here, and asked again the ordinary way (`fhir.instances.read`),
which alone refuses, narrows and explains. ADR 0050.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cordee.fhir.assembly import whole
from cordee.fhir.caller import Caller, caller_holding, refuse_too_fast
from cordee.fhir.contract import Seeing
from cordee.fhir.outcome import Refusal
from cordee.fhir.registry import mappings
from cordee.fhir.writing import encoded, versioned
from cordee.partners import selectors as partners

TYPE = "Patient"


@dataclass(frozen=True, slots=True)
class Read:
    """A resource as it leaves: its text, and the headers that say which version it is."""

    content: bytes
    headers: dict[str, str]


def admitted(authorization: str, now: datetime) -> Caller | None:
    """Who shows a token that lets them read any Patient whom they may see; one call of their rate
    is taken. None: nobody is, or not so. One statement, planned once."""
    kind, _, secret = authorization.partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        return None
    try:
        caller = caller_holding(partners.holder_of(secret.strip(), now))
    except partners.Unadmitted:
        return None
    is_narrow = caller.patient_id is not None or caller.scopes.parts(TYPE, "r")
    if is_narrow or not caller.scopes.allow(TYPE, "r"):
        return None
    try:
        refuse_too_fast(caller, now)
    except Refusal:  # nothing was taken: the ordinary way says how long to wait
        return None
    return caller


def read(caller: Caller, key: UUID, now: datetime) -> Read | None:
    """A Patient whom the caller sees, and the line of trace that says so. None: they see none.

    One statement, planned once.
    """
    mapping = mappings()[TYPE]
    found = mapping.quick(caller.actor, key) if mapping.quick else None
    if found is None:
        return None
    row, body = found
    (said,) = mapping.to_fhir([row], Seeing(caller.actor, now))
    resource = whole(mapping, row, said, body)
    return Read(encoded(resource), versioned(resource))
