"""An objective of a plan, shared with the person → Goal. One that was not reached is kept."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import coding, filled, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Choice, Day, Parameter, Reference
from cordee.fhir.systems import CONFIDENTIALITY, GOAL_ACHIEVEMENT, worded
from cordee.fhir.versions import LATELY, dated, lately
from cordee.people.rules.sharing import PROTECTED, Category
from cordee.plans import selectors
from cordee.plans.models import Goal
from cordee.plans.rules.lines import Stage, Voice
from cordee.plans.rules.states import State

SETTLED = {Stage.REACHED: "completed", Stage.NOT_REACHED: "completed", Stage.GIVEN_UP: "cancelled"}
ENDED = {State.CLOSED: "cancelled", State.REFUSED: "rejected"}
ACHIEVED = {
    Stage.PURSUED: ("in-progress", "en cours"),
    Stage.REACHED: ("achieved", "atteint"),
    Stage.NOT_REACHED: ("not-achieved", "non atteint"),
}
SEEN_BY = "Ce qui montre que l’objectif est atteint"


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Goal], seeing: Seeing) -> list[Json]:
    """Objectives, each with its need when it may be read. One query, whatever their number."""
    needs = selectors.needs_read(seeing.actor, [one.need_id for one in rows if one.need_id])
    return [_goal(one, needs) for one in rows]


def _goal(row: Goal, needs: set[UUID]) -> Json:
    return filled(
        {
            "meta": protection_of(row.category),
            "lifecycleStatus": _status(row),
            "achievementStatus": worded(GOAL_ACHIEVEMENT, *ACHIEVED[Stage(row.stage)])
            if Stage(row.stage) in ACHIEVED
            else {},
            "description": {"text": row.words},
            "subject": reference("Patient", row.plan.person_id),
            "target": [{"measure": {"text": SEEN_BY}, "detailString": row.target}]
            if row.target
            else [],
            "statusDate": said(row.settled_on),
            "expressedBy": _voice(row),
            "addresses": [reference("Condition", row.need_id)] if row.need_id in needs else [],
            "note": [{"text": text} for text in _notes(row)],
        }
    )


def protection_of(category: str) -> Json:
    """What `meta` says of a line that is read by consent alone."""
    if Category(category) in PROTECTED:
        return {"security": [coding(CONFIDENTIALITY, "R")]}
    return {}


FEW_READ = {f"security|{CONFIDENTIALITY}|R": Q(category__in=[one.value for one in PROTECTED])}


def _status(row: Goal) -> str:
    if row.stage != Stage.PURSUED.value:
        return SETTLED[Stage(row.stage)]
    if row.plan.is_under_way:
        return "active"
    return ENDED.get(State(row.plan.state), "proposed")


def _voice(row: Goal) -> Json:
    if row.voice == Voice.PERSON.value:
        return reference("Patient", row.plan.person_id)
    return {"display": row.get_voice_display()}


def _notes(row: Goal) -> Iterable[str]:
    return filter(None, (row.why, row.outcome))


# --- search ------------------------------------------------------------------------------------

PURSUED = Q(stage=Stage.PURSUED.value)
UNDER_WAY = Q(plan__in_force__isnull=False)
REFUSED, CLOSED = Q(plan__state=State.REFUSED.value), Q(plan__state=State.CLOSED.value)
STATUSES = Choice(
    {
        "active": PURSUED & UNDER_WAY,
        "cancelled": Q(stage=Stage.GIVEN_UP.value) | (PURSUED & CLOSED),
        "completed": Q(stage__in=[Stage.REACHED.value, Stage.NOT_REACHED.value]),
        "proposed": PURSUED & ~UNDER_WAY & ~REFUSED & ~CLOSED,
        "rejected": PURSUED & REFUSED,
    },
    "http://hl7.org/fhir/goal-status",
)
SEARCH: dict[str, Parameter] = {
    "achievement-status": Choice(
        {code: Q(stage=one.value) for one, (code, _) in ACHIEVED.items()}, GOAL_ACHIEVEMENT
    ),
    "lifecycle-status": STATUSES,
    "patient": Reference({"Patient": "plan__person"}),
    "status-date": Day("settled_on"),
    "subject": Reference({"Patient": "plan__person"}),
}

MAPPING = Mapping(
    type="Goal",
    model=Goal,
    rows=lambda actor: lately(selectors.goal_records(actor), "plan"),
    found=lambda rows: rows.filter(removed_at=None),
    to_fhir=to_fhir,
    search=SEARCH,
    labels=FEW_READ,
    summary=("lifecycleStatus", "achievementStatus", "description", "subject"),
    category_of=lambda row: str(row.category),
    version_of=lambda row: f"{row.version}.{dated(row.plan)}",
    moment=LATELY,
    is_gone=lambda row: row.removed_at is not None,
    note="Objectives that were not reached are kept: they are the register that HAS asks for.",
)
