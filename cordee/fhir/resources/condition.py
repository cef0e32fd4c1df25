"""A problem or a need of a plan that is not met → Condition."""

from collections.abc import Sequence

from django.db.models import Q

from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import concept, filled, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.resources.goal import FEW_READ, protection_of
from cordee.fhir.search.either import Either
from cordee.fhir.search.parameters import Choice, Code, Moment, Parameter, Reference
from cordee.fhir.systems import CONDITION_CATEGORY, CONDITION_CLINICAL, ours, worded
from cordee.fhir.versions import LATELY, dated, lately
from cordee.plans import selectors
from cordee.plans.models import Need
from cordee.plans.rules.domains import Domain
from cordee.plans.rules.states import State

IN_A_LIST = worded(CONDITION_CATEGORY, "problem-list-item", "problème ou besoin")


def to_fhir(rows: Sequence[Need], seeing: Seeing) -> list[Json]:
    """Needs that their reader may read. No query."""
    return [_need(one) for one in rows]


def _need(row: Need) -> Json:
    status = "inactive" if row.plan.state == State.CLOSED.value else "active"
    return filled(
        {
            "meta": protection_of(row.category),
            "clinicalStatus": concept(CONDITION_CLINICAL, status),
            "category": [
                IN_A_LIST,
                concept(ours("plan-domain"), row.domain, Domain(row.domain).label),
            ],
            "code": {"text": row.words},
            "subject": reference("Patient", row.plan.person_id),
            "recordedDate": said(row.created_at),
        }
    )


ENDED = Q(plan__state=State.CLOSED.value)
SEARCH: dict[str, Parameter] = {
    "category": Either(
        Choice({"problem-list-item": Q()}, CONDITION_CATEGORY),
        Code("domain", {one.value: one.value for one in Domain}, ours("plan-domain")),
    ),
    "clinical-status": Choice({"active": ~ENDED, "inactive": ENDED}, CONDITION_CLINICAL),
    "patient": Reference({"Patient": "plan__person"}),
    "recorded-date": Moment("created_at"),
    "subject": Reference({"Patient": "plan__person"}),
}

MAPPING = Mapping(
    type="Condition",
    model=Need,
    rows=lambda actor: lately(selectors.need_records(actor), "plan"),
    found=lambda rows: rows.filter(removed_at=None),
    to_fhir=to_fhir,
    search=SEARCH,
    labels=FEW_READ,
    summary=("clinicalStatus", "category", "code", "subject", "recordedDate"),
    category_of=lambda row: str(row.category),
    version_of=lambda row: f"{row.version}.{dated(row.plan)}",
    moment=LATELY,
    is_gone=lambda row: row.removed_at is not None,
    note="A problem or a need in the words of a plan: it is no diagnosis, and carries no code.",
)
