"""Opening, settling, putting off and handing over what waits."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.directory import selectors as directory
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.queue import later
from cordee.pathways import rules
from cordee.pathways.facts import TaskMoved, TaskOpened, TaskSettled
from cordee.pathways.models import Task
from cordee.pathways.policy import OWN

GIVING = {
    "pathways/line": "cordee.pathways.jobs.protected.give_action",
    "pathways/decision": "cordee.pathways.jobs.protected.give_decision",
}
"""Which job gives what nobody of a structure may read: a line of a plan, a decision."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is to be done, by whom, about what. `origin` is "room/kind/id"."""

    kind: str
    origin: str
    organization_id: UUID
    person_id: UUID | None = None
    assignee_id: UUID | None = None
    delay: str = ""
    deadline_at: datetime | None = None
    role: str = ""


@action("pathways.open", on=None)
def open_task(*, actor: Actor, ask: Ask, now: datetime) -> Task:
    """Put a task on the worklist of a structure; the same one, still open there, is left alone."""
    due = rules.due_at(ask.kind, now, ask.deadline_at)
    there = _is_there(ask.assignee_id, ask.organization_id, now)
    task, is_new = Task.objects.get_or_create(
        origin=ask.origin,
        kind=ask.kind,
        role=ask.role,
        state=Task.State.OPEN,
        organization_id=ask.organization_id,
        defaults={
            "box": rules.KINDS[ask.kind].box,
            "person_id": ask.person_id,
            "assignee_id": ask.assignee_id if there else None,
            "urgency": rules.urgency_of(ask.kind, ask.delay),
            "since_at": now,
            "due_at": due,
            "sorts_at": rules.sorts_at(now, due),
        },
    )
    if is_new:
        publish(
            TaskOpened(
                person_id=task.person_id,
                task_id=task.pk,
                task_kind=task.kind,
                organization_id=task.organization_id,
            )
        )
    return task


@action("pathways.settle", on="task")
def settle(*, actor: Actor, task: Task, now: datetime) -> Task:
    """Say that it is done. Raises DomainError for what only its own gesture settles."""
    _require_open(task)
    if task.kind not in rules.SETTLED_BY_HAND:
        raise DomainError(
            "pathways.settles_itself",
            "Cette tâche se termine d’elle-même quand le geste est fait. Elle reste dans votre "
            "liste : ouvrez-la pour le faire.",
        )
    return _numbered(_end(task, Task.State.DONE, actor, now))


@action("pathways.drop", on="task")
def drop(*, actor: Actor, task: Task, now: datetime) -> Task:
    """Take off the list what a later fact made pointless."""
    return task if task.state != Task.State.OPEN else _end(task, Task.State.DROPPED, actor, now)


@action("pathways.give_line", on="task")
def give_line(*, actor: Actor, task: Task, now: datetime) -> Task:
    """Give a line that nobody of the structure may read to those of the circle who may. It is not
    shown here. Raises DomainError (pathways.settled, pathways.no_line)."""
    _require_open(task)
    if task.kind != "give_line":
        raise DomainError("pathways.no_line", "Cette tâche ne confie aucune ligne.")
    room, _, pk = task.origin.rpartition("/")
    later(GIVING[room], line_id=pk)
    return _end(task, Task.State.DONE, actor, now)


@action("pathways.reopen", on="task")
def reopen(*, actor: Actor, task: Task, seen: int | None = None, now: datetime) -> Task:
    """Undo "done": whoever did it has it again, or the team once they left.

    Raises DomainError when the same task was opened again meanwhile, or moved since `seen`.
    """
    is_open = task.state == Task.State.OPEN
    if _is_undone(task, seen, is_open) or is_open:
        return task
    same = {name: getattr(task, name) for name in ("origin", "kind", "role", "organization_id")}
    if Task.objects.open().filter(**same).exists():
        raise DomainError(
            "pathways.already_open",
            "Cette tâche a déjà été rouverte. Rien n’est perdu : elle est dans votre liste.",
        )
    task.state, task.settled_at, task.settled_by_id = Task.State.OPEN, None, None
    if not _is_there(task.assignee_id, task.organization_id, now):
        task.assignee = None
    return _moved(task, "reopened", "state", "settled_at", "settled_by", "assignee")


