"""What moves on the worklist, said so that open screens refresh."""

from uuid import UUID

from cordee.kernel.facts import Fact


class TaskOpened(Fact, kind="pathways.task_opened"):
    """Une tâche attend l’équipe."""

    thread, subject = "person_id", "task_id"
    person_id: UUID | None
    task_id: UUID
    task_kind: str
    organization_id: UUID


class TaskSettled(Fact, kind="pathways.task_settled"):
    """Une tâche est terminée."""

    thread, subject = "person_id", "task_id"
    person_id: UUID | None
    task_id: UUID
    task_kind: str
    organization_id: UUID
    state: str


class TaskMoved(Fact, kind="pathways.task_moved"):
    """Une tâche est confiée, reportée ou reprise."""

    thread, subject = "person_id", "task_id"
    person_id: UUID | None
    task_id: UUID
    task_kind: str
    organization_id: UUID
    how: str
