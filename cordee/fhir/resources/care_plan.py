"""A personalised coordination plan → CarePlan, with its actions; problems and objectives beside.

Each line is read by what it tells: a reader finds neither those that are not theirs to read, nor a
trace of them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import OuterRef, Q, QuerySet

from cordee.access.actor import Actor
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import concept, filled, period, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Choice, Parameter, Reference, Span
from cordee.fhir.search.shown import Shown
from cordee.fhir.systems import ours
from cordee.fhir.versions import LATELY, beside, dated, lately
from cordee.plans import selectors
from cordee.plans.models import Activity, CarePlan, Goal, Need
from cordee.plans.rules.lines import Phase, Who
from cordee.plans.rules.rhythms import Rhythm
from cordee.plans.rules.states import State

TITLE = "Plan personnalisé de coordination en santé"
KIND = concept(ours("care-plan"), "ppcs", TITLE)
PHASES = {
    Phase.PROPOSED: "not-started",
    Phase.ACTIVE: "in-progress",
    Phase.DONE: "completed",
    Phase.STOPPED: "stopped",
}
WORDS = ("wishes", "strengths", "resources", "difficulties")


# --- out ---------------------------------------------------------------------------------------


def rows(actor: Actor) -> QuerySet[CarePlan]:
    """The plans that the actor may see, which change with the lines that they may read."""
    lines = [
        model.objects.visible_to(actor).filter(plan=OuterRef("pk"))
        for model in (Need, Goal, Activity)
    ]
    return lately(selectors.plan_records(actor), *lines)


def to_fhir(rows: Sequence[CarePlan], seeing: Seeing) -> list[Json]:
    """Plans with the lines that their reader may read. No query."""
    return [_plan(one) for one in rows]


def _plan(row: Any) -> Json:
    goals = {one.pk for one in row.goals}
    return filled(
        {
            "status": status_of(row),
            "intent": "plan",
            "category": [KIND],
            "title": TITLE,
            "subject": reference("Patient", row.person_id),
            "period": period(row.opened_at, row.closed_at),
            "created": said(row.opened_at),
            "author": reference("Organization", row.organization_id, row.organization.name),
            "contributor": [{"display": row.referent.name}] if row.referent else [],
            "addresses": [reference("Condition", one.pk) for one in row.needs],
            "goal": [reference("Goal", one.pk) for one in row.goals],
            "activity": [{"detail": _action(one, row, goals)} for one in row.actions],
            "note": [{"text": text} for text in _words(row)],
        }
    )


def status_of(row: CarePlan) -> str:
    """FHIR's word for where a plan stands; what was agreed to and is being done is active."""
    if row.is_under_way:
        return "active"
    return {State.REFUSED: "revoked", State.CLOSED: "completed"}.get(State(row.state), "draft")


def _words(row: CarePlan) -> Iterable[str]:
    """What she says of herself, each under its name."""
    for name in WORDS:
        if text := getattr(row, name):
            label = str(getattr(CarePlan._meta.get_field(name), "verbose_name", name))
            yield f"{label[:1].upper()}{label[1:]}\u00a0: {text}"


def _action(row: Activity, plan: CarePlan, goals: set[Any]) -> Json:
    return filled(
        {
            "goal": [reference("Goal", row.goal_id)] if row.goal_id in goals else [],
            "status": PHASES[Phase(row.phase)],
            "statusReason": {"text": row.stop_words} if row.stop_words else {},
            "description": row.words,
            **_when(row),
            "performer": list(_performers(row, plan)),
        }
    )


def _when(row: Activity) -> Json:
    days = period(row.first_on, row.done_on)
    if row.rhythm == Rhythm.ONCE.value:
        return {"scheduledPeriod": days}
    rhythm = {"text": row.get_rhythm_display()}
    return {"scheduledTiming": filled({"repeat": filled({"boundsPeriod": days}), "code": rhythm})}


def _performers(row: Activity, plan: CarePlan) -> Iterable[Json]:
    if row.who == Who.PERSON.value:
        yield reference("Patient", plan.person_id)
    elif row.member is not None:
        stay, name = row.member, selectors.name_of(row.member)
        found = (
            reference("Practitioner", stay.practitioner_id, name)
            or reference("Organization", stay.organization_id, name)
            or reference("RelatedPerson", stay.relative_id, name)
        )
        yield found or {"display": name}


# --- search ------------------------------------------------------------------------------------

UNDER_WAY = Q(in_force__isnull=False)
STATUSES = Choice(
    {
        "active": UNDER_WAY,
        "completed": Q(state=State.CLOSED.value),
        "draft": ~UNDER_WAY & ~Q(state__in=[State.CLOSED.value, State.REFUSED.value]),
        "revoked": Q(state=State.REFUSED.value),
    },
    "http://hl7.org/fhir/request-status",
)
SEARCH: dict[str, Parameter] = {
    "category": Choice({"ppcs": Q()}, ours("care-plan")),
    "condition": Shown({"Condition": "need_lines"}),
    "date": Span("opened_at", "closed_at"),
    "goal": Shown({"Goal": "goal_lines"}),
    "intent": Choice({"plan": Q()}, "http://hl7.org/fhir/care-plan-intent"),
    "patient": Reference({"Patient": "person"}),
    "status": STATUSES,
    "subject": Reference({"Patient": "person"}),
}

MAPPING = Mapping(
    type="CarePlan",
    model=CarePlan,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    lines=("plans.plan_id",),
    summary=("status", "intent", "category", "title", "subject", "period", "author", "goal"),
    category_of=lambda row: "coordination",
    version_of=lambda row: beside(dated(row), [*row.needs, *row.goals, *row.actions]),
    moment=LATELY,
    note="A plan is written and agreed to with the person, on its page: it is only read here.",
)
