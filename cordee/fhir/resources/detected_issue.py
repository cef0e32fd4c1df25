"""A rupture of a pathway, or what is close to be one → DetectedIssue.

Something that a protocol expects and that is late. It speaks of the pathway, never of health.
"""

from collections.abc import Sequence

from django.db.models import Q

from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import concept, filled, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Choice, Code, Moment, Parameter, Reference
from cordee.fhir.systems import ours
from cordee.protocols import selectors
from cordee.protocols.models import Rupture
from cordee.protocols.rules.outcomes import Cause, Standing

STATUSES = {
    Standing.AT_RISK: "preliminary",
    Standing.LATE: "registered",
    Standing.REPAIRED: "final",
    Standing.ACCEPTED: "final",
    Standing.WAIVED: "cancelled",
    Standing.LIFTED: "cancelled",
}


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Rupture], seeing: Seeing) -> list[Json]:
    """Ruptures as the register tells them. No query."""
    return [_rupture(one) for one in rows]


def _rupture(row: Rupture) -> Json:
    standing = Standing(row.standing)
    return filled(
        {
            "status": STATUSES[standing],
            "code": concept(ours("rupture-standing"), standing.value, standing.label),
            "severity": _severity(row),
            "patient": reference("Patient", row.pathway.person_id),
            "identifiedDateTime": said(row.found_at),
            "author": {"display": row.pathway.organization.name},
            "evidence": [{"code": [_cause(row)]}] if row.cause else [],
            "detail": row.expected,
            "mitigation": _ended(row),
        }
    )


def _severity(row: Rupture) -> str:
    """What cannot be undone weighs the most; what may still be avoided, the least."""
    if row.undone:
        return "high"
    return "low" if row.standing == Standing.AT_RISK.value else "moderate"


def _cause(row: Rupture) -> Json:
    return concept(ours("rupture-cause"), row.cause, Cause(row.cause).label)


def _ended(row: Rupture) -> list[Json]:
    if not row.words:
        return []
    return [filled({"action": {"text": row.words}, "date": said(row.ended_at)})]


# --- search ------------------------------------------------------------------------------------


def _standing(status: str) -> Q:
    return Q(standing__in=[one.value for one, word in STATUSES.items() if word == status])


SEARCH: dict[str, Parameter] = {
    "code": Code("standing", {one.value: one.value for one in Standing}, ours("rupture-standing")),
    "identified": Moment("found_at"),
    "patient": Reference({"Patient": "pathway__person"}),
    "status": Choice(
        {word: _standing(word) for word in dict.fromkeys(STATUSES.values())},
        "http://hl7.org/fhir/observation-status",
    ),
}

MAPPING = Mapping(
    type="DetectedIssue",
    model=Rupture,
    rows=selectors.rupture_records,
    to_fhir=to_fhir,
    search=SEARCH,
    lines=("protocols.rupture_id",),
    summary=("status", "code", "severity", "patient", "identifiedDateTime", "author"),
    category_of=lambda row: "coordination",
    note="What is late on a pathway, or close to be; an alert of home is a Flag.",
)
