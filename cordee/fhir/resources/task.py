"""A line of the worklist → Task. It is opened and settled by facts; some are settled by hand."""

from collections.abc import Sequence

from django.db.models import Q

from cordee.access.actor import Role
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import concept, filled, period, reference, said
from cordee.fhir.incoming import local
from cordee.fhir.outcome import Json, unprocessable
from cordee.fhir.search.either import Standing
from cordee.fhir.search.parameters import (
    Asking,
    Choice,
    Code,
    Made,
    Moment,
    Parameter,
    Reference,
    Span,
)
from cordee.fhir.systems import ours
from cordee.fhir.unchanged import refuse_other_changes, without
from cordee.pathways import selectors, services
from cordee.pathways.models import Task
from cordee.pathways.rules.kinds import KINDS

SETTLED = {Task.State.DONE: "completed", Task.State.DROPPED: "cancelled"}
PRIORITIES = {
    Task.Urgency.NOW: "stat",
    Task.Urgency.TONIGHT: "asap",
    Task.Urgency.SOON: "urgent",
    Task.Urgency.NORMAL: "routine",
    Task.Urgency.PLANNED: "routine",
}
ABOUT = {
    "intake/request": "ServiceRequest",
    "liaison/note": "DocumentReference",
    "plans/plan": "CarePlan",
    "vigilance/alert": "Flag",
}
"""What another room gave rise to, and the resource that it is."""
ROLES = {role.value: role.label for role in Role}


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Task], seeing: Seeing) -> list[Json]:
    """Lines of the worklist. No query."""
    return [_task(one, seeing) for one in rows]


def _task(row: Task, seeing: Seeing) -> Json:
    return filled(
        {
            "status": _status(row, seeing),
            "businessStatus": _later(row, seeing),
            "intent": "order",
            "priority": PRIORITIES[Task.Urgency(row.urgency)],
            "code": concept(ours("task-kind"), row.kind, KINDS[row.kind].asks),
            "focus": _focus(row.origin),
            "for": reference("Patient", row.person_id),
            "executionPeriod": period(row.since_at, row.settled_at),
            "authoredOn": said(row.since_at),
            "lastModified": said(row.updated_at),
            "requester": reference("Organization", row.organization_id, row.organization.name),
            "performerType": [concept(ours("role"), row.role, ROLES.get(row.role, ""))]
            if row.role in ROLES
            else [],
            "owner": _owner(row),
            "restriction": {"period": period(None, row.due_at)} if row.due_at else {},
        }
    )


def _is_later(row: Task, seeing: Seeing) -> bool:
    until = row.snoozed_until
    return row.state == Task.State.OPEN and until is not None and until > seeing.now


def _status(row: Task, seeing: Seeing) -> str:
    if _is_later(row, seeing):
        return "on-hold"
    return SETTLED.get(Task.State(row.state), "requested")


def _later(row: Task, seeing: Seeing) -> Json:
    return {"text": "reportée"} if _is_later(row, seeing) else {}


def _focus(origin: str) -> Json:
    room, kind, key, *_ = (*origin.split("/"), "", "")
    named = local(f"{ABOUT.get(f'{room}/{kind}', '')}/{key}")
    return reference(*named) if named else {}


def _owner(row: Task) -> Json:
    """Who holds it, by name: an account is no resource; else the team."""
    if row.assignee is not None:
        return {"type": "Practitioner", "display": row.assignee.name}
    return reference("Organization", row.organization_id, row.organization.name)


# --- in ----------------------------------------------------------------------------------------

SAID = (
    *("status", "businessStatus", "intent", "priority", "code", "focus", "for", "owner"),
    *("executionPeriod", "authoredOn", "lastModified", "requester", "performerType"),
    "restriction",
)
MOVED = ("status", "businessStatus", "executionPeriod", "lastModified")
"""What changes as a task is done, whoever writes it down."""
MOVES = {"completed": services.settle, "requested": services.reopen}


def update(writing: Writing, row: Task) -> Task:
    """Say that a task is done, or open it again: the services of the room say which may be.

    Raises Refusal (422) for any other change, DomainError for what only its own gesture settles.
    """
    now = refuse_other_changes(MAPPING, row, writing, SAID, MOVED)
    wanted = writing.resource.get("status")
    if wanted == now["status"]:
        return row
    if wanted not in MOVES:
        raise unprocessable(
            "task.move",
            "Une tâche se termine (« completed ») ou se rouvre (« requested »), et rien d’autre. "
            "Rien n’a été modifié.",
            "A task is completed or requested again. Nothing was changed.",
            "Task.status",
        )
    if now["status"] == "on-hold" and wanted == "requested":
        return services.snooze(actor=writing.actor, task=row, until=None, now=writing.now)
    return MOVES[wanted](actor=writing.actor, task=row, now=writing.now)


# --- search ------------------------------------------------------------------------------------


def _statuses(asking: Asking) -> dict[str, Q]:
    later = Q(state=Task.State.OPEN, snoozed_until__gt=asking.now)
    return {
        "requested": Q(state=Task.State.OPEN) & ~Q(snoozed_until__gt=asking.now),
        "on-hold": later,
        "completed": Q(state=Task.State.DONE),
        "cancelled": Q(state=Task.State.DROPPED),
    }


def _by_focus(value: str, asking: Asking) -> Q:
    named = local(value.removeprefix(asking.base))
    rooms = {kind: room for room, kind in ABOUT.items()}
    if named is None or named[0] not in rooms:
        return Q(pk__in=[])
    return Q(origin=f"{rooms[named[0]]}/{named[1]}")


PRESSING = Choice(
    {
        code: Q(urgency__in=[one.value for one, said in PRIORITIES.items() if said == code])
        for code in ("stat", "asap", "urgent", "routine")
    },
    "http://hl7.org/fhir/request-priority",
)
SEARCH: dict[str, Parameter] = {
    "authored-on": Moment("since_at"),
    "code": Code("kind", {one: one for one in KINDS}, ours("task-kind")),
    "focus": Made("reference", _by_focus),
    "modified": Moment("updated_at"),
    "owner": Reference({"Organization": "organization"}),
    "patient": Reference({"Patient": "person"}),
    "performer": Code("role", {one: one for one in ROLES}, ours("role")),
    "period": Span("since_at", "settled_at"),
    "priority": PRESSING,
    "requester": Reference({"Organization": "organization"}),
    "status": Standing(_statuses, "http://hl7.org/fhir/task-status"),
    "subject": Reference({"Patient": "person"}),
}

MAPPING = Mapping(
    type="Task",
    model=Task,
    rows=selectors.records,
    to_fhir=to_fhir,
    update=update,
    answered_for=lambda resource: without(resource, SAID),
    search=SEARCH,
    lines=("pathways.task_id",),
    summary=(
        *("status", "businessStatus", "intent", "priority", "code", "focus", "for"),
        *("executionPeriod", "authoredOn", "lastModified", "requester", "owner"),
    ),
    category_of=lambda row: "coordination",
    places={"pathways.settles_itself": "status", "pathways.already_open": "status"},
    note="The worklist of the teams of the caller: what happened elsewhere opens a task; here, one "
    "that is done by hand is completed, or requested again.",
)