@action("pathways.snooze", on="task")
def snooze(
    *, actor: Actor, task: Task, until: datetime | None, seen: int | None = None, now: datetime
) -> Task:
    """Put off until a moment; None brings back at once. Raises DomainError: moved since `seen`."""
    _require_open(task)
    if _is_undone(task, seen, task.snoozed_until == until):
        return task
    if until is not None and until <= now:
        raise DomainError(
            "pathways.past",
            "Ce moment est déjà passé. La tâche n’a pas bougé : choisissez un moment à venir.",
        )
    task.snoozed_until = until
    if until is not None:
        later("cordee.pathways.jobs.wake", at=until, task_id=str(task.pk))
    return _moved(task, "snoozed" if until else "woken", "snoozed_until")


@action("pathways.hand_over", on="task")
def hand_over(
    *, actor: Actor, task: Task, to: Account | None, seen: int | None = None, now: datetime
) -> Task:
    """Give to a colleague, take for oneself, or leave to the team (None).

    Raises DomainError for who left, or when the task moved since `seen`.
    """
    _require_open(task)
    if _is_undone(task, seen, task.assignee_id == (to.pk if to else None)):
        return task
    if to is not None and not to.is_active:
        raise DomainError(
            "pathways.inactive",
            "Ce compte n’est plus actif. La tâche reste où elle était : choisissez quelqu’un "
            "d’autre.",
        )
    task.assignee = to
    return _moved(task, "handed_over", "assignee")


def pass_on(*, actor: Actor, task: Task, to: Account | None, now: datetime) -> Task:
    """Follow what a fact gave to somebody; once they left, it is on the list of the team."""
    if to is None or not _is_there(to.pk, task.organization_id, now):
        return give_back(actor=actor, task=task, now=now)
    return hand_over(actor=actor, task=task, to=to, now=now)


def give_back(*, actor: Actor, task: Task, now: datetime) -> Task:
    """Who held it left: it goes to the team, or off the list when nobody else may open it."""
    if task.role == OWN:
        return drop(actor=actor, task=task, now=now)
    return hand_over(actor=actor, task=task, to=None, now=now)


def _is_there(holder: UUID | None, organization: UUID, now: datetime) -> bool:
    """Whether somebody holds a task and works there: nobody else would look at their list."""
    return holder is not None and directory.is_member(holder, organization, now)


def _is_undone(task: Task, seen: int | None, is_as_before: bool) -> bool:
    """Whether nothing is left to undo: the same button was pressed twice.

    `seen`: the version that the gesture left, which alone is undone. Raises DomainError when the
    task moved otherwise since: what a colleague did stands.
    """
    if seen in (None, task.version):
        return False
    if is_as_before and task.version - 1 == seen:
        return True
    raise DomainError(
        "pathways.moved_since",
        "La tâche a bougé depuis : quelqu’un l’a prise, confiée, reportée ou terminée. Rien n’a "
        "été annulé : elle reste comme vous la trouverez dans la liste.",
    )


def _require_open(task: Task) -> None:
    if task.state != Task.State.OPEN:
        raise DomainError(
            "pathways.settled",
            "Cette tâche vient d’être terminée par quelqu’un d’autre. Rien n’est à refaire.",
        )


def _end(task: Task, state: str, actor: Actor, now: datetime) -> Task:
    task.state, task.settled_at, task.settled_by_id = state, now, actor.account_id
    task.save(update_fields=["state", "settled_at", "settled_by", "updated_at"])
    publish(
        TaskSettled(
            person_id=task.person_id,
            task_id=task.pk,
            task_kind=task.kind,
            organization_id=task.organization_id,
            state=state,
        )
    )
    return task


def _moved(task: Task, how: str, *fields: str) -> Task:
    task.save(update_fields=[*fields, "updated_at"])
    publish(
        TaskMoved(
            person_id=task.person_id,
            task_id=task.pk,
            task_kind=task.kind,
            organization_id=task.organization_id,
            how=how,
        )
    )
    return _numbered(task)


def _numbered(task: Task) -> Task:
    """Read which version the database made of it: the one that « Annuler » undoes."""
    task.refresh_from_db(fields=["version"])
    return task
