"""The one worklist table: whatever waits for somebody of the team."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.models import Organization
from cordee.pathways.rules import kinds
from cordee.people.models import Person


class TaskQuerySet(RecordQuerySet):
    """Filters of the worklist."""

    def open(self) -> "TaskQuerySet":
        """What is not settled yet."""
        return self.filter(state=Task.State.OPEN)

    def awake(self, now) -> "TaskQuerySet":
        """What is not put off until later."""
        return self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now))

    def about(self, origin: str) -> "TaskQuerySet":
        """What one thing of another room gave rise to."""
        return self.filter(origin=origin)


class Task(Record):
    """Something that waits for somebody: opened and settled by facts, or by hand."""

    class Box(models.TextChoices):
        REQUESTS = "requests", "demandes"
        ANSWERS = "answers", "réponses attendues"
        ALERTS = "alerts", "alertes"
        TASKS = "tasks", "tâches"
        MESSAGES = "messages", "messages"

    class State(models.TextChoices):
        OPEN = "open", "à faire"
        DONE = "done", "fait"
        DROPPED = "dropped", "sans objet"

    class Urgency(models.IntegerChoices):
        NOW = 0, "maintenant"
        TONIGHT = 1, "ce soir"
        SOON = 2, "sous 24 h"
        NORMAL = 3, "sous 72 h"
        PLANNED = 4, "programmé"

    lets_go = ""
    privacy = Privacy(
        clinical="kind origin",
        identifying="person",
        plain="box organization assignee role state urgency since_at due_at sorts_at "
        "snoozed_until settled_at settled_by",
    )

    kind = models.CharField("nature", max_length=24, choices=kinds.choices)
    box = models.CharField("boîte", max_length=10, choices=Box)
    # Without an index of its own: half a million rows of one desk would be read beside fifty keys.
    organization = models.ForeignKey(
        Organization, models.PROTECT, db_index=False, verbose_name="structure"
    )
    role = models.CharField("réservée au rôle", max_length=16, blank=True)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="personne accompagnée"
    )
    assignee = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name="confiée à",
    )
    origin = models.CharField("objet", max_length=100)
    state = models.CharField("état", max_length=8, choices=State, default=State.OPEN)
    urgency = models.PositiveSmallIntegerField("urgence", choices=Urgency, default=Urgency.NORMAL)
    since_at = models.DateTimeField("depuis")
    due_at = models.DateTimeField("à faire avant", null=True, blank=True)
    sorts_at = models.DateTimeField("rang")
    snoozed_until = models.DateTimeField("reportée jusqu’au", null=True, blank=True)
    settled_at = models.DateTimeField("terminée le", null=True, blank=True)
    settled_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="terminée par",
    )

    objects: ClassVar = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = "tâche"
        constraints = [
            models.UniqueConstraint(
                name="pathways_task_is_open_once_per_desk_and_role",
                fields=["origin", "kind", "role", "organization"],
                condition=Q(state="open"),
            ),
            models.CheckConstraint(
                name="pathways_task_is_dated_when_settled",
                condition=Q(state="open", settled_at=None)
                | (~Q(state="open") & Q(settled_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="pathways_task_urgency_is_known", condition=Q(urgency__lte=4)
            ),
        ]
        indexes = [
            models.Index(
                name="pathways_task_worklist",
                fields=["organization", "urgency", "sorts_at", "id"],
                condition=Q(state="open"),
            ),
            models.Index(
                name="pathways_task_of_box",
                fields=["organization", "box", "urgency", "sorts_at", "id"],
                condition=Q(state="open"),
            ),
            models.Index(
                name="pathways_task_mine",
                fields=["assignee", "urgency", "sorts_at", "id"],
                condition=Q(state="open"),
            ),
            models.Index(name="pathways_task_by_origin", fields=["origin", "kind"]),
        ]


class HandOver(Record):
    """Persons and tasks that went together from one colleague to another, and why."""

    class Reason(models.TextChoices):
        LOAD = "load", "équilibrer les suivis"
        ABSENCE = "absence", "absence ou congé"
        LEAVING = "leaving", "départ de l’équipe"
        NEAR = "near", "secteur, ou personne déjà connue"
        ASKED = "asked", "demande de la personne"
        OTHER = "other", "autre motif"

    person_path = "no_person"
    privacy = Privacy(
        identifying="giver receiver made_by",
        clinical="words",
        plain="organization reason made_at tasks_moved plans_moved refused",
    )

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure"
    )
    giver = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", verbose_name="remis par"
    )
    receiver = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="remis à")
    reason = models.CharField("motif", max_length=8, choices=Reason)
    words = models.CharField("précision", max_length=300, blank=True)
    made_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="décidé par"
    )
    made_at = models.DateTimeField("remis le")
    tasks_moved = models.PositiveIntegerField("tâches remises", default=0)
    plans_moved = models.PositiveIntegerField("plans remis", default=0)
    refused = models.JSONField("lignes restées où elles étaient", default=list)

    class Meta:
        verbose_name = "remise de suivis"
        verbose_name_plural = "remises de suivis"
        constraints = [
            models.CheckConstraint(
                name="pathways_hand_over_goes_to_another", condition=~Q(giver=models.F("receiver"))
            ),
            models.CheckConstraint(
                name="pathways_hand_over_moves_something",
                condition=Q(tasks_moved__gt=0) | Q(plans_moved__gt=0),
            ),
        ]


class GateTask(models.Model):
    """Where a task stands in the order, whoever reads: a view of the owner's (ADR 0015)."""

    id = models.UUIDField(primary_key=True)
    organization = models.UUIDField("structure", db_column="organization_id")
    role = models.TextField("réservée au rôle")
    person = models.UUIDField("personne accompagnée", null=True, db_column="person_id")
    assignee = models.UUIDField("confiée à", null=True, db_column="assignee_id")
    state = models.TextField("état")
    box = models.TextField("boîte")
    urgency = models.SmallIntegerField("urgence")
    sorts_at = models.DateTimeField("rang")
    snoozed_until = models.DateTimeField("reportée jusqu’à", null=True)

    objects: ClassVar = TaskQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "pathways_gate_task"
        verbose_name = "tâche"


class ShownTask(models.Model):
    """A line of the worklist with the names it says: a view under the second lock (ADR 0019)."""

    id = models.UUIDField(primary_key=True)
    organization = models.UUIDField("structure", db_column="organization_id")
    role = models.TextField("réservée au rôle")
    person = models.UUIDField("personne accompagnée", null=True, db_column="person_id")
    assignee = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", verbose_name="confiée à"
    )
    kind = models.TextField("nature")
    urgency = models.SmallIntegerField("urgence")
    since_at = models.DateTimeField("depuis")
    due_at = models.DateTimeField("à faire avant", null=True)
    sorts_at = models.DateTimeField("rang")
    used_first_name = models.TextField("prénom utilisé", null=True)
    first_name = models.TextField("premier prénom de naissance", null=True)
    first_names = models.TextField("prénoms de naissance", null=True)
    birth_name = models.TextField("nom de naissance", null=True)
    used_name = models.TextField("nom utilisé", null=True)
    sex = models.TextField("sexe", null=True)

    objects: ClassVar = TaskQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "pathways_shown_task"
        verbose_name = "tâche"
